"""Control of faults, hold points, latency and settings."""

import asyncio
from typing import get_args

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.world.control.body import Body, ControlError, query_number, query_of
from chorus_sandbox.world.control.context import ControlContext
from chorus_sandbox.world.faults import (
    FAULT_KINDS,
    FIXED_PLACE,
    NEEDS_MS,
    STRIKES_AFTER,
    Fault,
)
from chorus_sandbox.world.hold_points import HoldPoint, When
from chorus_sandbox.world.hosted import CALLBACKS
from chorus_sandbox.world.matching import Match
from chorus_sandbox.world.truth import EFFECT_KINDS
from chorus_sandbox.world.webhooks import CALLS

WHENS = get_args(When)
LONGEST_MS = 120_000


async def create_fault(context: ControlContext) -> Answer:
    body = context.body()
    kind = body.choice("kind", FAULT_KINDS)
    if kind is None:
        raise ControlError("kind must be given.")
    ms = body.integer("ms")
    default_times = -1 if kind == "stale_reads" and ms is not None else 1
    times = body.integer("times", low=-1)
    probability = body.share("probability")
    fault = Fault(
        id=context.sandbox.faults.next_id(),
        kind=kind,  # type: ignore[arg-type] # checked by choice()
        match=match_of(context, body.inner("match")),
        when=_when(body, kind),
        times=default_times if times is None else times,
        probability=1.0 if probability is None else probability,
        seed=body.integer("seed") or 0,
        type=body.choice("type", sorted(_error_types(context))),
        retry_after=body.integer("retry_after"),
        ms=ms,
    )
    body.done()
    _check(fault)
    context.sandbox.faults.add(fault)
    return json_answer(201, fault.as_json())


def _error_types(context: ControlContext) -> set[str]:
    return {name for provider in context.providers for name in provider.error_types}


def _when(body: Body, kind: str) -> When:
    given = body.choice("when", WHENS)
    usual: When = "after" if kind in STRIKES_AFTER else "before"
    if given is None or given == usual:
        return usual
    if kind in FIXED_PLACE:
        raise ControlError(f"{kind} strikes {usual} the effect.")
    return "after" if given == "after" else "before"


def _check(fault: Fault) -> None:
    if fault.kind == "status" and fault.type is None:
        raise ControlError("A status needs a type, as too_many_requests.")
    if fault.type is not None and fault.kind not in {"status", "late_effect"}:
        raise ControlError(f"{fault.kind} takes no type.")
    if fault.kind in NEEDS_MS and fault.ms is None:
        raise ControlError(f"{fault.kind} needs ms.")
    if fault.ms is not None and (
        fault.ms > LONGEST_MS or fault.kind not in NEEDS_MS | {"stale_reads"}
    ):
        raise ControlError(f"ms is at most {LONGEST_MS}, and of no use to some kinds.")


async def list_faults(context: ControlContext) -> Answer:
    faults = context.sandbox.faults.all.values()
    return json_answer(200, {"items": [fault.as_json() for fault in faults]})


async def remove_fault(context: ControlContext) -> Answer:
    if not context.sandbox.faults.remove(context.params[0]):
        raise ControlError(f"No fault {context.params[0]}.", status=404)
    return json_answer(200, {"removed": 1})


async def remove_faults(context: ControlContext) -> Answer:
    removed = len(context.sandbox.faults.all)
    context.sandbox.faults.clear()
    return json_answer(200, {"removed": removed})


async def create_hold_point(context: ControlContext) -> Answer:
    body = context.body()
    match = match_of(context, body.inner("match"))
    when: When = "after" if body.choice("when", WHENS) == "after" else "before"
    body.done()
    return json_answer(201, context.sandbox.hold_points.add(match=match, when=when).as_json())


async def list_hold_points(context: ControlContext) -> Answer:
    points = context.sandbox.hold_points.all.values()
    return json_answer(200, {"items": [point.as_json() for point in points]})


async def wait_at_hold_point(context: ControlContext) -> Answer:
    """Answers when `count` requests have arrived; 408 when they have not in time."""
    point = _hold_point(context)
    found = query_of(context.request, "timeout_ms", "count")
    timeout_ms = query_number(found, "timeout_ms", 10_000, highest=LONGEST_MS)
    try:
        async with asyncio.timeout(timeout_ms / 1000):
            await point.wait_for(query_number(found, "count", 1, highest=1_000_000))
    except TimeoutError:
        return json_answer(408, point.as_json())
    return json_answer(200, point.as_json())


async def release_hold_point(context: ControlContext) -> Answer:
    point = _hold_point(context)
    context.sandbox.hold_points.release(point)
    return json_answer(200, point.as_json())


def _hold_point(context: ControlContext) -> HoldPoint:
    point = context.sandbox.hold_points.all.get(context.params[0])
    if point is None:
        raise ControlError(f"No hold point {context.params[0]}.", status=404)
    return point


def match_of(context: ControlContext, body: Body) -> Match:
    routes = sorted(name for provider in context.providers for name in provider.route_names)
    match = Match(
        method=body.choice("method", ("GET", "POST", "PUT", "PATCH", "DELETE")),
        route=body.choice("route", routes),
        kind=body.choice("kind", EFFECT_KINDS),
        account_id=body.text("account_id"),
        post_id=body.text("post_id"),
    )
    body.done()
    return match


async def set_latency(context: ControlContext) -> Answer:
    body = context.body()
    ms = body.integer("ms")
    body.done()
    if ms is None or ms > LONGEST_MS:
        raise ControlError(f"ms must be given, at most {LONGEST_MS}.")
    context.sandbox.settings.latency_ms = ms
    return json_answer(200, {"ms": ms})


async def change_settings(context: ControlContext) -> Answer:
    settings = context.sandbox.settings
    body = context.body()
    strict = body.flag("strict")
    returns_id = body.flag("repost_returns_id")
    callbacks = body.choice("callbacks", CALLBACKS)
    status_calls = body.choice("status_calls", CALLS)
    body.done()
    settings.strict = settings.strict if strict is None else strict
    settings.repost_returns_id = settings.repost_returns_id if returns_id is None else returns_id
    context.sandbox.hosted.callbacks = callbacks or context.sandbox.hosted.callbacks
    calls = context.sandbox.status_calls
    calls.calls = status_calls or calls.calls
    return json_answer(
        200,
        {
            "status_calls": calls.calls,
            "callbacks": context.sandbox.hosted.callbacks,
            "strict": settings.strict,
            "repost_returns_id": settings.repost_returns_id,
            "latency_ms": settings.latency_ms,
        },
    )


async def set_voice(context: ControlContext) -> Answer:
    """`content` fixes the voice's answers; null gives back the ones made from the request."""
    body = context.body()
    context.sandbox.voice_script = body.text("content")
    body.done()
    return json_answer(200, {"content": context.sandbox.voice_script})
