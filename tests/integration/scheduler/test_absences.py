"""An absence: nothing is done in it, what was planned has a place after it, or ends."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from chorus.ids import new_id
from chorus.vocabulary import Kind, State
from chorus_lab.seeding import Tenant, allow_everything, make_post, make_tenant
from chorus_scheduler.domain.instants import to_micros
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.test_placement import WIDE, _queued, _request, distances

DAY = timedelta(days=1)
TODAY = NOW.date()
TOMORROW = datetime(2026, 3, 3, tzinfo=UTC)


async def away(world: World, account: UUID, first: date, last: date) -> UUID:
    """As the gateway stores it."""
    absence = new_id()
    await world.owner.execute(
        "insert into gateway.absences (id, client_id, account_id, first_day, last_day, by_owner,"
        " made_by) select %s, client_id, id, %s, %s, true, 'test' from gateway.accounts"
        " where id = %s",
        (absence, first, last, account),
    )
    return absence


async def _everybody_away(world: World, tenant: Tenant, first: date, last: date) -> None:
    for account in tenant.accounts:
        await away(world, account, first, last)


async def _back(world: World) -> None:
    await world.owner.execute("delete from gateway.absences")


async def _team(world: World, members: int = 6) -> tuple[Tenant, UUID]:
    tenant = await make_tenant(world.owner, members=members, policy=WIDE, provider_prefix="w")
    await allow_everything(world.owner, tenant, per_hour=1000)
    texts = [f"Well said, number {number}" for number in range(members)]
    return tenant, await make_post(world.owner, tenant, published_at=NOW, comment_texts=texts)


async def _applied(world: World, tenant: Tenant) -> tuple[int, int]:
    done = [
        await world.steering.absences_changed(
            client_id=tenant.client_id, account_id=account, actor="user:ada"
        )
        for account in tenant.accounts
    ]
    return sum(each.moved for each in done), sum(each.ended for each in done)


async def _dues(world: World) -> list[datetime]:
    return [row["due_at"] for row in await world.activities()]


async def test_planning_avoids_an_absence_and_the_preview_says_the_same(world: World) -> None:
    """INVARIANT (8): a day away moves a like to the next day; the preview is the plan."""
    tenant, post = await _team(world)
    await away(world, tenant.accounts[0], TODAY, TODAY)
    preview = await world.planner.plan(_request(tenant, post, Kind.LIKE, dry_run=True))
    await world.planner.plan(_request(tenant, post, Kind.LIKE))
    rows = await world.activities()
    planned = sorted((entry.at, entry.by.account_id) for entry in preview.planned)
    assert sorted((to_micros(row["due_at"]), row["account_id"]) for row in rows) == planned
    (moved,) = [row for row in rows if row["account_id"] == tenant.accounts[0]]
    assert moved["due_at"] >= TOMORROW
    assert moved["reason_code"] == "moved_by_absence"
    assert NOW < moved["wished_at"] < NOW + timedelta(hours=1)
    assert all(row["due_at"] < NOW + DAY / 2 for row in rows if row is not moved)


async def test_who_is_away_for_longer_than_the_post_takes_no_part(world: World) -> None:
    """A like two weeks later is wanted by nobody; the reason is a code of its own."""
    tenant, post = await _team(world)
    await away(world, tenant.accounts[0], TODAY, TODAY + 14 * DAY)
    plan = await world.planner.plan(_request(tenant, post, Kind.LIKE))
    codes = {(each.member.account_id, each.decision.code) for each in plan.skipped}
    assert codes == {(tenant.accounts[0], "absent_too_long")}


async def test_an_absence_that_begins_now_holds_what_is_due(world: World) -> None:
    """INVARIANT (6, 8): nothing is handed over, whoever told of it; and no burst afterwards."""
    tenant, post = await _team(world)
    await world.planner.plan(_request(tenant, post, Kind.LIKE))
    before = await _dues(world)
    await _everybody_away(world, tenant, TODAY, TODAY)
    world.clock.advance(timedelta(hours=1))
    assert await world.dispatch_all() == []
    rows = await world.activities()
    assert {(row["state"], row["reason_code"]) for row in rows} == {("scheduled", "absent")}
    assert sorted(row["wished_at"] for row in rows) == before
    dues = [row["due_at"] for row in rows]
    assert min(dues) >= TOMORROW
    assert min(distances(dues)) >= timedelta(seconds=30), "no burst at midnight"


async def test_what_was_planned_is_placed_again_at_once(world: World) -> None:
    """Told, the scheduler moves what lies in the days, before any of it is due."""
    tenant, post = await _team(world)
    await world.planner.plan(_request(tenant, post, Kind.LIKE, Kind.COMMENT))
    assert await _applied(world, tenant) == (0, 0)
    await _everybody_away(world, tenant, TODAY, TODAY)
    assert await _applied(world, tenant) == (12, 0)
    assert await _applied(world, tenant) == (0, 0), "once"
    assert min(await _dues(world)) >= TOMORROW


async def test_what_would_come_too_late_ends_with_its_reason(world: World) -> None:
    """The post's window does not go on for so long."""
    tenant, post = await _team(world)
    await world.planner.plan(_request(tenant, post, Kind.LIKE))
    await _everybody_away(world, tenant, TODAY, TODAY + 3 * DAY)
    assert await _applied(world, tenant) == (0, 6)
    rows = await world.activities()
    assert {(row["state"], row["reason_code"]) for row in rows} == {("skipped", "absent_too_long")}
    assert (await world.decisions(rows[0]["id"]))[-1] == "absent_too_long"


