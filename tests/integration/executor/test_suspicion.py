"""What must not be forgotten of a call that may have been made, through whatever happens then."""

import asyncio
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from chorus.ids import new_id
from chorus.testing import eventually
from chorus.testing.targets import post_of
from chorus.vocabulary import Kind, Mode, Outcome
from chorus_sandbox.world.faults import Fault
from tests.integration.core_process import CoreProcess
from tests.integration.executor.harness import NOTHING, Harness

PAUSE = """
insert into scheduler.pauses (id, scope, client_id, scope_id, code, reason, paused_by)
values (gen_random_uuid(), 'account', %s, %s, 'by_person', 'A test.', 'test')
"""
STEP = """
create function step_back() returns trigger language plpgsql as $$
begin new.seen_at := new.seen_at - interval '1 hour'; return new; end $$;
create trigger step before insert or update on engagement.workers
    for each row execute function step_back();
"""
END_OF_STEP = "drop trigger step on engagement.workers; drop function step_back()"


async def test_patience_outlives_who_inherited_it(harness: Harness) -> None:
    """Finding A5: INVARIANT: the first only stands still; its call counts as under way in the
    second pair of hands, and in the third, though the second is gone.
    """
    first, second, third = [await harness.executor() for _ in range(3)]
    for idle in (first, second, third):
        idle.core.sweep.request_stop()
    point, command = harness.hold_point("react", "before"), await harness.due(Kind.LIKE)
    handling = asyncio.create_task(first.handle(command))
    await point.wait_for(1)
    await first.freeze()
    await _taken_over(second)
    until = (await harness.attempts())[0]["suspect_until"]
    await second.kill([])

    (left,) = await _taken_over(third)

    assert (left.suspect, left.gone, left.takeovers) == (True, True, 2)
    assert left.effect_window == pytest.approx(third.core.journal._effect_window)
    assert (await harness.attempts())[0]["suspect_until"] >= until
    handling.cancel()
    await asyncio.gather(handling, return_exceptions=True)


async def test_a_call_that_goes_on_after_two_deaths_is_waited_for(harness: Harness) -> None:
    """Finding A5: one effect, though it lands when the third has looked as often as usual."""
    first, second = [await harness.executor(works_seconds=20.0) for _ in range(2)]
    second.core.sweep.request_stop()
    point, command = harness.hold_point("react", "before"), await harness.due(Kind.LIKE)
    handling = asyncio.create_task(first.handle(command))
    await point.wait_for(1)
    await first.freeze()
    await _taken_over(second)
    await second.kill([])
    looks = _looks(harness)
    await harness.executor(works_seconds=20.0)
    await eventually(lambda: sum(look.hits for look in looks) >= 4)

    harness.server.sandbox.hold_points.release(point)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1
    await asyncio.gather(handling, return_exceptions=True)


async def test_a_step_of_the_databases_clock_makes_no_second_executor_act(harness: Harness) -> None:
    """Finding A6: INVARIANT: a worker that beats lives, whatever its last sign is dated."""
    first, _ = [await harness.executor() for _ in range(2)]
    command = await harness.due(Kind.LIKE, in_seconds=1.0)
    await harness.owner.execute(STEP)
    try:
        await first.handle(command)
    finally:
        await harness.owner.execute(END_OF_STEP)

    assert len(harness.effects) == 1
    (row,) = await harness.attempts()
    assert (row["takeovers"], row["worker_id"]) == (0, first.core.worker.id)


@pytest.mark.parametrize("taken", ["another's", "given back", "gone from the workers"])
async def test_who_lost_a_row_before_announcing_it_does_not_call(
    harness: Harness, taken: str
) -> None:
    """Finding A6: INVARIANT: announcing asks whether the row is one's own and the worker known."""
    first = await harness.executor(eligibility_seconds=2.0)
    command = await harness.due(Kind.LIKE, in_seconds=0.5)
    handling = asyncio.create_task(first.handle(command))
    await harness.opened(1)
    if taken == "gone from the workers":
        await harness.owner.execute("delete from engagement.workers")
    holder = new_id() if taken != "given back" else "00000000-0000-0000-0000-000000000000"
    await harness.owner.execute("update engagement.attempts set worker_id = %s", (holder,))
    first.core.sweep.request_stop()

    await handling

    assert harness.effects == []


async def test_two_sweepers_at_once_take_each_row_once(harness: Harness) -> None:
    """Finding A7c: INVARIANT: a row that has just changed hands is not taken from who lives."""
    sweepers = [await harness.executor() for _ in range(3)]
    for each in sweepers:
        each.core.sweep.request_stop()
    command = await harness.due(Kind.LIKE)
    await harness.owner.execute(
        "insert into engagement.attempts (activity_id, execution, client_id, post_id, account_id,"
        " kind, lane, mode, worker_id, command, correlation_id)"
        " select gen_random_uuid(), 1, %(client)s, %(post)s, %(account)s, 'like', 'api', 'perform',"
        " %(dead)s, %(command)s, 'correlation' from generate_series(1, 300)",
        {
            "client": command.client_id,
            "post": post_of(command).post_id,
            "account": command.account_id,
            "dead": new_id(),
            "command": Jsonb(command.model_dump(mode="json")),
        },
    )

    async def taken(sweeper: CoreProcess) -> int:
        count = 0
        while found := await sweeper.core.journal.take_over("api", limit=3):
            count += len(found)
        return count

    counts = await asyncio.gather(*(taken(sweeper) for sweeper in sweepers for _ in range(3)))

    rows = await harness.attempts()
    assert sum(counts) == 300
    assert {row["takeovers"] for row in rows} == {1}


