"""What is known of a worker that died: can it have called, and is it really gone?"""

import asyncio
from typing import Any

import psycopg
import pytest

from chorus.errors import ProviderError
from chorus.ids import new_id
from chorus.testing import eventually
from chorus.vocabulary import Kind, Outcome
from chorus_executor.providers.fake import FakeProvider
from tests.integration.executor.harness import ROUTES, Harness


async def test_what_only_waited_in_a_dead_worker_is_not_looked_for(harness: Harness) -> None:
    """INVARIANT: a call is announced before it is made, so what was not announced had none."""
    network, asked = _recording(harness)
    first, second = [await harness.executor(provider=network) for _ in range(2)]
    command = await harness.due(Kind.LIKE, in_seconds=4.0)
    command = command.model_copy(
        update={"target": command.target.model_copy(update={"social_id": _post(network)})}
    )
    handling = asyncio.create_task(first.handle(command))
    await harness.opened(1)

    await first.kill([handling])

    assert (await harness.outcome()).outcome is Outcome.EXECUTED
    (row,) = await harness.attempts()
    assert (row["worker_id"], row["suspect"]) == (second.core.worker.id, False)
    assert asked == ["resolve", "react"], "the look before every like, and no other"


async def test_a_call_stays_announced_until_it_is_recorded(harness: Harness) -> None:
    """INVARIANT: who dies between a call's answer and its record may have called (E5)."""
    first = await harness.executor()
    await harness.executor()
    command = await harness.due(Kind.LIKE)
    handling = asyncio.create_task(first.handle(command))
    async with harness.owner.transaction():
        await harness.locked(command)
        await harness.effect()
        await first.core.worker.announce(new_id())
        await first.kill([handling])

    outcome = await harness.outcome()

    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1


@pytest.mark.parametrize("kind", [Kind.LIKE, Kind.COMMENT])
async def test_a_call_outlives_its_process(harness: Harness, kind: Kind) -> None:
    """Finding A8: INVARIANT: the provider works on, though who asked is gone (E10)."""
    slow: dict[str, Any] = {"engagement_seconds": 60.0, "works_seconds": 4.0}
    first, _ = [await harness.executor(**slow) for _ in range(2)]
    command = await harness.due(kind, text="Well said.")
    fault = harness.fault("late_effect", ROUTES[kind], ms=2500)
    handling = asyncio.create_task(first.handle(command))
    await eventually(lambda: fault.hits)

    await first.kill([handling])

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1
    (row,) = await harness.attempts()
    assert (row["takeovers"], row["suspect"]) == (1, True)


async def test_who_stands_still_is_told_from_who_is_gone(harness: Harness) -> None:
    """INVARIANT: a frozen worker keeps its session, so its call counts as under way (E5)."""
    first = await harness.executor()
    second = await harness.executor()
    command = await harness.due(Kind.LIKE)
    second.core.sweep.request_stop()
    fault = harness.fault("timeout_before", "react")
    handling = asyncio.create_task(first.handle(command))
    await eventually(lambda: fault.hits)
    await first.freeze()

    frozen = await eventually(lambda: second.core.journal.take_over("api", limit=5))
    assert [(left.suspect, left.gone) for left in frozen] == [(True, False)]

    handling.cancel()
    await asyncio.gather(handling, return_exceptions=True)


async def test_a_suspicion_outlives_who_inherited_it(harness: Harness) -> None:
    """INVARIANT: what the first may have called is looked for, through however many hands."""
    workers = [await harness.executor() for _ in range(3)]
    first, second, third = workers
    for idle in (second, third):
        idle.core.sweep.request_stop()
    command = await harness.due(Kind.LIKE)
    fault = harness.fault("timeout_before", "react")
    handling = asyncio.create_task(first.handle(command))
    await eventually(lambda: fault.hits)
    await first.kill([handling])
    assert await eventually(lambda: second.core.journal.take_over("api", limit=5))

    await second.kill([])

    (left,) = await eventually(lambda: third.core.journal.take_over("api", limit=5))
    assert (left.suspect, left.gone, left.takeovers) == (True, True, 2)


async def test_what_a_crash_of_the_server_may_have_lost_is_suspected(harness: Harness) -> None:
    """INVARIANT: announcements do not wait for the disk; after a crash nobody relies on them."""
    first, second = [await harness.executor() for _ in range(2)]
    second.core.sweep.request_stop()
    command = await harness.due(Kind.LIKE, in_seconds=30.0)
    handling = asyncio.create_task(first.handle(command))
    await harness.opened(1)
    await first.kill([handling])
    await harness.owner.execute("update engagement.workers set server = 'the one before'")

    (left,) = await eventually(lambda: second.core.journal.take_over("api", limit=5))

    assert (left.suspect, left.gone) == (True, False)


async def test_a_beat_that_fails_does_not_end_a_session_that_stands(harness: Harness) -> None:
    """INVARIANT: a slow database does not make a living worker look gone (E5)."""
    executor = await harness.executor()
    worker = executor.core.worker
    session = worker._session
    assert session is not None
    await executor.freeze()
    await session.execute("set statement_timeout = 50")
    async with harness.owner.transaction():
        await harness.owner.execute("select from engagement.workers for update")
        with pytest.raises(psycopg.errors.QueryCanceled):
            await worker._confirm()

    assert worker._session is session
    await worker._confirm()
    executor.thaw()


def _recording(harness: Harness) -> tuple[FakeProvider, list[str]]:
    network, asked = FakeProvider(), []
    network.accounts.add(harness.tenant.provider_ids[0])

    def note(name: str) -> ProviderError | None:
        asked.append(name)
        return None

    network.refuse = note
    return network, asked


def _post(network: FakeProvider) -> str:
    return network.add_post("somebody").social_id
