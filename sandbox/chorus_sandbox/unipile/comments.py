"""Comments and replies on a post. The answer to a comment holds no id, as the schema says."""

from collections.abc import Sequence

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
from chorus_sandbox.unipile.rendering import comment_json
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.posts import Comment
from chorus_sandbox.world.view import View

TEXT_LIMIT = 1250

_FIELDS = frozenset(
    {"account_id", "text", "comment_id", "mentions", "external_link", "as_organization"}
)
_SENT = json_answer(201, {"object": "CommentSent"})


def comment(context: Context) -> Call:
    social_id = lookups.check_social_id(context.params[0])
    body = context.json(_FIELDS)
    account_id = required_text(body, "account_id")
    text = at_most(required_text(body, "text"), "text", TEXT_LIMIT)
    parent_id = optional_text(body, "comment_id")
    optional_mentions(body)
    optional_text(body, "external_link")
    optional_text(body, "as_organization")

    def run() -> Answer:
        return _add(context, account_id, social_id, text, parent_id)

    return context.write("comment", account_id, run, post_id=social_id)


def _add(
    context: Context, account_id: str, social_id: str, text: str, parent_id: str | None
) -> Answer:
    sandbox, request = context.sandbox, context.request
    account = lookups.usable_account(sandbox.state, account_id)
    post = lookups.post_for_action(sandbox.state, social_id)
    parent = lookups.comment_of(sandbox.state, post, parent_id)
    if not post.permissions.can_post_comments:
        raise Refusal("insufficient_permissions", "Comments are not allowed on this post.")
    effect = sandbox.truth.record(
        kind="comment",
        account_id=account_id,
        target=parent_id or social_id,
        post_id=social_id,
        text=text,
        request_id=request.request_id,
        request_headers=request.headers,
    )
    sandbox.state.add_comment(
        author=account.person,
        post=post,
        parent=parent,
        text=text,
        created_ms=effect.at_ns // 1_000_000,
        written=effect.monotonic,
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
        return comment_page(page, view.visible(parent.replies if parent else post.comments))

    return context.read(account_id, run, post_id=social_id)


def comment_page(page: Page, comments: Sequence[Comment]) -> Answer:
    end = len(comments) if page.before is None else min(page.before, len(comments))
    paging = {
        "start": len(comments) - end,
        "page_count": min(page.limit, end),
        "total_count": len(comments),
    }
    extra: dict[str, object] = {"total_items": len(comments), "paging": paging}
    return page_answer(page, "CommentList", comments, comment_json, extra)
