"""Unipile v1's objects."""

from dataclasses import dataclass

from chorus_sandbox.world.instants import ago, iso_ms
from chorus_sandbox.world.people import Account, Comment, Person, Post, Reaction
from chorus_sandbox.world.sandbox import Sandbox
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


def post_id(sandbox: Sandbox, post: Post) -> str:
    """The id by which a post is named: its activity's number, or the URN of another number."""
    form = sandbox.behaviour.form()
    return post.id if form == "activity" else post.numbers.urn(form)


@dataclass(frozen=True, slots=True)
class Looks:
    """Posts and comments as this network shows them now: by which id, with what date."""

    sandbox: Sandbox

    def post(self, post: Post, view: View, reader: str) -> JsonObject:
        """`reader` is the provider id of the account that asks, for `user_reacted`."""
        reaction = post.reacted.get(reader)
        body: JsonObject = {
            "object": "Post",
            "provider": "LINKEDIN",
            "id": post_id(self.sandbox, post),
            "social_id": post.social_id,
            "share_url": self._share_url(post),
            "text": post.text,
            **self._dates(post.created_ms),
            "reaction_counter": len(view.visible(post.reactions)),
            "comment_counter": len(view.visible(post.comments)),
            "repost_counter": len(view.visible(post.reposts)),
            "impressions_counter": 0,
            **self._author_of(post),
            "permissions": {
                "can_react": post.permissions.can_react,
                "can_share": post.permissions.can_share,
                "can_post_comments": post.permissions.can_post_comments,
            },
            "is_repost": post.original is not None,
            "attachments": [{"type": "img", "id": name} for name in post.attachments],
        }
        if reaction is not None and view.visible((reaction,)):
            body["user_reacted"] = reaction.value
        if post.original is not None:
            body |= self._repost_fields(post, post.original)
        return body

    def comment(self, comment: Comment) -> JsonObject:
        person = comment.author
        return {
            "object": "Comment",
            "id": comment.id,
            "post_id": post_id(self.sandbox, comment.post),
            "post_urn": comment.post.numbers.urn(self.sandbox.behaviour.form(comment.post.form)),
            "thread_id": comment.parent.id if comment.parent else comment.id,
            "author": person.name,
            "author_details": _details(person),
            "date": self._date(comment.created_ms),
            "text": comment.text,
            "reaction_counter": len(comment.reactions),
            "reply_counter": len(comment.replies),
        }

    def _repost_fields(self, post: Post, original: Post) -> JsonObject:
        return {
            "repost_id": post_id(self.sandbox, original),
            "reposted_by": _author(post.author),
            "repost_content": {
                "id": post_id(self.sandbox, original),
                "date": self._date(original.created_ms),
                "author": _author(original.author),
                "text": original.text,
            },
        }

    def _share_url(self, post: Post) -> str:
        form = self.sandbox.behaviour.form()
        if form == "activity":
            return post.share_url
        number = post.numbers.urn(form).rpartition(":")[2]
        return post.share_url.replace(f"activity-{post.id}", f"{form}-{number}")

    def _author_of(self, post: Post) -> JsonObject:
        return {"author": _author(post.author)} if self.sandbox.behaviour.names_authors else {}

    def _dates(self, created_ms: int) -> JsonObject:
        shown: JsonObject = {"date": self._date(created_ms)}
        if not self.sandbox.behaviour.relative_dates:
            shown["parsed_datetime"] = iso_ms(created_ms)
        return shown

    def _date(self, created_ms: int) -> str:
        if not self.sandbox.behaviour.relative_dates:
            return iso_ms(created_ms)
        return ago((self.sandbox.now_ms() - created_ms) // 1000)


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
