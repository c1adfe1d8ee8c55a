"""One activity, one effect: redeliveries, several executors, and workers that die."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from chorus.errors import ProviderError
from chorus.events import ActivityDue
from chorus.testing import eventually
from chorus.vocabulary import Kind, Outcome
from chorus_execution.journal import NOBODY
from chorus_executor.providers.fake import FakeProvider
from tests.integration.core_process import CoreProcess
from tests.integration.executor.harness import NOTHING, ROUTES, Harness

KINDS = pytest.mark.parametrize("kind", list(ROUTES))


async def test_a_redelivered_command_has_one_effect(harness: Harness) -> None:
    """INVARIANT: the same command three times is one effect, and its outcome is said each time."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)

    await asyncio.gather(*(executor.handle(command) for _ in range(3)))

    assert len(harness.effects) == 1
    assert len(await harness.attempts()) == 1
    assert len(set(await harness.outcomes())) == 1
    assert len(await harness.event_ids("activity.executed")) == 1


async def test_two_executors_with_one_command_have_one_effect(harness: Harness) -> None:
    """INVARIANT: whoever enters the row carries it out; the other leaves it alone (E5)."""
    first, second = await harness.executor(), await harness.executor()
    commands = [
        await harness.due(kind, account=number, text="Well said.")
        for kind in (Kind.LIKE, Kind.COMMENT)
        for number in range(3)
    ]

    await asyncio.gather(
        *(executor.handle(command) for command in commands for executor in (first, second))
    )

    assert len(harness.effects) == len(commands)
    assert harness.server.sandbox.truth.doubles() == []


@KINDS
async def test_a_worker_dead_between_effect_and_record_is_found_out(
    harness: Harness, kind: Kind
) -> None:
    """INVARIANT: a row of a dead worker is verified before anything is done again."""
    first, second = await harness.executor(), await harness.executor()
    command = await harness.due(kind, text="Well said.")
    await _die_after_effect(harness, first, command)

    outcome = await harness.outcome()

    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1
    (row,) = await harness.attempts()
    assert (row["takeovers"], row["worker_id"]) == (1, second.core.worker.id)


@KINDS
async def test_a_worker_dead_before_the_effect_is_stood_in_for(
    harness: Harness, kind: Kind
) -> None:
    """INVARIANT: looked for and not there, the call is made by whoever took over, once."""
    first = await harness.executor()
    await harness.executor()
    command = await harness.due(kind, text="Well said.")
    await _die_before_effect(harness, first, command)

    outcome = await harness.outcome()

    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, False)
    assert len(harness.effects) == 1


async def test_a_command_redelivered_after_a_death_is_left_to_the_sweep(harness: Harness) -> None:
    """INVARIANT: a redelivery to another executor never calls beside the row's own worker."""
    first, second = await harness.executor(), await harness.executor()
    command = await harness.due(Kind.COMMENT, text="Well said.")
    await _die_after_effect(harness, first, command)

    await second.handle(command)
    await harness.outcome()

    assert len(harness.effects) == 1


async def test_a_fenced_worker_makes_no_call(harness: Harness) -> None:
    """INVARIANT: a worker that is not confirmed calls nothing, and drops what it lost."""
    first, second = await harness.executor(), await harness.executor()
    command = await harness.due(Kind.LIKE, in_seconds=0.9)
    handling = asyncio.create_task(first.handle(command))
    await harness.opened(1)
    await first.freeze()

    outcome = await harness.outcome()
    first.thaw()
    await handling

    assert outcome.outcome is Outcome.EXECUTED
    assert len(harness.effects) == 1
    (row,) = await harness.attempts()
    assert row["worker_id"] == second.core.worker.id


