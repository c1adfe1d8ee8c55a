"""What a member was to do who takes no part for a while: held, not lost, not done in a burst."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from chorus.documents import KindPolicy, PerPost, PodPolicy
from chorus.documents.activity_commands import Reject
from chorus.vocabulary import Kind, Outcome
from chorus_lab.seeding import allow_everything, make_post, make_tenant
from chorus_scheduler.commands.consents import call_off
from chorus_scheduler.domain.participation import Participation
from chorus_scheduler.errors import NotTakingPart
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.store import held
from chorus_scheduler.store.consents import Unagreed
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome
from tests.integration.scheduler.test_facts import LIKES_OFF, first_due, planned, row

OFF = "update gateway.pod_members set active = false"
ON = "update gateway.pod_members set active = true"
LIKES_ON = "update gateway.pods set policy = jsonb_set(policy, '{like,enabled}', 'true')"
LEFT = (
    "insert into gateway.departures (client_id, pod_id, account_id, by_user_id, whole, kinds)"
    " select m.client_id, m.pod_id, m.account_id, a.owner_user_id, %s, %s"
    " from gateway.pod_members m join gateway.accounts a on a.id = m.account_id"
)
PACED = PodPolicy(
    like=KindPolicy(from_seconds=300, to_seconds=1800, per_post=PerPost(count=5, per_seconds=600))
)


def _wish(world: World, activity: UUID) -> dict[str, Any]:
    return {"client_id": world.tenant.client_id, "activity_id": activity, "actor": "user:ada"}


async def _states(world: World) -> set[tuple[str, str]]:
    return {(each["state"], each["reason_code"]) for each in await world.activities()}


@pytest.mark.parametrize(
    ("off", "on"),
    [
        (OFF, ON),
        ("update gateway.pods set active = false", "update gateway.pods set active = true"),
        (
            "update gateway.pod_members set kinds = '{repost}'",
            "update gateway.pod_members set kinds = '{like}'",
        ),
        (LIKES_OFF, LIKES_ON),
    ],
)
async def test_who_is_disabled_for_a_while_goes_on(world: World, off: str, on: str) -> None:
    """P7, INVARIANT: nothing is handed over meanwhile, and nothing is lost."""
    await planned(world)
    before = {each["id"]: each["due_at"] for each in await world.activities()}
    await world.owner.execute(off)
    assert await world.sweeper.consents() == 0
    assert await _states(world) == {("scheduled", "held")}
    assert await world.sweeper.held() == 0
    world.clock.move_to(min(before.values()))
    assert await world.dispatch_all() == []
    await world.owner.execute(on)
    assert await world.sweeper.held() == 8
    rows = await world.activities()
    assert {each["parked_by"] for each in rows} == {None}
    assert all(each["due_at"] >= before[each["id"]] for each in rows)
    world.clock.move_to(rows[0]["due_at"])
    assert await world.dispatch_all()
    assert await world.decisions(rows[0]["id"]) == ["planned", "held", "takes_part_again"]


async def test_who_comes_back_late_does_not_come_in_a_burst(world: World) -> None:
    """INVARIANT 8: placed again: within the limit a post has, and at a pace."""
    tenant = await make_tenant(world.owner, members=12, policy=PACED, provider_prefix="late")
    await allow_everything(world.owner, tenant, per_hour=1000)
    post = await make_post(world.owner, tenant, published_at=NOW)
    await world.planner.plan(
        PlanRequest(
            client_id=tenant.client_id,
            post_id=post,
            kinds=[Kind.LIKE],
            actor="test",
            correlation_id="c",
        )
    )
    await world.owner.execute(OFF)
    world.clock.advance(timedelta(minutes=4))
    await world.sweeper.consents()
    world.clock.advance(timedelta(minutes=22))
    await world.owner.execute(ON)
    assert await world.sweeper.held() == 12
    times = [each["due_at"] for each in await world.activities()]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert times[0] >= world.clock.now()
    assert min(gaps) >= timedelta(seconds=30)
    assert all(
        late - early >= timedelta(minutes=10) for early, late in zip(times, times[5:], strict=False)
    )


async def test_what_is_held_ends_with_its_window(world: World) -> None:
    """P7: likes are due within half an hour; after that, and after its own time, it is skipped."""
    await planned(world)
    rows = await world.activities()
    await world.owner.execute(OFF)
    await world.sweeper.consents()
    window = NOW + timedelta(minutes=30)
    assert {each["window_until"] for each in rows} == {window}
    over = [each for each in rows if max(each["due_at"], window) == window]
    assert 0 < len(over) < len(rows)  # three members an hour: the others' places are later
    world.clock.move_to(window + timedelta(seconds=1))
    assert await world.sweeper.held() == len(over)
    world.clock.move_to(rows[-1]["due_at"] + timedelta(seconds=1))
    assert await world.sweeper.held() == len(rows) - len(over)
    await world.owner.execute(ON)
    assert await world.sweeper.held() == 0
    assert await _states(world) == {("skipped", "expired_while_held")}


@pytest.mark.parametrize("left", ["removed", "departed", "kind", "pod", "consent"])
async def test_who_left_for_good_does_nothing_more(world: World, left: str) -> None:
    """INVARIANT 4: a no of whoever owns the account, or a removal, ends what is held, for good."""
    await planned(world)
    await world.owner.execute(OFF)
    await world.sweeper.consents()
    code = "member_inactive"
    if left == "removed":
        await world.owner.execute("delete from gateway.pod_members")
    elif left == "departed":
        await world.owner.execute(LEFT, (True, []))
    elif left == "kind":
        code = "kind_disabled"
        await world.owner.execute(LEFT, (False, ["like"]))
    elif left == "pod":
        await world.owner.execute(
            "update gateway.pods set active = false, removed_at = clock_timestamp()"
        )
    else:
        code = "consent_revoked"
        await world.owner.execute("update gateway.accounts set consented_kinds = '{comment}'")
    assert await world.sweeper.consents() == 8
    await world.owner.execute(ON)
    assert await world.sweeper.held() == 0
    assert await _states(world) == {("cancelled", code)}
    assert {each["stop_code"] for each in await world.activities()} == {code}


async def test_who_was_removed_is_asked_for_at_hand_over(world: World) -> None:
    """Finding B3: INVARIANT: who left for good does nothing more."""
    await planned(world)
    await world.owner.execute("delete from gateway.pod_members")
    world.clock.advance(timedelta(hours=12))
    assert await world.dispatch_all() == []
    rows = await world.activities()
    told = {(each["state"], each["reason_code"], each["stop_code"]) for each in rows}
    assert told == {("cancelled", "member_inactive", "member_inactive")}


async def test_a_hold_that_comes_late_is_let_go(world: World) -> None:
    """The member was enabled while the sweep ran: what it still holds goes on a round later; and
    enabled and disabled again, it is held again.
    """
    ids = await planned(world)
    no_part = Participation(takes_part=False, kinds=frozenset())
    late = [
        Unagreed(id=each, kind=Kind.LIKE, consented=True, participation=no_part) for each in ids
    ]
    for _ in range(2):
        async with world.pool.connection() as conn, conn.transaction():
            assert await call_off(conn, late, now=world.clock.now(), actor="system") == 0
        assert await _states(world) == {("scheduled", "held")}
        assert (await world.sweeper.held(), await world.sweeper.held()) == (8, 0)
        assert await _states(world) == {("scheduled", "takes_part_again")}
    world.clock.move_to((await world.activities())[0]["due_at"])
    await world.owner.execute(OFF)
    assert await world.dispatch_all() == []  # no sweep is waited for
    assert ("scheduled", "held") in await _states(world)


async def test_who_is_disabled_while_it_is_out_is_held_afterwards(world: World) -> None:
    """The executor withheld it; it is no attempt, and goes on with the member. Said again, the old
    outcome changes nothing.
    """
    command = await first_due(world)
    await world.owner.execute(OFF)
    told = outcome(command, Outcome.WITHHELD, withheld="member_inactive")
    await world.settle(told)
    world.clock.advance(1)
    assert await world.dispatch_all() == []
    assert (await row(world, command.activity_id))["reason_code"] == "held"
    await world.owner.execute(ON)
    await world.sweeper.held()
    await world.settle(told)
    placed = next(e for e in await world.activities() if e["id"] == command.activity_id)
    world.clock.move_to(placed["due_at"])
    again = {each.activity_id: each for each in await world.dispatch_all()}
    assert (again[command.activity_id].execution, again[command.activity_id].attempt) == (2, 1)


async def test_what_waits_for_a_yes_is_held_too(world: World) -> None:
    """A person's no stays; nobody says yes meanwhile; the time for a yes goes on afterwards."""
    first, second, *_ = await planned(world, Kind.COMMENT)
    expires = (await row(world, second))["approval_expires_at"]
    await world.owner.execute(OFF)
    await world.sweeper.consents()
    with pytest.raises(NotTakingPart, match="held until"):
        await world.approve(_wish(world, second))
    await world.steering.reject(Reject(**_wish(world, first), reason="Not these words"))
    world.clock.advance(timedelta(hours=30))
    await world.owner.execute(ON)
    assert await world.sweeper.held() == 7
    assert (await row(world, first))["state"] == "cancelled"
    late = await row(world, second)
    assert late["state"] == "awaiting_approval"
    assert late["due_at"] >= world.clock.now()  # type: ignore[operator]
    assert late["approval_expires_at"] > expires  # type: ignore[operator]
    await world.approve(_wish(world, second))
    assert (await row(world, second))["state"] == "scheduled"


