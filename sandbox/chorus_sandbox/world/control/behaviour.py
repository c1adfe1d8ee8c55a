"""Control of how the network behaves."""

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.world.control.body import ControlError
from chorus_sandbox.world.control.context import ControlContext

LONGEST_MS = 120_000
_FLAGS = ("rewrites_texts", "three_ids", "late_answered", "relative_dates", "names_authors")
_TIMES = ("late_ms", "behind_ms")


async def read_behaviour(context: ControlContext) -> Answer:
    return json_answer(200, context.sandbox.behaviour.as_json())


async def change_behaviour(context: ControlContext) -> Answer:
    """What is not named stays as it is."""
    body = context.body()
    changes: dict[str, object] = {name: body.flag(name) for name in _FLAGS}
    for name in _TIMES:
        changes[name] = ms = body.integer(name)
        if ms is not None and ms > LONGEST_MS:
            raise ControlError(f"{name} is at most {LONGEST_MS}.")
    changes["late_share"] = body.share("late_share")
    body.done()
    for name, value in changes.items():
        if value is not None:
            setattr(context.sandbox.behaviour, name, value)
    return json_answer(200, context.sandbox.behaviour.as_json())
