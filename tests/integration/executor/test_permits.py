"""Asked again right before the one irreversible request, however long it took to make it ready."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

import psycopg
import pytest

from chorus.clock import Clock, SystemClock
from chorus.errors import IndeterminateWrite
from chorus.events import ActivityDue, CallResult
from chorus.ids import new_id
from chorus.postgres.pool import Pool
from chorus.testing import eventually
from chorus.vocabulary import ErrorType, Kind, Lane, Outcome
from chorus_execution import core
from chorus_execution.core import Core
from chorus_execution.domain.outcomes import Wording
from chorus_execution.port import (
    ABSENT,
    Accomplished,
    AlreadyDoneError,
    Baseline,
    Done,
    EffectMarks,
    Found,
    NotPermitted,
    Permit,
    Sighting,
)
from chorus_executor.settings import ExecutorSettings
from chorus_sandbox.app import UNIPILE_KEY
from tests.integration.core_process import CoreProcess
from tests.integration.executor.harness import QUICK, Harness
from tests.integration.executor.test_eligibility import CHANGES, PAUSE, change


class SlowActs:
    """Takes as long to get ready as a test wants, asks for its permit, and counts its requests, and
    how often it was refused.
    """

    def __init__(self) -> None:
        self.preparing = asyncio.Event()
        self.go_on = asyncio.Event()
        self.requests = 0
        self.refusals = 0
        self.answers: dict[str, str] = {}
        self.before: Exception | None = None
        self.after: Exception | None = None

    async def target(self, command: ActivityDue, *, deadline: float) -> str:
        return "the post"

    async def write(
        self,
        command: ActivityDue,
        target: str,
        text: str,
        *,
        deadline: float,
        baseline: Baseline,
        permit: Permit,
    ) -> Done:
        self.preparing.set()
        await self.go_on.wait()
        if self.before is not None:
            raise self.before
        try:
            await permit()
        except NotPermitted:
            self.refusals += 1
            raise
        self.requests += 1
        if self.after is not None:
            raise self.after
        return Done(id="made", answer=self.answers.get(command.provider_account_id))

    async def find_effect(self, command: ActivityDue, target: str, marks: EffectMarks) -> Sighting:
        return Found(id="made") if self.requests else ABSENT

    async def complete(
        self,
        command: ActivityDue,
        target: str,
        wording: Wording,
        done: Done,
        marks: EffectMarks,
    ) -> Accomplished:
        return Accomplished(result=CallResult(provider_id=done.id, answer=done.answer))

    async def describe(self, command: ActivityDue, target: str, found: Found) -> Accomplished:
        return Accomplished(result=CallResult(provider_id=found.id))


@asynccontextmanager
async def executor(
    harness: Harness, acts: SlowActs, *, clock: Clock | None = None, fresh_for: float = 0.1
) -> AsyncIterator[CoreProcess]:
    values = {
        **QUICK,
        "engagement_seconds": 5.0,
        "works_seconds": 0.1,
        "eligibility_seconds": fresh_for,
    }
    settings = ExecutorSettings(unipile_url="http://none", unipile_api_key=UNIPILE_KEY, **values)

    async def make(pool: Pool, _stack: AsyncExitStack) -> Core:
        outside = core.Outside(lane=Lane.API, clock=clock or SystemClock(), pool=pool, acts=acts)
        return core.assemble(settings, outside)

    async with CoreProcess(harness.dsn, make, harness.server.sandbox.hold_points) as process:
        yield process


@CHANGES
async def test_what_changed_while_it_was_made_ready_is_not_done(
    harness: Harness, said: str, code: str
) -> None:
    """Finding B1: INVARIANT: a no that came before the one request left is in force."""
    acts = SlowActs()
    async with executor(harness, acts) as process:
        handling = asyncio.create_task(process.handle(await harness.due(Kind.LIKE)))
        await acts.preparing.wait()
        await asyncio.sleep(0)
        await change(harness, said)
        await _older_than_a_look(process)
        acts.go_on.set()
        await handling

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, code)
    assert outcome.called_at is None
    assert acts.requests == 0


async def test_who_lost_its_row_while_it_made_ready_does_nothing(harness: Harness) -> None:
    """Finding B1: INVARIANT: the row is another's, and so is the act."""
    acts = SlowActs()
    async with executor(harness, acts) as process:
        handling = asyncio.create_task(process.handle(await harness.due(Kind.LIKE)))
        await acts.preparing.wait()
        process.core.sweep.request_stop()
        await process.core.sweep.stop()
        await _taken_by_a_worker_that_died(harness)
        await _older_than_a_look(process)
        acts.go_on.set()
        await handling

    assert acts.requests == 0
    assert await harness.outcomes() == []


async def test_a_row_that_was_lost_and_left_behind_is_no_ones_to_call_at_once(
    harness: Harness,
) -> None:
    """E5: INVARIANT: who lost its row to a worker that died, having called perhaps, does not take
    it for its own again: the row waits until that is known, and is looked for first.
    """
    acts = SlowActs()
    async with executor(harness, acts) as process:
        handling = asyncio.create_task(process.handle(await harness.due(Kind.LIKE)))
        await acts.preparing.wait()
        await _taken_by_a_worker_that_died(harness)
        seen = process.core.sweep.rounds
        await eventually(lambda: process.core.sweep.rounds > seen + 2)
        await _older_than_a_look(process)
        acts.go_on.set()
        await handling
        assert acts.refusals == 1
        outcome = await harness.outcome()

    assert (outcome.outcome, acts.requests) == (Outcome.EXECUTED, 1)
    assert await _takeovers(harness) == [(1, True)]


