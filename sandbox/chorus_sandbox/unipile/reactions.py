"""POST /posts/reaction and the listing of a post's reactions. The hot path of benchmarks."""

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.unipile import lookups
from chorus_sandbox.unipile.context import Context
from chorus_sandbox.unipile.fields import optional_text, query_account, required_text
from chorus_sandbox.unipile.paging import ITEMS_LIMIT, page_answer, page_of
from chorus_sandbox.unipile.rendering import reaction_json
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.view import View

# What is sent, and how LinkedIn reads it back.
VALUES = {
    "like": "LIKE",
    "celebrate": "PRAISE",
    "support": "APPRECIATION",
    "love": "EMPATHY",
    "insightful": "INTEREST",
    "funny": "ENTERTAINMENT",
}
_FIELDS = frozenset({"account_id", "post_id", "reaction_type", "comment_id", "as_organization"})
_ADDED = json_answer(201, {"object": "ReactionAdded"})


def react(context: Context) -> Call:
    body = context.json(_FIELDS)
    account_id = required_text(body, "account_id")
    social_id = lookups.check_social_id(required_text(body, "post_id"))
    value = _value(body.get("reaction_type", "like"))
    comment_id = optional_text(body, "comment_id")
    optional_text(body, "as_organization")

    def run() -> Answer:
        return _add(context, account_id, social_id, value, comment_id)

    return context.write("like", account_id, run, post_id=social_id)


def _value(given: object) -> str:
    value = VALUES.get(given) if isinstance(given, str) else None
    if value is None:
        raise Refusal("invalid_parameters", f"reaction_type must be one of {', '.join(VALUES)}.")
    return value


def _add(
    context: Context, account_id: str, social_id: str, value: str, comment_id: str | None
) -> Answer:
    """LinkedIn keeps one reaction a person; the truth still counts each one that was accepted."""
    sandbox, request = context.sandbox, context.request
    account = lookups.usable_account(sandbox.state, account_id)
    post = lookups.post_for_action(sandbox.state, social_id)
    comment = lookups.comment_of(sandbox.state, post, comment_id)
    if not post.permissions.can_react:
        raise Refusal("insufficient_permissions", "Reactions are not allowed on this post.")
    effect = sandbox.truth.record(
        kind="like",
        account_id=account_id,
        target=comment_id or social_id,
        post_id=social_id,
        reaction=value,
        request_id=request.request_id,
        request_headers=request.headers,
    )
    sandbox.state.react(
        author=account.person,
        post=post,
        comment=comment,
        value=value,
        created_ms=effect.at_ns // 1_000_000,
        written=sandbox.landing(),
    )
    return _ADDED


def list_reactions(context: Context) -> Call:
    found = context.query("account_id", "comment_id", "cursor", "limit")
    account_id = query_account(found)
    social_id = lookups.check_social_id(context.params[0])
    comment_id = found.get("comment_id")
    page = page_of(found, f"reactions:{social_id}:{comment_id or ''}", ITEMS_LIMIT)

    def run(view: View) -> Answer:
        state = context.sandbox.state
        lookups.usable_account(state, account_id)
        post = lookups.post_for_action(state, social_id)
        reactions = view.listed((lookups.comment_of(state, post, comment_id) or post).reactions)
        extra: dict[str, object] = {"total_items": len(reactions)}
        return page_answer(page, "PostReactionList", reactions, reaction_json, extra)

    return context.read(account_id, run, post_id=social_id)
