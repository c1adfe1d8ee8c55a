"""Unipile v1's objects."""

from chorus_sandbox.world.instants import iso_ms
from chorus_sandbox.world.people import Account, Person
from chorus_sandbox.world.posts import Comment, Post, Reaction
from chorus_sandbox.world.view import View

JsonObject = dict[str, object]


def account_json(account: Account) -> JsonObject:
    person = account.person
    return {
        "object": "Account",
        "id": account.id,
        "name": person.name,
        "type": "LINKEDIN",
        "created_at": iso_ms(account.created_ms),
        "connection_params": {
            "im": {
                "id": person.provider_id,
                "username": person.name,
                "publicIdentifier": person.public_identifier,
                "premiumId": None,
                "premiumContractId": None,
                "premiumFeatures": [],
                "organizations": [],
            }
        },
        "groups": [],
        "signatures": [],
        "sources": [{"id": f"{account.id}_MESSAGING", "status": account.status}],
    }


def own_profile_json(person: Person) -> JsonObject:
    first, _, last = person.name.partition(" ")
    return {
        "object": "AccountOwnerProfile",
        "provider": "LINKEDIN",
        "provider_id": person.provider_id,
        "public_identifier": person.public_identifier,
        "first_name": first,
        "last_name": last,
        "occupation": person.headline,
        "public_profile_url": person.profile_url,
        "premium": False,
        "organizations": [],
    }


def profile_json(person: Person, *, own: bool) -> JsonObject:
    first, _, last = person.name.partition(" ")
    return {
        "object": "UserProfile",
        "provider": "LINKEDIN",
        "provider_id": person.provider_id,
        "public_identifier": person.public_identifier,
        "first_name": first,
        "last_name": last,
        "headline": person.headline,
        "public_profile_url": person.profile_url,
        "is_self": own,
        "is_relationship": not own and person.degree == "FIRST_DEGREE",
        "network_distance": "SELF" if own else person.degree,
    }


def post_json(post: Post, view: View, reader: str) -> JsonObject:
    """`reader` is the provider id of the account that asks, for `user_reacted`."""
    reaction = post.reacted.get(reader)
    seen = reaction is not None and bool(view.visible((reaction,)))
    body: JsonObject = {
        "object": "Post",
        "provider": "LINKEDIN",
        "id": post.id,
        "social_id": post.social_id,
        "share_url": post.share_url,
        "text": post.text,
        "date": iso_ms(post.created_ms),
        "parsed_datetime": iso_ms(post.created_ms),
        "reaction_counter": len(view.visible(post.reactions)),
        "comment_counter": len(view.visible(post.comments)),
        "repost_counter": len(view.visible(post.reposts)),
        "impressions_counter": 0,
        "author": _author(post.author),
        "permissions": {
            "can_react": post.permissions.can_react,
            "can_share": post.permissions.can_share,
            "can_post_comments": post.permissions.can_post_comments,
        },
        "is_repost": post.original is not None,
        "attachments": [{"type": "img", "id": name} for name in post.attachments],
    }
    if reaction is not None and seen:
        body["user_reacted"] = reaction.value
    if post.original is not None:
        body |= _repost_fields(post, post.original)
    return body


def _repost_fields(post: Post, original: Post) -> JsonObject:
    return {
        "repost_id": original.id,
        "reposted_by": _author(post.author),
        "repost_content": {
            "id": original.id,
            "date": iso_ms(original.created_ms),
            "author": _author(original.author),
            "text": original.text,
        },
    }


def comment_json(comment: Comment) -> JsonObject:
    person = comment.author
    return {
        "object": "Comment",
        "id": comment.id,
        "post_id": comment.post.id,
        "post_urn": comment.post.social_id,
        "thread_id": comment.parent.id if comment.parent else comment.id,
        "author": person.name,
        "author_details": _details(person),
        "date": iso_ms(comment.created_ms),
        "text": comment.text,
        "reaction_counter": len(comment.reactions),
        "reply_counter": len(comment.replies),
    }


def reaction_json(reaction: Reaction) -> JsonObject:
    body: JsonObject = {
        "object": "PostReaction",
        "value": reaction.value,
        "post_id": reaction.post.social_id,
        "author": {
            "type": "INDIVIDUAL",
            "name": reaction.author.name,
            **_details(reaction.author),
        },
    }
    if reaction.comment is not None:
        body["comment_id"] = reaction.comment.id
    return body


def _author(person: Person) -> JsonObject:
    return {
        "public_identifier": person.public_identifier,
        "id": person.provider_id,
        "name": person.name,
        "is_company": False,
        "headline": person.headline,
    }


def _details(person: Person) -> JsonObject:
    return {
        "id": person.provider_id,
        "headline": person.headline,
        "profile_url": person.profile_url,
        "network_distance": person.degree,
    }