@pytest.mark.parametrize("fresh_for", [0.1, 2.0])
async def test_who_stands_still_while_it_makes_ready_asks_again(
    harness: Harness, fresh_for: float
) -> None:
    """Finding B1: INVARIANT: behind a closed fence nothing leaves, however new the last look is."""
    acts = SlowActs()
    async with executor(harness, acts, fresh_for=fresh_for) as process:
        handling = asyncio.create_task(process.handle(await harness.due(Kind.LIKE)))
        await acts.preparing.wait()
        await process.freeze()
        await eventually(lambda: process.core.worker.fenced)
        await change(harness, PAUSE)
        acts.go_on.set()
        process.thaw()
        await handling

    assert (await harness.outcome()).withheld_code == "paused"
    assert acts.requests == 0


class _Moved(SystemClock):
    """The machine's clock, moved on by a test."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


async def test_what_became_late_while_it_was_made_ready_is_not_done(harness: Harness) -> None:
    """INVARIANT (8): time goes on after the last look, however new it is."""
    acts, clock = SlowActs(), _Moved()
    async with executor(harness, acts, clock=clock, fresh_for=2.0) as process:
        handling = asyncio.create_task(process.handle(await harness.due(Kind.LIKE)))
        await acts.preparing.wait()
        clock.ahead = timedelta(seconds=31)
        acts.go_on.set()
        await handling

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, "late")
    assert acts.requests == 0


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (IndeterminateWrite("The browser died.", code="browser_lost"), "failed", "browser_lost"),
        (AlreadyDoneError("Reposted already.", code="done"), "withheld", None),
    ],
)
async def test_what_ends_before_its_permit_made_no_call(
    harness: Harness, error: Exception, outcome: str, code: str | None
) -> None:
    """Finding B1: INVARIANT: without a permit there was no call, whatever the act says."""
    acts = SlowActs()
    acts.before = error
    acts.go_on.set()
    async with executor(harness, acts) as process:
        await process.handle(await harness.due(Kind.LIKE))

    found = await harness.outcome()
    assert (found.outcome, found.called_at) == (outcome, None)
    assert (found.failure.code if found.failure else None) == code
    if found.failure is not None:
        assert (found.failure.retryable, found.failure.error_type) == (
            True,
            ErrorType.NETWORK_ERROR,
        )


async def test_what_was_done_by_hand_is_left_and_said_to_be(harness: Harness) -> None:
    """Finding A9: INVARIANT: no lost call is claimed that never was."""
    acts = SlowActs()
    acts.after = AlreadyDoneError("Done already.", code="done")
    acts.go_on.set()
    async with executor(harness, acts) as process:
        await process.handle(await harness.due(Kind.LIKE))

    found = await harness.outcome()
    assert (found.outcome, found.withheld_code) == (Outcome.WITHHELD, "already_done")


async def test_an_outcome_that_cannot_be_stored_ends_alone(harness: Harness) -> None:
    """Finding D2: INVARIANT: nothing that a provider answers takes others' outcomes with it."""
    acts = SlowActs()
    async with executor(harness, acts) as process:
        commands = [await harness.due(Kind.LIKE, account=number) for number in range(3)]
        acts.answers[commands[1].provider_account_id] = "\x00"
        handling = [asyncio.create_task(process.handle(command)) for command in commands]
        await acts.preparing.wait()
        await harness.opened(3)
        acts.go_on.set()
        ended = await asyncio.gather(*handling, return_exceptions=True)
        await harness.outcome(3)

    assert [isinstance(error, psycopg.DataError) for error in ended] == [False, True, False]
    outcomes = {outcome.activity_id: outcome for outcome in await harness.outcomes()}
    assert [outcomes[command.activity_id].verified for command in commands] == [False, True, False]
    assert acts.requests == 3


async def test_a_call_is_dated_when_its_request_left(harness: Harness) -> None:
    """E4: making ready is not calling."""
    acts = SlowActs()
    async with executor(harness, acts) as process:
        handling = asyncio.create_task(process.handle(await harness.due(Kind.LIKE)))
        await acts.preparing.wait()
        ready = SystemClock().now()
        acts.go_on.set()
        await handling

    called_at = (await harness.outcome()).called_at
    assert called_at is not None
    assert called_at >= ready


async def _taken_by_a_worker_that_died(harness: Harness) -> None:
    await harness.owner.execute("update engagement.attempts set worker_id = %s", (new_id(),))


async def _takeovers(harness: Harness) -> list[tuple[int, bool]]:
    cursor = await harness.owner.execute("select takeovers, suspect from engagement.attempts")
    return [(row["takeovers"], row["suspect"]) for row in await cursor.fetchall()]


async def _older_than_a_look(process: CoreProcess) -> None:
    """The last check of its eligibility is too old by now."""
    loop = asyncio.get_running_loop()
    until = loop.time() + 0.15
    await eventually(lambda: loop.time() > until and not process.core.worker.fenced)
