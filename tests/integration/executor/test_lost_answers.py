"""Whatever becomes of an answer, one activity has at most one effect (invariant 1)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import sql

from chorus.events import ActivityDue
from chorus.testing import eventually
from chorus.vocabulary import ErrorType, Kind, Mode, Outcome
from chorus_sandbox.world.faults import FaultKind
from tests.integration.core_process import CoreProcess
from tests.integration.executor.harness import ROUTES, Harness

KINDS = pytest.mark.parametrize("kind", list(ROUTES))


@KINDS
@pytest.mark.parametrize("fault", ["timeout_after", "reset_after", "malformed_json"])
async def test_an_effect_whose_answer_was_lost_is_found(
    harness: Harness, kind: Kind, fault: FaultKind
) -> None:
    """INVARIANT: lost after the effect, it is looked for and found, never repeated (E5)."""
    executor = await harness.executor()
    harness.fault(fault, ROUTES[kind], when="after")
    command = await harness.due(kind, text="Well said.")

    await executor.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert outcome.called_at is not None
    assert len(harness.effects) == 1
    assert len(await harness.published()) == (kind is Kind.PUBLISH)


@KINDS
@pytest.mark.parametrize("fault", ["timeout_before", "reset_before", "html_502"])
async def test_without_an_effect_it_may_be_tried_again(
    harness: Harness, kind: Kind, fault: FaultKind
) -> None:
    """INVARIANT: only what was certainly without effect is offered for another attempt (E5, E6)."""
    executor = await harness.executor()
    harness.fault(fault, ROUTES[kind])
    command = await harness.due(kind, text="Well said.")

    await executor.handle(command)

    outcome = await harness.outcome()
    assert outcome.outcome is Outcome.FAILED
    assert outcome.failure is not None
    assert (outcome.failure.error_type, outcome.failure.retryable) == (
        ErrorType.NETWORK_ERROR,
        True,
    )
    assert harness.effects == []

    await executor.handle(await harness.again(command))
    assert (await harness.outcome(2)).outcome is Outcome.EXECUTED
    assert len(harness.effects) == 1


@KINDS
async def test_an_effect_that_comes_late_is_waited_for(harness: Harness, kind: Kind) -> None:
    """INVARIANT: an effect that lands after the time-out is found by a later look."""
    executor = await harness.executor(
        engagement_seconds=0.3, settle_seconds=0.05, verify_pauses=(0.2, 0.4)
    )
    harness.fault("late_effect", ROUTES[kind], ms=500)
    command = await harness.due(kind, text="Well said.")

    await executor.handle(command)

    assert (await harness.outcome()).verified
    assert len(harness.effects) == 1


@KINDS
async def test_an_effect_that_comes_later_still_is_seen_before_the_next_attempt(
    harness: Harness, kind: Kind
) -> None:
    """INVARIANT: an attempt after an unseen effect looks once more before it calls."""
    executor = await harness.executor(engagement_seconds=0.2, verify_pauses=(0.05,))
    harness.fault("late_effect", ROUTES[kind], ms=600)
    command = await harness.due(kind, text="Well said.")
    await executor.handle(command)
    assert (await harness.outcome()).outcome is Outcome.FAILED
    await harness.effect()

    await executor.handle(await harness.again(command))

    outcome = await harness.outcome(2)
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1


@KINDS
async def test_lists_that_lag_are_looked_at_again(harness: Harness, kind: Kind) -> None:
    """INVARIANT: a listing that does not show the newest write yet is no proof of absence."""
    executor = await harness.executor()
    harness.fault("reset_after", ROUTES[kind], when="after")
    for route in ("get_post", "list_comments", "list_reactions", "user_posts"):
        harness.fault("stale_reads", route, times=1)
    command = await harness.due(kind, text="Well said.")

    await executor.handle(command)

    assert (await harness.outcome()).verified
    assert len(harness.effects) == 1


@KINDS
async def test_what_nobody_can_tell_is_unknown(harness: Harness, kind: Kind) -> None:
    """INVARIANT: no answer and no look that works: unknown, and a later look tells (verify)."""
    executor = await harness.executor()
    harness.fault("reset_after", ROUTES[kind], when="after")
    point = harness.hold_point(ROUTES[kind], "after")
    command = await harness.due(kind, text="Well said.")
    handling = asyncio.create_task(executor.handle(command))
    await point.wait_for(1)
    blind = [
        harness.fault("status", route, type="provider_error", times=-1)
        for route in ("get_post", "list_comments", "list_reactions", "user_posts")
    ]
    harness.server.sandbox.hold_points.release(point)
    await handling
    assert (await harness.outcome()).outcome is Outcome.UNKNOWN

    for fault in blind:
        harness.server.sandbox.faults.remove(fault.id)
    await executor.handle(await harness.again(command, mode=Mode.VERIFY))

    outcome = await harness.outcome(2)
    assert (outcome.outcome, outcome.verified, outcome.called_at) == (
        Outcome.EXECUTED,
        True,
        None,
    )
    assert len(harness.effects) == 1


async def test_a_verify_command_never_calls(harness: Harness) -> None:
    """INVARIANT: what was asked to be looked at is only looked at (E5)."""
    executor = await harness.executor()
    harness.fault("timeout_before", "react")
    command = await harness.due(Kind.LIKE)
    await executor.handle(command)

    await executor.handle(await harness.again(command, mode=Mode.VERIFY))

    outcome = await harness.outcome(2)
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.failure.retryable) == (Outcome.FAILED, True)
    assert harness.effects == []


@pytest.fixture
async def journal_clock(harness: Harness) -> AsyncIterator[Callable[[timedelta], Awaitable[None]]]:
    """Sets by how much the journal's clock is ahead; it is right again after the test."""
    change = sql.SQL("alter table engagement.attempts alter opened_at set default {}")

    async def ahead(by: timedelta) -> None:
        await harness.owner.execute(change.format(sql.Literal(datetime.now(UTC) + by)))

    yield ahead
    await harness.owner.execute(change.format(sql.SQL("clock_timestamp()")))