async def test_a_yes_that_never_came_ends_with_its_time(world: World) -> None:
    """Held until nobody could say yes any more: it ends, and says that it was held."""
    await planned(world, Kind.COMMENT)
    await world.owner.execute(OFF)
    await world.sweeper.consents()
    world.clock.advance(timedelta(hours=60))
    assert await world.sweeper.approvals() == 0
    assert await world.sweeper.held() == 8
    assert await _states(world) == {("skipped", "expired_while_held")}


async def test_a_pause_and_a_disabled_member_end_one_after_the_other(world: World) -> None:
    """What a pause has parked stays with the pause; when that ends, the member is waited for."""
    await planned(world)
    pause = await world.steering.pause(
        client_id=world.tenant.client_id,
        scope="tenant",
        scope_id=None,
        reason="A holiday",
        actor="user:ada",
    )
    world.clock.move_to((await world.activities())[-1]["due_at"])
    assert await world.dispatch_all() == []
    await world.owner.execute(OFF)
    await world.sweeper.consents()
    assert await _states(world) == {("scheduled", "parked")}
    await world.steering.resume(
        pause_id=pause.id, client_id=world.tenant.client_id, actor="user:ada"
    )
    await world.sweeper.consents()
    assert await _states(world) == {("scheduled", "held")}


async def test_other_tenants_are_left_alone(world: World) -> None:
    """Who holds nothing is not looked through; a place that is held is nobody's."""
    await planned(world)
    other = await make_tenant(world.owner, members=2, provider_prefix="other")
    await world.owner.execute(OFF)
    await world.sweeper.consents()
    await world.owner.execute(ON)
    now = world.clock.now()
    async with world.pool.connection() as conn, conn.transaction():
        found = await held.tenants(conn, now=now, patience=timedelta(hours=24))
    assert found == [world.tenant.client_id]
    assert other.client_id not in found
