"""Comments and replies on a post. The answer to a comment holds no id, as the schema says."""

from collections.abc import Sequence
from dataclasses import dataclass

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.unipile import lookups
from chorus_sandbox.unipile.context import Context
from chorus_sandbox.unipile.fields import (
    at_most,
    optional_mentions,
    optional_text,
    query_account,
    required_text,
)
from chorus_sandbox.unipile.paging import ITEMS_LIMIT, Page, page_answer, page_of
from chorus_sandbox.unipile.rendering import Looks
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.people import Comment
from chorus_sandbox.world.view import View

TEXT_LIMIT = 1250

_FIELDS = frozenset(
    {"account_id", "text", "comment_id", "mentions", "external_link", "as_organization"}
)
_SENT = json_answer(201, {"object": "CommentSent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    account_id: str
    social_id: str
    text: str
    parent_id: str | None
    mentioned: tuple[str, ...]


def comment(context: Context) -> Call:
    draft = _draft(context)

    def run() -> Answer:
        return _add(context, draft)

    return context.write("comment", draft.account_id, run, post_id=draft.social_id)


def _draft(context: Context) -> _Draft:
    social_id = lookups.check_social_id(context.params[0])
    body = context.json(_FIELDS)
    draft = _Draft(
        account_id=required_text(body, "account_id"),
        social_id=social_id,
        text=at_most(required_text(body, "text"), "text", TEXT_LIMIT),
        parent_id=optional_text(body, "comment_id"),
        mentioned=optional_mentions(body),
    )
    optional_text(body, "external_link")
    optional_text(body, "as_organization")
    return draft


def _add(context: Context, draft: _Draft) -> Answer:
    sandbox, request = context.sandbox, context.request
    account = lookups.usable_account(sandbox.state, draft.account_id)
    post = lookups.post_for_action(sandbox.state, draft.social_id)
    parent = lookups.comment_of(sandbox.state, post, draft.parent_id)
    if not post.permissions.can_post_comments:
        raise Refusal("insufficient_permissions", "Comments are not allowed on this post.")
    effect = sandbox.truth.record(
        kind="comment",
        account_id=draft.account_id,
        target=draft.parent_id or draft.social_id,
        post_id=draft.social_id,
        text=draft.text,
        request_id=request.request_id,
        request_headers=request.headers,
    )
    sandbox.state.add_comment(
        author=account.person,
        post=post,
        parent=parent,
        text=sandbox.shown(draft.text, draft.mentioned),
        created_ms=effect.at_ns // 1_000_000,
        written=sandbox.landing(),
    )
    return _SENT


def list_comments(context: Context) -> Call:
    found = context.query("account_id", "comment_id", "cursor", "limit")
    account_id = query_account(found)
    social_id = lookups.check_social_id(context.params[0])
    parent_id = found.get("comment_id")
    page = page_of(found, f"comments:{social_id}:{parent_id or ''}", ITEMS_LIMIT)

    def run(view: View) -> Answer:
        state = context.sandbox.state
        lookups.usable_account(state, account_id)
        post = lookups.post_for_action(state, social_id)
        parent = lookups.comment_of(state, post, parent_id)
        listed = view.listed(parent.replies if parent else post.comments)
        return comment_page(page, listed, Looks(context.sandbox))

    return context.read(account_id, run, post_id=social_id)


def comment_page(page: Page, comments: Sequence[Comment], looks: Looks) -> Answer:
    end = len(comments) if page.before is None else min(page.before, len(comments))
    paging = {
        "start": len(comments) - end,
        "page_count": min(page.limit, end),
        "total_count": len(comments),
    }
    extra: dict[str, object] = {"total_items": len(comments), "paging": paging}
    return page_answer(page, "CommentList", comments, looks.comment, extra)
