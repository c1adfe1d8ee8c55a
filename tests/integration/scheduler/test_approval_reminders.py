"""People are reminded of what waits for a yes before it ends: once, and never after the word."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from chorus.documents import CommentPolicy, PodPolicy
from chorus.documents.activity_commands import Reject
from chorus.vocabulary import Kind
from chorus_lab.seeding import make_post, make_tenant
from chorus_scheduler.planning.inputs import PlanRequest
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.test_facts import planned, row

ENDS = "approval_ends_soon"


async def _told(world: World) -> list[dict[str, Any]]:
    rows = await world.rows("select value from scheduler.outbox order by id")
    found = [orjson.loads(each["value"]) for each in rows]
    return [each for each in found if each.get("reason_code") == ENDS]


def _wish(world: World, activity: UUID) -> dict[str, Any]:
    return {"client_id": world.tenant.client_id, "activity_id": activity, "actor": "user:ada"}


async def test_who_may_say_yes_is_reminded_once_before_it_ends(world: World) -> None:
    """P7: when a quarter of the 48 hours after its time is left; a sweep that comes again, or a
    program that starts anew, says nothing more.
    """
    ids = await planned(world, Kind.COMMENT)
    first = (await world.activities())[0]
    world.clock.move_to(first["due_at"] + timedelta(hours=36) - timedelta(seconds=1))
    assert await world.sweeper.reminders() == 0
    world.clock.move_to(first["due_at"] + timedelta(hours=36))
    assert await world.sweeper.reminders() == 1
    (told,) = await _told(world)
    assert (told["activity_id"], told["state"]) == (str(first["id"]), "awaiting_approval")
    assert f"{first['due_at'] + timedelta(hours=48):%Y-%m-%d %H:%M} UTC" in told["reason"]
    world.clock.advance(timedelta(hours=7))
    assert await world.sweeper.reminders() == len(ids) - 1
    assert await world.sweeper.reminders() == 0
    assert ENDS in await world.decisions(first["id"])
    assert (await row(world, first["id"]))["reason_code"] == "planned"


async def test_what_is_decided_or_held_is_not_reminded_of(world: World) -> None:
    """P7: never after the word, nor of what no yes would help."""
    first, second, third, *_ = await planned(world, Kind.COMMENT)
    await world.approve(_wish(world, first))
    await world.steering.reject(Reject(**_wish(world, second), reason="Not these words"))
    await world.owner.execute(
        "update gateway.pod_members m set active = false from scheduler.activities a"
        " where a.member_id = m.id and a.id = %s",
        (third,),
    )
    await world.sweeper.consents()
    world.clock.advance(timedelta(hours=44))
    assert await world.sweeper.reminders() == 5
    told = {each["activity_id"] for each in await _told(world)}
    assert not told & {str(first), str(second), str(third)}
    world.clock.advance(timedelta(hours=20))
    assert await world.sweeper.reminders() == 0  # it has ended


async def test_a_short_time_for_a_yes_is_reminded_of_at_its_beginning(world: World) -> None:
    """Half an hour is left at least, but nobody is reminded before its own time has come."""
    policy = PodPolicy(
        comment=CommentPolicy(from_seconds=3600, to_seconds=7200),
        comment_texts=("Well said.",),
        approval_expires_seconds=1200,
    )
    tenant = await make_tenant(world.owner, members=1, policy=policy, provider_prefix="short")
    post = await make_post(world.owner, tenant, published_at=NOW)
    request = PlanRequest(
        client_id=tenant.client_id,
        post_id=post,
        kinds=[Kind.COMMENT],
        actor="test",
        correlation_id="c",
    )
    await world.planner.plan(request)
    (only,) = await world.activities()
    world.clock.move_to(only["due_at"] - timedelta(seconds=1))
    assert await world.sweeper.reminders() == 0
    world.clock.move_to(only["due_at"])
    assert await world.sweeper.reminders() == 1
