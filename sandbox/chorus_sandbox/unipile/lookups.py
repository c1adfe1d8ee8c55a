"""From ids to things, with the refusals that Unipile gives for ids of the wrong form."""

from chorus_sandbox.world.calls import Refusal
from chorus_sandbox.world.ids import is_bare_number, is_provider_id, is_urn
from chorus_sandbox.world.people import Account, AccountStatus, Comment, Person, Post
from chorus_sandbox.world.state import State
from chorus_sandbox.world.view import View

_NOT_USABLE: dict[AccountStatus, tuple[str, str]] = {
    "STOPPED": ("disconnected_account", "The account is stopped."),
    "ERROR": ("disconnected_account", "The account is in error."),
    "CREDENTIALS": ("disconnected_account", "The account must be reconnected by its user."),
    "PERMISSIONS": ("insufficient_permissions", "The account lacks permissions."),
    "CONNECTING": ("no_client_session", "The account is still connecting."),
}


def known_account(state: State, account_id: str) -> Account:
    account = state.accounts.get(account_id)
    if account is None:
        raise Refusal("resource_not_found", "Account not found.")
    return account


def usable_account(state: State, account_id: str) -> Account:
    """An account that can reach LinkedIn now."""
    account = known_account(state, account_id)
    if account.status != "OK":
        raise Refusal(*_NOT_USABLE[account.status])
    return account


def check_social_id(given: str) -> str:
    """Actions take a URN; a bare number is ambiguous, as three kinds of number name one post."""
    if is_urn(given):
        return given
    if is_bare_number(given):
        raise Refusal("invalid_post", "Use the post's social_id, not its number.")
    raise Refusal("invalid_resource_identifier", f"Not the id of a post: {given}")


def post_for_action(state: State, social_id: str) -> Post:
    post = state.posts_by_social_id.get(social_id)
    if post is None or post.gone:
        raise Refusal("resource_not_found", "No post has this social_id.")
    return post


def post_to_read(state: State, reference: str, view: View) -> Post:
    """The post with this activity number, or this activity, share or ugcPost URN."""
    if not is_urn(reference) and not is_bare_number(reference):
        raise Refusal("invalid_resource_identifier", f"Not the id of a post: {reference}")
    post = state.posts_by_reference.get(reference)
    if post is None or post.gone or not view.exists(post):
        raise Refusal("resource_not_found", "Post not found.")
    return post


def comment_of(state: State, post: Post, comment_id: str | None) -> Comment | None:
    if comment_id is None:
        return None
    comment = state.comments.get(comment_id)
    if comment is None or comment.post is not post:
        raise Refusal("resource_not_found", "The post has no such comment.")
    return comment


def person_by_any_id(state: State, identifier: str) -> Person:
    person = state.people.get(identifier) or state.people_by_slug.get(identifier)
    if person is None:
        raise Refusal("resource_not_found", "User not found.")
    return person


def person_by_provider_id(state: State, identifier: str) -> Person:
    if not is_provider_id(identifier):
        raise Refusal("invalid_resource_identifier", "A provider id (ACo…) is needed here.")
    return person_by_any_id(state, identifier)
