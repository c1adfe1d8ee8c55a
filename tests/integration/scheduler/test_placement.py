"""Whatever moves an activity, it is placed; and who has no pod is left alone."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from chorus.documents import CommentPolicy, KindPolicy, PodPolicy, RepostPolicy
from chorus.events import ActivityDue, PostQueued
from chorus.ids import new_id
from chorus.vocabulary import Kind, Outcome
from chorus_lab.seeding import Tenant, allow_everything, make_post, make_tenant
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.errors import NoPod
from chorus_scheduler.planning.inputs import PlanRequest
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome
from tests.integration.scheduler.test_facts import first_due

WIDE = PodPolicy(
    like=KindPolicy(from_seconds=300, to_seconds=1800),
    comment=CommentPolicy(from_seconds=3600, to_seconds=6 * 3600, approval="auto"),
    repost=RepostPolicy(from_seconds=120, to_seconds=900, comment_share=0),
)


def _request(tenant: Tenant, post: UUID, *kinds: Kind, dry_run: bool = False) -> PlanRequest:
    return PlanRequest(
        client_id=tenant.client_id,
        post_id=post,
        kinds=kinds,
        actor="test",
        correlation_id="c",
        dry_run=dry_run,
    )


async def _likes(world: World, *, members: int = 12, published_at: datetime = NOW) -> Tenant:
    tenant = await make_tenant(world.owner, members=members, policy=WIDE, provider_prefix="wide")
    await allow_everything(world.owner, tenant, per_hour=1000)
    post = await make_post(world.owner, tenant, published_at=published_at)
    await world.planner.plan(_request(tenant, post, Kind.LIKE))
    return tenant


async def _dues(world: World) -> dict[UUID, datetime]:
    return {row["id"]: row["due_at"] for row in await world.activities()}


def distances(dues: Sequence[datetime]) -> list[timedelta]:
    return [later - earlier for earlier, later in pairwise(sorted(dues))]


async def _set_hours(world: World, opens: time, closes: time) -> None:
    await world.owner.execute(
        "update gateway.accounts set timezone = 'UTC', active_hours = jsonb_build_object("
        "'opens', %s::text, 'closes', %s::text, 'days', '[0,1,2,3,4,5,6]'::jsonb)",
        (opens.isoformat("minutes"), closes.isoformat("minutes")),
    )


@pytest.mark.parametrize(
    ("hours", "zone", "opens"),
    [
        (None, "America/New_York", NOW + timedelta(hours=3)),
        (None, "UTC", NOW),
        (None, "Asia/Tokyo", NOW),
        ('"any_time"', "America/New_York", NOW),
    ],
)
async def test_who_chose_no_hours_acts_in_considerate_ones(
    world: World, hours: str | None, zone: str, opens: datetime
) -> None:
    """Invariant 8: nobody's night is acted in unless somebody chose any time: previewed, planned
    and handed over alike. It is 9 o'clock in London, 4 in New York and 18 in Tokyo.
    """
    tenant = await make_tenant(world.owner, members=3, policy=WIDE, provider_prefix="wide")
    await allow_everything(world.owner, tenant, per_hour=1000)
    chosen = "update gateway.accounts set active_hours = %s::jsonb, timezone = %s"
    await world.owner.execute(chosen, (hours, zone))
    post = await make_post(world.owner, tenant, published_at=NOW)
    preview = await world.planner.plan(_request(tenant, post, Kind.LIKE, dry_run=True))
    assert all(entry.at >= to_micros(opens) for entry in preview.planned)
    await world.planner.plan(_request(tenant, post, Kind.LIKE))
    dues = await _dues(world)
    assert sorted(map(to_micros, dues.values())) == [entry.at for entry in preview.planned]
    assert min(dues.values()) - opens < timedelta(hours=1)
    await world.owner.execute("update scheduler.activities set due_at = %s", (NOW,))
    handed = await world.dispatch_all()
    assert bool(handed) == (opens == NOW)
    if not handed:
        assert min((await _dues(world)).values()) >= opens


async def test_a_post_of_no_pod_is_left_alone(world: World) -> None:
    """Finding B7: no pod is not all pods: nothing is planned, and the reason is told."""
    post = await make_post(world.owner, world.tenant, published_at=NOW)
    await world.owner.execute("update gateway.posts set pod_id = null where id = %s", (post,))
    request = _request(world.tenant, post, Kind.LIKE)
    with pytest.raises(NoPod) as refused:
        await world.planner.plan(request)
    await world.planner.give_up(request, refused.value)
    assert await world.activities() == []
    assert await world.decisions() == ["no_pod"]


async def test_members_of_another_pod_take_no_part(world: World) -> None:
    """Finding B7: another client's members stay out, and each act names the pod that it is of."""
    other = new_id()
    await world.owner.execute(
        "insert into gateway.pods (id, client_id, name, policy) select %s, client_id, 'Other',"
        " policy from gateway.pods",
        (other,),
    )
    strangers = world.tenant.members[:3]
    await world.owner.execute(
        "update gateway.pod_members set pod_id = %s where id = any(%s)", (other, strangers)
    )
    post = await make_post(world.owner, world.tenant, published_at=NOW)
    await world.planner.plan(_request(world.tenant, post, Kind.LIKE))
    rows = await world.activities()
    assert {row["member_id"] for row in rows} == set(world.tenant.members[3:])
    assert {row["pod_id"] for row in rows} == {world.tenant.pod_id}