@KINDS
@pytest.mark.parametrize("ahead", [timedelta(minutes=2), timedelta(days=-3), timedelta(days=3)])
async def test_a_wrong_clock_repeats_nothing(
    harness: Harness,
    journal_clock: Callable[[timedelta], Awaitable[None]],
    kind: Kind,
    ahead: timedelta,
) -> None:
    """INVARIANT: whatever the database's clock says, our effect is found and not repeated (E5)."""
    await journal_clock(ahead)
    executor = await harness.executor()
    harness.fault("reset_after", ROUTES[kind], when="after")
    command = await harness.due(kind, text="Well said.")

    await executor.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1


async def test_a_post_that_comes_late_is_not_noted_as_having_stood_there(harness: Harness) -> None:
    """INVARIANT: what an earlier call may have made stops the next, whoever makes it (E5)."""
    executor = await harness.executor(
        engagement_seconds=0.3, works_seconds=0.1, verify_pauses=(0.05,)
    )
    harness.fault("reset_before", "create_post")
    command = await harness.due(Kind.PUBLISH, text="Well said.")
    await executor.handle(command)
    assert (await harness.outcome()).outcome is Outcome.FAILED
    again = await harness.again(command)
    harness.fault("stale_reads", "user_posts", times=1)
    sandbox = harness.server.sandbox
    author = sandbox.state.accounts[harness.account()].person
    sandbox.state.add_post(
        author=author, text="Well said.", created_ms=sandbox.now_ms(), written=0.0
    )

    await executor.handle(again)

    outcome = await harness.outcome(2)
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert harness.effects == []


async def test_without_knowing_what_stood_there_nothing_is_repeated(harness: Harness) -> None:
    """INVARIANT: the list before the first call told nothing, its effect shows in the list before
    the second: a person decides, and nothing is noted as having been there (invariant 1; ADR 22).
    """
    executor = await harness.executor(verify_pauses=(0.02,), settle_seconds=0.01)
    harness.fault("no_items", "user_posts", when="after")
    harness.fault("reset_after", ROUTES[Kind.PUBLISH], when="after")
    point = harness.hold_point(ROUTES[Kind.PUBLISH], "after")
    command = await harness.due(Kind.PUBLISH, text="We shipped it.")
    handling = asyncio.create_task(executor.handle(command))
    await point.wait_for(1)
    stale = harness.fault("stale_reads", "user_posts", times=-1)
    harness.server.sandbox.hold_points.release(point)
    await handling
    assert (await harness.outcome()).outcome is Outcome.FAILED, "it was looked for in an old list"
    harness.server.sandbox.faults.remove(stale.id)
    harness.fault("stale_reads", "user_posts", times=1)

    await executor.handle(await harness.again(command))

    outcome = await harness.outcome(2)
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.failure.code) == (Outcome.UNKNOWN, "cannot_tell")
    assert len(harness.effects) == 1
    assert [row["stood"] for row in await harness.attempts()] == [None, None]


async def _untold_publication(harness: Harness, executor: CoreProcess) -> ActivityDue:
    """Its call was not answered, nobody could tell what stood there, and no look shows it."""
    harness.fault("no_items", "user_posts", when="after")
    harness.fault("reset_before", ROUTES[Kind.PUBLISH])
    command = await harness.due(Kind.PUBLISH, text="We shipped it.")
    await executor.handle(command)
    assert (await harness.outcome()).outcome is Outcome.FAILED
    again = await harness.again(command)
    await executor.handle(again)
    assert (await harness.outcome(2)).outcome is Outcome.UNKNOWN, "nobody can tell"
    return again


async def test_a_person_who_looked_is_believed(harness: Harness) -> None:
    """P4: what nobody can tell is told by a person: it is not there, so it is done once more."""
    executor = await harness.executor(verify_pauses=(0.02,), settle_seconds=0.01)
    command = await _untold_publication(harness, executor)
    await harness.denied(command)

    await executor.handle(await harness.again(command))

    outcome = await harness.outcome(3)
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, False)
    assert len(harness.effects) == 1