async def test_a_look_in_vain_that_ends_as_withheld_is_not_forgotten(harness: Harness) -> None:
    """Finding A7b: INVARIANT: an effect that may exist is looked for before the next call."""
    first, _ = [await harness.executor() for _ in range(2)]
    command = await harness.due(Kind.COMMENT, text="Well said.")
    fault = harness.fault("late_effect", "comment", ms=6000)
    handling = asyncio.create_task(first.handle(command))
    await eventually(lambda: fault.hits)
    await harness.owner.execute(PAUSE, (command.client_id, command.account_id))
    await first.kill([handling])
    assert (await harness.outcome()).outcome is Outcome.WITHHELD
    await harness.effect()
    await harness.owner.execute("update scheduler.pauses set resumed_at = clock_timestamp()")

    third = await harness.executor()
    await third.handle(await harness.again(command))

    outcome = await harness.outcome(2)
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1


async def test_a_look_without_any_attempt_cannot_tell(harness: Harness) -> None:
    """Finding A7: INVARIANT: what is not remembered is not held for absent."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)

    await executor.handle(await harness.again(command, mode=Mode.VERIFY))
    await executor.handle(await harness.again(command, mode=Mode.VERIFY))

    outcome = await harness.outcome(2)
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.failure.code) == (Outcome.UNKNOWN, "no_attempt_known")
    assert harness.effects == []


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        ("unknown", True),
        ("scheduled", True),
        ("dispatched", True),
        ("executed", False),
        ("failed", False),
        ("cancelled", False),
    ],
)
async def test_attempts_are_kept_while_their_activity_is_open(
    harness: Harness, state: str, kept: bool
) -> None:
    """Finding A7: INVARIANT: retention takes nothing that a look may still need."""
    executor = await harness.executor()
    harness.fault("status", "react", type="too_many_requests")
    await executor.handle(await harness.due(Kind.LIKE))
    await _set_state(harness, state)

    gone = await executor.core.journal.forget(NOTHING)

    assert gone == (0 if kept else 1)


@pytest.mark.parametrize("kind", [Kind.LIKE, Kind.COMMENT, Kind.PUBLISH])
async def test_an_effect_is_not_absent_while_the_provider_may_work_on_it(
    harness: Harness, kind: Kind
) -> None:
    """Finding A8: INVARIANT: after a time-out it is looked for as long as it may still come."""
    executor = await harness.executor(
        engagement_seconds=0.4, verify_pauses=(0.05,), works_seconds=2.5
    )
    route = {Kind.LIKE: "react", Kind.COMMENT: "comment", Kind.PUBLISH: "create_post"}[kind]
    harness.fault("late_effect", route, ms=1400)
    command = await harness.due(kind, text="Well said.")

    await executor.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1


async def test_who_inherits_a_time_out_waits_as_long(harness: Harness) -> None:
    """Finding A8: the caller is gone, but the provider has its request and may work on it."""
    slow: dict[str, Any] = {"engagement_seconds": 0.3, "works_seconds": 4.0}
    first, _ = [await harness.executor(**slow) for _ in range(2)]
    harness.fault("late_effect", "react", ms=2500)
    command = await harness.due(Kind.LIKE)
    handling = asyncio.create_task(first.handle(command))

    async def suspected() -> bool:
        return any(row["suspect_until"] for row in await harness.attempts())

    await eventually(suspected)
    await first.kill([handling])

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1


async def test_what_other_activities_made_is_claimed_by_them(harness: Harness) -> None:
    """Finding A3: INVARIANT: the journal knows whose an effect is; it proves no other activity."""
    executor = await harness.executor()
    made, other = [await harness.due(Kind.COMMENT, text="Well said.", account=n) for n in (0, 1)]
    for command in (made, other):
        await executor.handle(command)
    results = [outcome.result for outcome in await harness.outcomes()]
    ids = [result.provider_id for result in results if result is not None]
    journal = executor.core.journal

    later = await journal.known(new_id(), account_id=made.account_id)
    own = await journal.known(made.activity_id, account_id=made.account_id)

    assert (later.performed, later.claimed) == (False, frozenset(ids[:1]))
    assert (own.performed, own.claimed) == (True, frozenset())


async def test_a_worker_that_is_not_confirmed_calls_nothing_long_before_it_is_dead(
    harness: Harness,
) -> None:
    """INVARIANT: the fence closes by itself, whether or not others hold the worker for dead."""
    executor = await harness.executor(dead_after_seconds=30.0, eligibility_seconds=2.0)
    command = await harness.due(Kind.LIKE, in_seconds=0.6)
    handling = asyncio.create_task(executor.handle(command))
    await harness.opened(1)
    await executor.freeze()
    await eventually(lambda: executor.core.worker.fenced)
    loop = asyncio.get_running_loop()
    late = loop.time() + 1.0
    await eventually(lambda: loop.time() > late)

    assert harness.effects == []
    executor.thaw()
    await handling
    assert len(harness.effects) == 1


async def _taken_over(executor: CoreProcess) -> list[Any]:
    return await eventually(lambda: executor.core.journal.take_over("api", limit=5))


def _looks(harness: Harness) -> list[Fault]:
    """Counts how often is looked, without disturbing it."""
    routes = ("list_reactions", "get_post")
    return [harness.fault("delay", route, ms=1, times=-1) for route in routes]


async def _set_state(harness: Harness, state: str) -> None:
    effect = {"unknown": "possible", "executed": "seen"}.get(state, "none")
    values = (state, effect)
    await harness.owner.execute(
        "update scheduler.activities set state = %s, effect = %s, unheard = '{}'", values
    )