async def test_due_in_a_long_absence_it_ends_as_well(world: World) -> None:
    """The same, where nobody told the scheduler."""
    tenant, post = await _team(world)
    await world.planner.plan(_request(tenant, post, Kind.LIKE))
    await _everybody_away(world, tenant, TODAY, TODAY + 3 * DAY)
    world.clock.advance(timedelta(hours=1))
    assert await world.dispatch_all() == []
    assert {row["reason_code"] for row in await world.activities()} == {"absent_too_long"}


async def test_an_absence_that_ends_early_gives_earlier_places_and_no_burst(world: World) -> None:
    """INVARIANT (8): what is past is placed from now on at a pace; what was to come has its own
    time again.
    """
    tenant, post = await _team(world)
    await world.planner.plan(_request(tenant, post, Kind.LIKE, Kind.COMMENT))
    drawn = {row["id"]: row["due_at"] for row in await world.activities()}
    await _everybody_away(world, tenant, TODAY, TODAY)
    await _applied(world, tenant)
    world.clock.advance(timedelta(hours=2))
    await _back(world)
    assert await _applied(world, tenant) == (12, 0)
    rows = await world.activities()
    assert {row["reason_code"] for row in rows} == {"back_early"}
    now = world.clock.now()
    for row in rows:
        assert row["due_at"] >= max(now, drawn[row["id"]])
        if drawn[row["id"]] > now + timedelta(minutes=5):
            assert row["due_at"] == drawn[row["id"]]
    likes = [row["due_at"] for row in rows if row["kind"] == "like"]
    assert min(distances(likes)) >= timedelta(seconds=30)
    assert max(likes) < now + timedelta(hours=3)


async def test_a_plan_that_avoided_an_absence_comes_back_too(world: World) -> None:
    """What was planned after the absence was said, and is wished for earlier."""
    tenant, post = await _team(world)
    await _everybody_away(world, tenant, TODAY, TODAY)
    await world.planner.plan(_request(tenant, post, Kind.LIKE))
    await _back(world)
    assert await _applied(world, tenant) == (6, 0)
    assert max(await _dues(world)) <= NOW + timedelta(minutes=40)


async def test_other_moves_are_not_taken_back(world: World) -> None:
    """What a person put off stays where they put it, when an absence of before ends."""
    tenant, post = await _team(world)
    await world.planner.plan(_request(tenant, post, Kind.LIKE))
    await world.owner.execute(
        "update scheduler.activities"
        " set reason_code = 'postponed', due_at = due_at + interval '5 h'"
    )
    before = await _dues(world)
    await _everybody_away(world, tenant, TODAY + 4 * DAY, TODAY + 5 * DAY)
    assert await _applied(world, tenant) == (0, 0)
    await _back(world)
    assert await _applied(world, tenant) == (0, 0)
    assert await _dues(world) == before