async def test_what_waits_is_given_back_at_the_end(harness: Harness) -> None:
    """INVARIANT: on SIGTERM what was not called goes to others at once, unverified."""
    first = await harness.executor()
    commands = [await harness.due(Kind.LIKE, account=n, in_seconds=0.5) for n in range(3)]
    handling = [asyncio.create_task(first.handle(command)) for command in commands]
    await harness.opened(3)

    first.core.request_stop()
    await asyncio.gather(*handling)

    assert {row["worker_id"] for row in await harness.attempts()} == {NOBODY}
    assert harness.effects == []
    await harness.executor()
    await harness.outcome(3)
    assert {effect.account_id for effect in harness.effects} == {
        command.provider_account_id for command in commands
    }
    assert not any(outcome.verified for outcome in await harness.outcomes())


async def test_what_waits_for_a_slot_is_given_back_and_what_was_called_ends(
    harness: Harness,
) -> None:
    """INVARIANT: a call under way is finished within the drain, its successor is not begun."""
    executor = await harness.executor(concurrency=1)
    point = harness.hold_point("react", "after")
    commands = [await harness.due(Kind.LIKE, account=number) for number in range(2)]
    handling = [asyncio.create_task(executor.handle(command)) for command in commands]
    await point.wait_for(1)
    await harness.opened(2)

    executor.core.request_stop()
    harness.server.sandbox.hold_points.release(point)
    await asyncio.gather(*handling)

    assert len(harness.effects) == 1
    outcomes = {row["outcome"]: row["worker_id"] for row in await harness.attempts()}
    assert set(outcomes) == {"executed", None}
    assert outcomes[None] == NOBODY


async def test_a_dead_worker_is_forgotten_and_old_rows_too(harness: Harness) -> None:
    """A5: retention takes attempts that ended long ago, and never one that is open."""
    executor = await harness.executor()
    await executor.handle(await harness.due(Kind.LIKE))
    await harness.owner.execute("delete from scheduler.activities")
    waiting = asyncio.create_task(executor.handle(await harness.due(Kind.LIKE, in_seconds=0.4)))
    await harness.opened(2)

    an_hour = replace(NOTHING, seconds=3600, executed_seconds=3600)
    assert await executor.core.journal.forget(an_hour) == 0
    assert await executor.core.journal.forget(NOTHING) == 1

    await waiting
    assert _outcomes(await harness.attempts()) == ["executed"]


async def _die_after_effect(harness: Harness, executor: CoreProcess, command: ActivityDue) -> None:
    await executor.die_at(harness.hold_point(ROUTES[command.kind], "after"), command)


async def _die_before_effect(harness: Harness, executor: CoreProcess, command: ActivityDue) -> None:
    fault = harness.fault("timeout_before", ROUTES[command.kind])
    handling = asyncio.create_task(executor.handle(command))
    await eventually(lambda: fault.hits)
    await executor.kill([handling])


def _outcomes(rows: Sequence[dict[str, object]]) -> list[object]:
    return [row["outcome"] for row in rows]


async def test_a_handling_that_is_cancelled_is_taken_up_again(harness: Harness) -> None:
    """INVARIANT: a command cut off by a rebalance is not stuck with a worker that lives on."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)
    point = harness.hold_point("react", "after")
    handling = asyncio.create_task(executor.handle(command))
    await point.wait_for(1)

    handling.cancel()
    harness.server.sandbox.hold_points.release(point)

    assert (await harness.outcome()).verified
    assert len(harness.effects) == 1


async def test_a_row_that_breaks_off_every_time_ends_with_a_person(harness: Harness) -> None:
    """INVARIANT: our own failure is neither an endless loop nor a lost activity."""
    broken = FakeProvider()
    broken.refuse = _break
    executor = await harness.executor(provider=broken, sweep_seconds=0.02)
    command = await harness.due(Kind.LIKE)

    with pytest.raises(ZeroDivisionError):
        await executor.handle(command)

    outcome = await harness.outcome()
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.failure.code) == (Outcome.UNKNOWN, "executor_failed")


def _break(_name: str) -> ProviderError | None:
    raise ZeroDivisionError