async def test_the_author_does_not_act_on_their_own_post(world: World) -> None:
    """Finding B6: whoever the network names as the author, whatever anybody typed."""
    post = await make_post(world.owner, world.tenant, published_at=NOW, comment_texts=["Well"])
    author, typed, *others = world.tenant.accounts
    await world.owner.execute(
        "update gateway.accounts set profile_id = 'P-1' where id = %s", (author,)
    )
    await world.owner.execute(
        "update gateway.posts set author_provider_id = 'P-1', author_account_id = %s", (typed,)
    )
    planning = await world.planner.plan(
        _request(world.tenant, post, Kind.LIKE, Kind.COMMENT, Kind.REPOST)
    )
    own = {(entry.member.account_id, entry.decision.code) for entry in planning.skipped}
    assert (author, "own_post") in own
    assert author not in {row["account_id"] for row in await world.activities()}
    assert set(others) <= {row["account_id"] for row in await world.activities()}


async def test_after_an_outage_distances_are_kept(world: World) -> None:
    """Finding B5: the scheduler's return after two hours fires nothing in a burst: order and
    distances stay, and the first is at once.
    """
    await _likes(world)
    drawn = await _dues(world)
    world.clock.advance(timedelta(hours=2))
    first = await world.dispatch_all()
    assert len(first) == 1
    placed = await _dues(world)
    assert distances(list(placed.values()))[1:] == distances(list(drawn.values()))[1:]
    assert sorted(placed, key=lambda each: placed[each]) == sorted(
        drawn, key=lambda each: drawn[each]
    )
    late = [row for row in await world.activities() if row["reason_code"] == "late"]
    assert len(late) == 11
    sent = list(first)
    for due in sorted(placed.values())[1:]:
        world.clock.move_to(due)
        sent += await world.dispatch_all()
    assert len(sent) == 12


async def test_after_a_pause_distances_are_kept(world: World) -> None:
    """Finding B5: a resume opens no door to everything at one instant."""
    tenant = await _likes(world)
    drawn = await _dues(world)
    pause = await world.steering.pause(
        client_id=tenant.client_id, scope="tenant", scope_id=None, reason="trip", actor="ada"
    )
    for due in sorted(drawn.values()):
        world.clock.move_to(due)
        assert await world.dispatch_all() == []
    world.clock.advance(timedelta(hours=3))
    done = await world.steering.resume(pause_id=pause.id, client_id=tenant.client_id, actor="ada")
    assert (done.scheduled_again, done.still_parked) == (12, 0)
    placed = await _dues(world)
    assert min(placed.values()) == world.clock.now()
    assert distances(list(placed.values())) == distances(list(drawn.values()))