async def test_another_tenants_word_moves_nothing(world: World) -> None:
    """INVARIANT (P10)."""
    tenant, post = await _team(world)
    await world.planner.plan(_request(tenant, post, Kind.LIKE))
    await _everybody_away(world, tenant, TODAY, TODAY)
    done = await world.steering.absences_changed(
        client_id=world.tenant.client_id, account_id=tenant.accounts[0], actor="user:bob"
    )
    assert (done.moved, done.ended) == (0, 0)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
async def test_the_days_are_those_of_the_accounts_own_zone(world: World, zone: str) -> None:
    """It is 9 o'clock in London on the 2nd: 22 o'clock in Auckland, 1 at night in Los Angeles."""
    tenant, post = await _team(world)
    await world.owner.execute("update gateway.accounts set timezone = %s", (zone,))
    await _everybody_away(world, tenant, TODAY, TODAY)
    await world.planner.plan(_request(tenant, post, Kind.LIKE))
    ends = {
        "Pacific/Auckland": NOW + timedelta(hours=2),
        "America/Los_Angeles": NOW + 23 * DAY / 24,
    }
    dues = await _dues(world)
    assert ends[zone] <= min(dues) < ends[zone] + timedelta(minutes=30)


async def test_a_publication_waits_for_the_end_of_an_absence(world: World) -> None:
    """Nothing is done in it, the team's queued posts neither: they have no window that ends."""
    tenant = world.tenant
    author = tenant.accounts[0]
    await away(world, author, TODAY, TODAY + 6 * DAY)
    event = _queued(tenant, 0, scheduled_for=NOW + timedelta(hours=1))
    await world.publishing.queue(event)
    (row,) = await world.activities()
    assert (row["state"], row["reason_code"]) == (State.SCHEDULED, "moved_by_absence")
    assert row["due_at"] >= TOMORROW + 6 * DAY


async def test_why_an_account_is_idle_says_that_its_owner_is_away(world: World) -> None:
    """B6: until when."""
    account = world.tenant.accounts[0]
    await away(world, account, TODAY, TODAY + DAY)
    idle = await world.steering.why_idle(client_id=world.tenant.client_id, account_id=account)
    first = idle.obstacles[0]
    assert (first.code, first.until) == ("absent", TOMORROW + DAY)


async def test_when_it_was_drawn_is_remembered_while_it_is_held_up(world: World) -> None:
    """INVARIANT (8): an absence that is shortened, and again, brings nothing before its time."""
    tenant, post = await _team(world)
    await world.planner.plan(_request(tenant, post, Kind.LIKE))
    drawn = await _dues(world)
    await _everybody_away(world, tenant, TODAY, TODAY)
    assert await _applied(world, tenant) == (6, 0)
    # As if a longer one had been shortened to today: later than where it goes now.
    await world.owner.execute(
        "update scheduler.activities set due_at = due_at + interval '20 hours'"
    )
    assert await _applied(world, tenant) == (6, 0)
    rows = await world.activities()
    assert sorted(row["wished_at"] for row in rows) == drawn
    await _back(world)
    assert await _applied(world, tenant) == (6, 0)
    assert await _dues(world) == drawn


async def test_what_has_another_time_since_is_not_brought_forward(world: World) -> None:
    """INVARIANT (8): a person's "not before" stands, whatever was wished before an absence."""
    tenant, post = await _team(world)
    await world.planner.plan(_request(tenant, post, Kind.LIKE))
    await _everybody_away(world, tenant, TODAY, TODAY)
    assert await _applied(world, tenant) == (6, 0)
    later = NOW + timedelta(hours=20)
    await world.owner.execute(
        "update scheduler.activities set due_at = %s, reason_code = 'postponed'", (later,)
    )
    await _back(world)
    await _everybody_away(world, tenant, later.date(), later.date())
    await _applied(world, tenant)
    assert min(await _dues(world)) >= later
