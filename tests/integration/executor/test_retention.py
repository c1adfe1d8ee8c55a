"""A5: ended attempts are kept by age and by number, of each team; the ledger stays."""

from uuid import UUID

from chorus.ids import new_id
from chorus.vocabulary import Kind
from chorus_execution.journal import Keep
from tests.integration.executor.harness import Harness

DAY = 86_400.0
ALL = Keep(seconds=30 * DAY, executed_seconds=7 * DAY, executed=1_000, others=500)


def _keep(**other: float) -> Keep:
    values = {"seconds": 30 * DAY, "executed_seconds": 7 * DAY, "executed": 1_000, "others": 500}
    return Keep(**(values | other))  # type: ignore[arg-type]


async def _ended(
    harness: Harness, client_id: UUID, outcome: str, ages: list[float], activity: UUID | None = None
) -> None:
    """Attempts that were closed so many seconds ago."""
    await harness.owner.execute(
        "insert into engagement.attempts (activity_id, execution, client_id, post_id, account_id,"
        " kind, lane, mode, worker_id, command, closed_at, outcome, correlation_id)"
        " select coalesce(%s, gen_random_uuid()), 1, %s, gen_random_uuid(), gen_random_uuid(),"
        " 'like', 'api', 'perform', gen_random_uuid(), '{}',"
        " clock_timestamp() - age * interval '1 second', %s, 'c'"
        " from unnest(%s::double precision[]) age",
        (activity, client_id, outcome, ages),
    )


async def _left(harness: Harness) -> list[tuple[UUID, str, int]]:
    """Of each team and outcome, how many there are."""
    cursor = await harness.owner.execute(
        "select client_id, outcome, count(*)::integer as n from engagement.attempts"
        " group by client_id, outcome"
    )
    return sorted(
        ((row["client_id"], row["outcome"], row["n"]) for row in await cursor.fetchall()), key=str
    )


async def test_what_was_executed_goes_sooner_than_what_failed(harness: Harness) -> None:
    """A5: 7 days, and 30."""
    journal, team = (await harness.executor()).core.journal, new_id()
    for outcome in ("executed", "failed", "withheld"):
        await _ended(harness, team, outcome, [DAY, 8 * DAY, 31 * DAY])
    assert await journal.forget(ALL) == 4
    assert await _left(harness) == [
        (team, "executed", 1),
        (team, "failed", 2),
        (team, "withheld", 2),
    ]


async def test_the_newest_of_each_team_are_kept(harness: Harness) -> None:
    """A5: by number, a team's own: one team's many push out nothing of another's."""
    journal = (await harness.executor()).core.journal
    busy, quiet = sorted((new_id(), new_id()), key=str)
    await _ended(harness, busy, "executed", [7_200.0 + n for n in range(50)])
    await _ended(harness, busy, "failed", [7_200.0 + n for n in range(20)])
    await _ended(harness, quiet, "executed", [6 * DAY + n for n in range(10)])
    few = _keep(executed=10, others=5)
    assert await journal.forget(few) == 55
    assert await _left(harness) == [
        (busy, "executed", 10),
        (busy, "failed", 5),
        (quiet, "executed", 10),
    ]
    cursor = await harness.owner.execute(
        "select max(clock_timestamp() - closed_at) < interval '7250 seconds' as newest"
        " from engagement.attempts where client_id = %s",
        (busy,),
    )
    assert await cursor.fetchone() == {"newest": True}
    assert await journal.forget(few) == 0


async def test_so_many_are_deleted_at_once(harness: Harness) -> None:
    """A batch holds nothing for long; the next round goes on."""
    journal, team = (await harness.executor()).core.journal, new_id()
    await _ended(harness, team, "executed", [7_200.0 + n for n in range(30)])
    few = _keep(executed=10)
    assert [await journal.forget(few, limit=8) for _ in range(4)] == [8, 8, 4, 0]


async def test_an_hours_attempts_stay_however_many(harness: Harness) -> None:
    """Somebody may be looking at them."""
    journal, team = (await harness.executor()).core.journal, new_id()
    await _ended(harness, team, "executed", [60.0 * n for n in range(30)])
    assert await journal.forget(_keep(executed=1)) == 0


async def test_what_waits_for_a_person_or_an_outcome_is_kept(harness: Harness) -> None:
    """INVARIANT (P7, 2): whatever its age and number; the ledger's row stays in any case."""
    journal = (await harness.executor()).core.journal
    commands = [await harness.due(Kind.LIKE, account=number) for number in range(3)]
    team = commands[0].client_id
    for command in commands:
        await _ended(harness, team, "failed", [40 * DAY], command.activity_id)
    ends = (("failed", True, "{}"), ("cancelled", False, "{1}"), ("failed", False, "{}"))
    for command, (state, needs_person, unheard) in zip(commands, ends, strict=True):
        await harness.owner.execute(
            "update scheduler.activities set state = %s, needs_person = %s, unheard = %s"
            " where id = %s",
            (state, needs_person, unheard, command.activity_id),
        )
    assert await journal.forget(_keep(others=1)) == 1
    kept = {row["activity_id"] for row in await harness.attempts()}
    assert kept == {command.activity_id for command in commands[:2]}
    rows = await harness.owner.execute("select count(*) as n from scheduler.activities")
    assert await rows.fetchone() == {"n": 3}