async def test_what_comes_back_comes_in_the_hours(world: World) -> None:
    """Finding B4: a resume at night waits for the morning, at a considerate pace."""
    tenant = await _likes(world)
    pause = await world.steering.pause(
        client_id=tenant.client_id, scope="tenant", scope_id=None, reason="trip", actor="ada"
    )
    world.clock.advance(timedelta(minutes=31))
    await world.dispatch_all()
    await _set_hours(world, time(9), time(18))
    world.clock.move_to(NOW.replace(hour=22))
    await world.steering.resume(pause_id=pause.id, client_id=tenant.client_id, actor="ada")
    placed = sorted((await _dues(world)).values())
    opens = NOW.replace(hour=9) + timedelta(days=1)
    assert placed[0] == opens
    assert all(each >= timedelta(seconds=30) for each in distances(placed))
    assert placed[-1] < opens + timedelta(hours=1)


async def test_what_a_limit_puts_off_stays_in_the_hours(world: World) -> None:
    """Finding B4: a limit at five to six, hours until six: tomorrow at nine."""
    tenant = await make_tenant(world.owner, members=1, policy=WIDE, provider_prefix="one")
    await world.owner.execute(
        "insert into scheduler.rate_limits (client_id, platform, kind, per_hour, per_day)"
        " values (%s, 'linkedin', 'like', 1, 10)",
        (tenant.client_id,),
    )
    evening = NOW.replace(hour=17, minute=50)
    for _ in range(2):
        post = await make_post(world.owner, tenant, published_at=evening - timedelta(hours=9))
        await world.planner.plan(_request(tenant, post, Kind.LIKE))
    await world.owner.execute(
        "update scheduler.activities set due_at = %s, scheduled_for = %s", (evening, evening)
    )
    await _set_hours(world, time(9), time(18))
    world.clock.move_to(evening)
    (first,) = await world.dispatch_all()
    await world.settle(outcome(first, at=evening))
    world.clock.advance(5)
    assert await world.dispatch_all() == []
    (row,) = [row for row in await world.activities() if row["state"] == "scheduled"]
    assert row["reason_code"] == "put_off_by_limit"
    assert row["due_at"] >= NOW.replace(hour=9) + timedelta(days=1)


@pytest.mark.parametrize("minutes", [10, 25, 29, 300])
async def test_a_post_registered_late_is_amplified_at_its_pace(world: World, minutes: int) -> None:
    """Finding B5: inside its window, at its end or long after it: never fifteen at one second."""
    tenant = await make_tenant(world.owner, members=20, policy=WIDE, provider_prefix="late")
    await allow_everything(world.owner, tenant, per_hour=1000)
    post = await make_post(
        world.owner, tenant, published_at=NOW - timedelta(minutes=minutes), comment_texts=()
    )
    for kind in (Kind.LIKE, Kind.REPOST):
        planning = await world.planner.plan(_request(tenant, post, kind, dry_run=True))
        instants = [entry.at for entry in planning.planned]
        assert len(instants) == 20
        assert min(instants) >= NOW.timestamp() * 1_000_000
        assert len(set(instants)) == 20
        crowd = max(sum(at <= each < at + 1_000_000 for each in instants) for at in instants)
        assert crowd <= 3


async def test_late_approvals_are_no_burst(world: World) -> None:
    """Finding B5: ten comments approved after their time keep a distance to each other."""
    texts = [f"A thought, number {number}" for number in range(10)]
    post = await make_post(world.owner, world.tenant, published_at=NOW, comment_texts=texts)
    await world.planner.plan(_request(world.tenant, post, Kind.COMMENT))
    world.clock.advance(timedelta(hours=7))
    for row in await world.activities():
        who = {"client_id": world.tenant.client_id, "activity_id": row["id"], "actor": "ada"}
        await world.approve(who)
    placed = list((await _dues(world)).values())
    assert all(each >= timedelta(minutes=4) for each in distances(placed))


