"""A network that takes its time with a call whose executor is not heard of any more."""

import asyncio

import pytest

from chorus.testing import eventually
from chorus.vocabulary import Kind, Outcome
from tests.integration.executor.harness import ROUTES, Harness


@pytest.mark.parametrize("kind", [Kind.LIKE, Kind.COMMENT])
async def test_a_call_that_outlasts_its_executor_is_waited_for(
    harness: Harness, kind: Kind
) -> None:
    """INVARIANT: whoever takes over calls nothing absent while the first call may take effect.

    The network lets the call go when the looks of a verification would be over by themselves, and
    the call's own time-out is not.
    """
    first = await harness.executor(engagement_seconds=1.6)
    second = await harness.executor(engagement_seconds=1.6)
    point = harness.hold_point(ROUTES[kind], "before")
    handling = asyncio.create_task(first.handle(await harness.due(kind, text="Well said.")))
    await point.wait_for(1)
    await first.freeze()

    async def looked_for_in_vain() -> bool:
        (row,) = await harness.attempts()
        taken_over = row["worker_id"] == second.core.worker.id
        return taken_over and asyncio.get_running_loop().time() > since + 1.2

    since = asyncio.get_running_loop().time()
    await eventually(looked_for_in_vain)
    harness.server.sandbox.hold_points.release(point)
    outcome = await harness.outcome()
    first.thaw()
    await handling

    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1
