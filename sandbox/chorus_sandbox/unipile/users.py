"""Profiles, and what a person has posted, commented and reacted to."""

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.unipile import lookups
from chorus_sandbox.unipile.comments import comment_page
from chorus_sandbox.unipile.context import Context
from chorus_sandbox.unipile.fields import query_account
from chorus_sandbox.unipile.paging import ITEMS_LIMIT, page_answer, page_of
from chorus_sandbox.unipile.rendering import (
    Looks,
    own_profile_json,
    profile_json,
    reaction_json,
)
from chorus_sandbox.world.calls import Call
from chorus_sandbox.world.people import Post
from chorus_sandbox.world.view import View


def own_profile(context: Context) -> Call:
    account_id = query_account(context.query("account_id"))

    def run(_view: View) -> Answer:
        account = lookups.usable_account(context.sandbox.state, account_id)
        return json_answer(200, own_profile_json(account.person))

    return context.read(account_id, run)


def get_profile(context: Context) -> Call:
    found = context.query("account_id", "linkedin_sections", "linkedin_api", "notify")
    account_id = query_account(found)
    identifier = context.params[0]

    def run(_view: View) -> Answer:
        account = lookups.usable_account(context.sandbox.state, account_id)
        person = lookups.person_by_any_id(context.sandbox.state, identifier)
        return json_answer(200, profile_json(person, own=person is account.person))

    return context.read(account_id, run)


def user_posts(context: Context) -> Call:
    found = context.query("account_id", "is_company", "cursor", "limit")
    account_id = query_account(found)
    identifier = context.params[0]
    page = page_of(found, f"posts-of:{identifier}", ITEMS_LIMIT)
    looks = Looks(context.sandbox)

    def run(view: View) -> Answer:
        reader = lookups.usable_account(context.sandbox.state, account_id).person.provider_id
        person = lookups.person_by_provider_id(context.sandbox.state, identifier)
        posts = [post for post in view.listed(person.posts) if not post.gone]

        def render(post: Post) -> dict[str, object]:
            return looks.post(post, view, reader)

        return page_answer(page, "PostList", posts, render)

    return context.read(account_id, run)


def user_comments(context: Context) -> Call:
    found = context.query("account_id", "cursor", "limit")
    account_id = query_account(found)
    identifier = context.params[0]
    page = page_of(found, f"comments-of:{identifier}", ITEMS_LIMIT)

    def run(view: View) -> Answer:
        lookups.usable_account(context.sandbox.state, account_id)
        person = lookups.person_by_provider_id(context.sandbox.state, identifier)
        return comment_page(page, view.listed(person.comments), Looks(context.sandbox))

    return context.read(account_id, run)


def user_reactions(context: Context) -> Call:
    found = context.query("account_id", "cursor", "limit")
    account_id = query_account(found)
    identifier = context.params[0]
    page = page_of(found, f"reactions-of:{identifier}", ITEMS_LIMIT)

    def run(view: View) -> Answer:
        lookups.usable_account(context.sandbox.state, account_id)
        person = lookups.person_by_provider_id(context.sandbox.state, identifier)
        return page_answer(page, "PostReactionList", view.listed(person.reactions), reaction_json)

    return context.read(account_id, run)