async def test_a_short_pause_throws_nothing_away(world: World) -> None:
    """Finding B11: what was put back days after its first time is parked for a minute, and
    comes back: expiry goes by how long it was parked.
    """
    tenant = await _likes(world, members=3)
    long_ago = NOW - timedelta(days=5)
    await world.owner.execute("update scheduler.activities set scheduled_for = %s", (long_ago,))
    world.clock.move_to(max((await _dues(world)).values()))
    pause = await world.steering.pause(
        client_id=tenant.client_id, scope="tenant", scope_id=None, reason="short", actor="ada"
    )
    assert await world.dispatch_all() == []
    world.clock.advance(60)
    done = await world.steering.resume(pause_id=pause.id, client_id=tenant.client_id, actor="ada")
    assert (done.scheduled_again, done.expired) == (3, 0)


async def test_what_an_ended_pause_has_parked_is_found(world: World) -> None:
    """Finding B10: parked by a pause that ended in the same moment: a sweep brings it back."""
    tenant = await _likes(world, members=3)
    pause = await world.steering.pause(
        client_id=tenant.client_id, scope="tenant", scope_id=None, reason="short", actor="ada"
    )
    await world.steering.resume(pause_id=pause.id, client_id=tenant.client_id, actor="ada")
    await world.owner.execute("update scheduler.activities set parked_by = %s", (pause.id,))
    assert await world.sweeper.parked() == 3
    assert await world.sweeper.parked() == 0
    assert {row["parked_by"] for row in await world.activities()} == {None}


async def test_a_resume_of_many_is_made_in_batches(world: World) -> None:
    """Finding B12: in force at once, whatever it had parked; the sweep goes on where a batch ended,
    and all of it is later by the same.
    """
    tenant = await _likes(world, members=1200)
    drawn = await _dues(world)
    pause = await world.steering.pause(
        client_id=tenant.client_id, scope="tenant", scope_id=None, reason="trip", actor="ada"
    )
    world.clock.advance(timedelta(hours=1))
    assert await world.dispatch_all() == []
    done = await world.steering.resume(pause_id=pause.id, client_id=tenant.client_id, actor="ada")
    assert (done.scheduled_again, done.still_parked) == (500, 700)
    assert [await world.sweeper.parked() for _ in range(3)] == [500, 200, 0]
    placed = await _dues(world)
    assert {placed[each] - drawn[each] for each in placed} == {
        world.clock.now() - min(drawn.values())
    }


def _queued(tenant: Tenant, number: int, **more: Any) -> PostQueued:
    return PostQueued(
        client_id=tenant.client_id,
        post_id=new_id(),
        pod_id=tenant.pod_id,
        account_id=tenant.accounts[number],
        text=f"Number {number}",
        correlation_id="c",
        **more,
    )


async def test_posts_whose_time_has_passed_go_out_one_after_the_other(world: World) -> None:
    """Finding E13: queued for hours ago, by several members: placed, not fired at once."""
    for number in range(5):
        event = _queued(world.tenant, number, scheduled_for=NOW - timedelta(hours=5 - number))
        await world.publishing.queue(event)
    rows = await world.activities()
    assert [row["draft_text"] for row in rows] == [f"Number {number}" for number in range(5)]
    assert rows[0]["due_at"] == NOW
    assert all(each >= timedelta(minutes=1) for each in distances([r["due_at"] for r in rows]))


async def test_a_person_chooses_when_to_publish(world: World) -> None:
    """Q2: as queued, whatever the hours; hours hold for what is moved (B4)."""
    await _set_hours(world, time(9), time(18))
    night = NOW.replace(hour=23)
    await world.publishing.queue(_queued(world.tenant, 0, scheduled_for=night))
    (row,) = await world.activities()
    assert row["due_at"] == night


async def test_what_reached_its_executor_too_late_is_placed_within_the_hours(world: World) -> None:
    """Invariant 8: a command that waited for hours in the broker is a new wish, not a leftover."""
    command = await first_due(world)
    world.clock.advance(timedelta(hours=9))
    opens, closes = NOW.time().replace(minute=0), (NOW + timedelta(hours=4)).time()
    await _set_hours(world, opens, closes)

    await world.settle(outcome(command, Outcome.WITHHELD, withheld="late"))

    due = (await _dues(world))[command.activity_id]
    assert due.date() > NOW.date()
    assert opens <= due.time() <= closes