async def test_a_persons_word_is_for_what_was_over_by_then(harness: Harness) -> None:
    """INVARIANT: a call that was made after it is looked for as any other (E5)."""
    executor = await harness.executor(verify_pauses=(0.02,), settle_seconds=0.01)
    command = await _untold_publication(harness, executor)
    await harness.denied(command)
    harness.fault("no_items", "user_posts", when="after", times=2)
    harness.fault("reset_after", ROUTES[Kind.PUBLISH], when="after")
    point = harness.hold_point(ROUTES[Kind.PUBLISH], "after")
    later = await harness.again(command)
    handling = asyncio.create_task(executor.handle(later))
    await point.wait_for(1)
    stale = harness.fault("stale_reads", "user_posts", times=-1)
    harness.server.sandbox.hold_points.release(point)
    await handling
    assert (await harness.outcome(3)).outcome is Outcome.FAILED, "it was looked for in an old list"
    harness.server.sandbox.faults.remove(stale.id)
    harness.fault("stale_reads", "user_posts", times=1)

    await executor.handle(await harness.again(later))

    outcome = await harness.outcome(4)
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.failure.code) == (Outcome.UNKNOWN, "cannot_tell")
    assert len(harness.effects) == 1


async def test_what_landed_after_a_persons_look_is_found(harness: Harness) -> None:
    """INVARIANT: a look that can tell goes before a person's word (E5)."""
    executor = await harness.executor(verify_pauses=(0.02,), settle_seconds=0.01)
    command = await _untold_publication(harness, executor)
    await harness.denied(command)
    sandbox = harness.server.sandbox
    author = sandbox.state.accounts[harness.account()].person
    sandbox.state.add_post(
        author=author, text="We shipped it.", created_ms=sandbox.now_ms(), written=0.0
    )

    await executor.handle(await harness.again(command))

    outcome = await harness.outcome(3)
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert harness.effects == []


async def test_a_publication_that_was_never_called_is_made(harness: Harness) -> None:
    """P4: its executor was killed while it looked at what stood there: no call went out."""
    first = await harness.executor()
    point = harness.hold_point("user_posts", "after")
    command = await harness.due(Kind.PUBLISH, text="We shipped it.")
    handling = asyncio.create_task(first.handle(command))
    await point.wait_for(1)
    await first.kill([handling])
    harness.server.sandbox.hold_points.release(point)
    await harness.executor()

    outcome = await harness.outcome()

    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, False)
    assert len(harness.effects) == 1


async def test_a_second_publication_that_was_called_is_looked_for(harness: Harness) -> None:
    """INVARIANT: its executor was killed in the second call, which lands afterwards (E5)."""
    first = await harness.executor()
    harness.fault("reset_before", ROUTES[Kind.PUBLISH])
    command = await harness.due(Kind.PUBLISH, text="We shipped it.")
    await first.handle(command)
    assert (await harness.outcome()).outcome is Outcome.FAILED
    point = harness.hold_point(ROUTES[Kind.PUBLISH], "after")
    handling = asyncio.create_task(first.handle(await harness.again(command)))
    await point.wait_for(1)
    assert [row["stood"] is None for row in await harness.attempts()] == [False, False]
    await first.kill([handling])
    await harness.executor()

    async def taken_over() -> bool:
        return any(row["takeovers"] and row["suspect"] for row in await harness.attempts())

    await eventually(taken_over)
    harness.server.sandbox.hold_points.release(point)

    outcome = await harness.outcome(2)
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1


@pytest.mark.parametrize("kind", [Kind.COMMENT, Kind.REPOST])
async def test_what_cannot_be_told_is_not_repeated(harness: Harness, kind: Kind) -> None:
    """INVARIANT: what is there before a second call, and may be the first one's, stops it (E5)."""
    executor = await harness.executor(verify_pauses=(0.02,), settle_seconds=0.01)
    harness.fault("reset_before", ROUTES[kind])
    command = await harness.due(kind, text="Well said.")
    await executor.handle(command)
    assert (await harness.outcome()).outcome is Outcome.FAILED
    routes = ("list_comments", "user_comments", "user_posts")
    for route in routes:
        harness.fault("no_items", route, when="after", times=-1)

    await executor.handle(await harness.again(command))

    outcome = await harness.outcome(2)
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.failure.code) == (Outcome.UNKNOWN, "cannot_tell")
    assert harness.effects == []


async def test_who_takes_a_post_over_knows_what_stood_there(harness: Harness) -> None:
    """INVARIANT: the member's own post of just now is not the dead worker's (E5, finding A9)."""
    first = await harness.executor()
    await harness.executor()
    command = await harness.due(Kind.PUBLISH, text="Well said.")
    sandbox = harness.server.sandbox
    author = sandbox.state.accounts[harness.account()].person
    sandbox.state.add_post(author=author, text="Well said.", created_ms=sandbox.now_ms())
    fault = harness.fault("timeout_before", "create_post")
    handling = asyncio.create_task(first.handle(command))
    await eventually(lambda: fault.hits)
    await first.kill([handling])

    outcome = await harness.outcome()

    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, False)
    assert len(harness.effects) == 1
