"""Reading the truth."""

from itertools import islice

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.world.control.body import ControlError, query_number, query_of
from chorus_sandbox.world.control.context import ControlContext
from chorus_sandbox.world.truth import EFFECT_KINDS, Truth, Wanted

DEFAULT_LIMIT = 1000
HIGHEST_LIMIT = 10_000
HIGHEST_SEQ = 1_000_000_000


async def read_truth(context: ControlContext) -> Answer:
    """Effects in order. `next_since` goes on where this answer was cut by `limit`."""
    found = query_of(context.request, "kind", "account_id", "post_id", "since", "limit")
    if found.get("kind") not in {None, *EFFECT_KINDS}:
        raise ControlError(f"kind must be one of {', '.join(EFFECT_KINDS)}.")
    limit = query_number(found, "limit", DEFAULT_LIMIT, highest=HIGHEST_LIMIT)
    truth = context.sandbox.truth
    wanted = Wanted(
        kind=found.get("kind"),
        account_id=found.get("account_id"),
        post_id=_social_id(context, found.get("post_id")),
        since=query_number(found, "since", 0, highest=HIGHEST_SEQ),
    )
    effects = list(islice(truth.matching(wanted), limit + 1))
    cut = len(effects) > limit
    shown = effects[:limit]
    return json_answer(
        200,
        {
            "effects": [effect.as_json() for effect in shown],
            "next_since": (shown[-1].seq if shown else wanted.since) if cut else None,
            **_summary(truth),
        },
    )


def _social_id(context: ControlContext, reference: str | None) -> str | None:
    if reference is None:
        return None
    post = context.sandbox.state.posts_by_reference.get(reference)
    return reference if post is None else post.social_id


async def read_summary(context: ControlContext) -> Answer:
    truth = context.sandbox.truth
    accounts = {name: dict(counts) for name, counts in truth.account_counts.items()}
    voice_calls = context.sandbox.voice_calls
    return json_answer(200, _summary(truth) | {"by_account": accounts, "voice_calls": voice_calls})


async def read_refused(context: ControlContext) -> Answer:
    """Refused writes in order, after the first `skip` of them."""
    found = query_of(context.request, "skip", "limit")
    skip = query_number(found, "skip", 0, highest=HIGHEST_SEQ)
    limit = query_number(found, "limit", DEFAULT_LIMIT, highest=HIGHEST_LIMIT)
    refused = context.sandbox.truth.refused
    items = [item.as_json() for item in islice(refused, skip, skip + limit)]
    return json_answer(200, {"items": items, "total": len(refused)})


def _summary(truth: Truth) -> dict[str, object]:
    return {
        "total": len(truth.effects),
        "counts": dict(truth.counts),
        "doubles": truth.doubles(),
        "refused": {kind: dict(counts) for kind, counts in truth.refused_counts.items()},
    }