async def test_what_comes_back_late_is_no_burst_and_no_loop(world: World) -> None:
    """Invariant 8: each at its distance, and none at once; however often it comes back."""
    post = await make_post(
        world.owner, world.tenant, published_at=NOW, comment_texts=["Well said.", "Right.", "Yes."]
    )
    await world.owner.execute(
        "update gateway.pods set policy = jsonb_set(policy, '{comment,approval}', '\"auto\"')"
    )
    await allow_everything(world.owner, world.tenant, per_hour=1000)
    await world.planner.plan(_request(world.tenant, post, Kind.COMMENT))
    sent: list[ActivityDue] = []
    while len(sent) < 3:
        world.clock.advance(timedelta(minutes=1))
        sent += await world.dispatch_all()
    world.clock.advance(timedelta(minutes=30))

    await world.settle(*[outcome(each, Outcome.WITHHELD, withheld="late") for each in sent])

    dues = list((await _dues(world)).values())
    assert min(dues) >= world.clock.now() + timedelta(minutes=1)
    assert min(distances(dues)) > timedelta(seconds=20)


async def test_who_is_connected_again_is_no_burst(world: World) -> None:
    """Invariant 8: what waited for a connection has lost its distances, and is given others."""
    await _likes(world)
    await world.owner.execute("update gateway.accounts set status = 'needs_login'")
    world.clock.advance(timedelta(hours=2))
    await world.dispatch_all()
    await world.owner.execute("update gateway.accounts set status = 'connected'")
    world.clock.advance(timedelta(minutes=11))
    assert len(await world.dispatch_all()) <= 2
    assert min(distances([*(await _dues(world)).values()])) > timedelta(seconds=5)


async def test_a_call_may_be_made_until_the_hours_end_and_for_half_a_minute(world: World) -> None:
    """INVARIANT (8): the command says until when, and sent again it says the same."""
    command = await first_due(world)
    assert command.acts_until == command.due_at + timedelta(seconds=30)
    world.clock.advance(timedelta(minutes=10))
    assert await world.sweeper.leases() == 1
    assert world.commands()[-1].acts_until == command.acts_until

    await world.settle(outcome(command, Outcome.WITHHELD, withheld="late"))
    closes = NOW.replace(hour=18)
    await _set_hours(world, time(0), closes.time())
    await world.owner.execute(
        "update scheduler.activities set due_at = %s where id = %s",
        (closes - timedelta(seconds=5), command.activity_id),
    )
    world.clock.move_to(closes - timedelta(seconds=5))
    again = [c for c in await world.dispatch_all() if c.activity_id == command.activity_id]
    assert [each.acts_until for each in again] == [closes]


async def test_what_is_due_as_the_hours_end_waits_until_they_open(world: World) -> None:
    """INVARIANT (8): a moment late is after the hours too."""
    await _likes(world, members=1)
    (row,) = await world.activities()
    closes = row["due_at"].replace(second=0, microsecond=0) + timedelta(minutes=1)
    await _set_hours(world, time(0), closes.time())
    world.clock.move_to(closes)
    assert await world.dispatch_all() == []
    (row,) = await world.activities()
    assert (row["due_at"].date(), row["reason_code"]) == (
        NOW.date() + timedelta(days=1),
        "outside_hours",
    )


async def test_who_is_put_off_again_is_told_again(world: World) -> None:
    """Each new time has its decision, be the reason the same."""
    await _likes(world, members=1)
    (row,) = await world.activities()
    await world.owner.execute("update gateway.accounts set status = 'needs_login'")
    world.clock.move_to(row["due_at"])
    for _ in range(2):
        assert await world.dispatch_all() == []
        world.clock.advance(timedelta(minutes=11))
    codes = await world.decisions(row["id"])
    assert codes.count("account_not_connected") == 2
