"""How things end: a publication that will not happen is told, a fact about a post is one task, and
nothing is parked by a pause that has ended.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chorus.documents import ActiveHoursDocument, CommentPolicy, KindPolicy, PodPolicy
from chorus.documents.activity_commands import Cancel
from chorus.events import ActivityDue, PostQueued
from chorus.ids import new_id
from chorus.vocabulary import ErrorType, Kind, Outcome, Platform
from chorus_lab.seeding import Tenant, make_post, make_tenant
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.store import due, pauses
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome

AT_ONCE = PodPolicy(
    like=KindPolicy(from_seconds=0, to_seconds=0),
    comment=CommentPolicy(from_seconds=0, to_seconds=0),
)


async def _queue(world: World) -> UUID:
    post = new_id()
    await world.publishing.queue(
        PostQueued(
            platform=Platform.LINKEDIN,
            client_id=world.tenant.client_id,
            post_id=post,
            pod_id=world.tenant.pod_id,
            account_id=world.tenant.accounts[0],
            text="Hello network",
            scheduled_for=NOW + timedelta(minutes=1),
            correlation_id="c",
        )
    )
    (row,) = await world.activities()
    return UUID(str(row["id"]))


async def test_a_publication_is_on_its_accounts_network(world: World) -> None:
    """Invariant 3: whatever a message says, the account's network is gone by, and its limits."""
    account = str(world.tenant.accounts[0])
    await world.owner.execute(
        "update gateway.accounts set platform = 'tiktok' where id = %s", (account,)
    )
    await _queue(world)
    (row,) = await world.activities()
    assert row["platform"] == "tiktok"


async def test_a_publication_is_its_accounts_own(world: World) -> None:
    """Invariant 4: nobody's membership is said, and so no pod's; with it or without it goes out."""
    await _queue(world)
    (row,) = await world.activities()
    assert (row["member_id"], row["account_id"]) == (None, world.tenant.accounts[0])
    assert (await _out(world)).activity_id == row["id"]


async def _told(world: World) -> int:
    rows = await world.rows("select topic from scheduler.outbox")
    return [row["topic"] for row in rows].count("post.publish_failed")


async def _out(world: World) -> ActivityDue:
    world.clock.advance(61)
    (command,) = await world.dispatch_all()
    return command


def _wish(world: World, activity: UUID) -> dict[str, Any]:
    return {"client_id": world.tenant.client_id, "activity_id": activity, "actor": "ada"}


async def test_a_cancelled_publication_is_told(world: World) -> None:
    """Finding D14: INVARIANT: whatever ends a publication, its post's people hear of it, once."""
    await world.steering.cancel(Cancel(**_wish(world, await _queue(world))))
    assert await _told(world) == 1


@pytest.mark.parametrize("how", ["consent", "recheck", "gave_up", "withheld", "already_done"])
async def test_a_publication_that_ends_is_told(world: World, how: str) -> None:
    """Finding D14: at hand-over, by a withdrawal, by its outcome."""
    await _queue(world)
    no_consent = "update gateway.accounts set consented_kinds = '{like}'"
    if how == "consent":
        await world.owner.execute(no_consent)
        world.clock.advance(61)
        assert await world.dispatch_all() == []
    elif how == "recheck":
        await world.owner.execute(no_consent)
        await world.steering.recheck(
            client_id=world.tenant.client_id, account_id=world.tenant.accounts[0], actor="ada"
        )
    elif how == "gave_up":
        await world.settle(outcome(await _out(world), Outcome.FAILED, retryable=False))
    else:
        code = "consent_revoked" if how == "withheld" else how
        await world.settle(outcome(await _out(world), Outcome.WITHHELD, withheld=code))
    assert await _told(world) == 1


async def test_what_is_out_is_told_of_when_it_is_known(world: World) -> None:
    """Finding D14: cancelled while out, it may be published yet: its end is told when heard."""
    activity = await _queue(world)
    command = await _out(world)
    await world.steering.cancel(Cancel(**_wish(world, activity)))
    assert await _told(world) == 0
    await world.settle(outcome(command, Outcome.WITHHELD, withheld="cancelled"))
    await world.settle(outcome(command, Outcome.WITHHELD, withheld="cancelled"))
    assert await _told(world) == 1


async def _amplify(world: World, tenant: Tenant, *kinds: Kind) -> None:
    texts = [f"A thought, number {number}" for number in range(20)]
    post = await make_post(world.owner, tenant, published_at=NOW, comment_texts=texts)
    await world.planner.plan(
        PlanRequest(
            client_id=tenant.client_id,
            post_id=post,
            kinds=list(kinds),
            actor="test",
            correlation_id="c",
        )
    )


async def test_a_fact_about_a_post_is_one_task(world: World) -> None:
    """Finding D16: deleted, it ends all that is left to do there, with one reason and one task."""
    tenant = await make_tenant(world.owner, members=6, policy=AT_ONCE, provider_prefix="fact")
    await _amplify(world, tenant, Kind.LIKE, Kind.COMMENT)
    await world.owner.execute(
        "update scheduler.activities set due_at = %s where kind = 'like'", (NOW,)
    )
    commands = await world.dispatch_all()
    assert len(commands) > 2
    gone = [
        outcome(c, Outcome.FAILED, error=ErrorType.POST_NOT_FOUND, retryable=False, called=False)
        for c in commands
    ]
    await world.settle(gone[0])
    others = [row for row in await world.activities() if row["id"] != gone[0].activity_id]
    assert {row["state"] for row in others} <= {"scheduled", "dispatched", "awaiting_approval"}, (
        "what one account is shown may be about that account"
    )
    await world.settle(gone[1])
    for event in gone[2:]:
        await world.settle(event)
    rows = await world.activities()
    assert {row["reason_code"] for row in rows} == {"post_not_found"}
    assert [row["needs_person"] for row in rows].count(True) == 1
    assert {row["state"] for row in rows} == {"failed", "skipped"}


async def test_closed_comments_end_comments_alone(world: World) -> None:
    """Finding D16: what holds for comments says nothing of likes."""
    tenant = await make_tenant(world.owner, members=4, policy=AT_ONCE, provider_prefix="shut")
    await _amplify(world, tenant, Kind.LIKE, Kind.COMMENT)
    comments = [row for row in await world.activities() if row["kind"] == "comment"]
    for row in comments[:2]:
        await world.approve(
            {"client_id": tenant.client_id, "activity_id": row["id"], "actor": "ada"}
        )
        await world.owner.execute(
            "update scheduler.activities set due_at = %s where id = %s", (NOW, row["id"])
        )
    world.clock.move_to(NOW)
    shut = [command for command in await world.dispatch_all() if command.kind is Kind.COMMENT]
    assert len(shut) == 2
    for command in shut:
        event = outcome(command, Outcome.FAILED, error=ErrorType.API_ERROR, retryable=False)
        assert event.failure is not None
        failure = event.failure.model_copy(update={"code": "comments_disabled"})
        await world.settle(event.model_copy(update={"failure": failure}))
    rows = await world.activities()
    ended = [row for row in rows if row["reason_code"] == "comments_closed"]
    assert {row["kind"] for row in ended} == {"comment"}
    assert len(ended) == len(comments)
    assert {row["state"] for row in rows if row["kind"] == "like"} <= {"scheduled", "dispatched"}


async def test_a_pause_that_has_ended_parks_nobody(world: World) -> None:
    """Finding B10: INVARIANT: a resume between the dispatcher's look and its park is seen."""
    activity = await _queue(world)
    pause = await world.steering.pause(
        client_id=world.tenant.client_id, scope="tenant", scope_id=None, reason="trip", actor="ada"
    )
    async with world.pool.connection() as conn, conn.transaction():
        (seen,) = await pauses.in_force(conn)
        await world.steering.resume(
            pause_id=pause.id, client_id=world.tenant.client_id, actor="ada"
        )
        (row,) = await world.activities()
        entry = _Entry(id=row["id"])
        told = Decision(code="parked", sentence="Parked by a pause: trip.")
        parked = await due.park(conn, [(entry, seen, told)], now=NOW)  # type: ignore[list-item]
    assert parked == set()
    world.clock.advance(61)
    assert [command.activity_id for command in await world.dispatch_all()] == [activity]


class _Entry:
    """Of a due activity parking needs the id alone."""

    def __init__(self, *, id: UUID) -> None:  # noqa: A002 - its name
        self.id = id


async def test_nothing_goes_out_after_hours(world: World) -> None:
    """Finding B4: INVARIANT: what was put off, retried or held up waits until the hours open."""
    tenant = await make_tenant(world.owner, members=2, policy=AT_ONCE, provider_prefix="hours")
    await _amplify(world, tenant, Kind.LIKE)
    hours = ActiveHoursDocument.model_validate({"opens": "08:00", "closes": "09:30"})
    await world.owner.execute(
        "update gateway.accounts set active_hours = %s::jsonb, timezone = 'UTC' where id = any(%s)",
        (hours.model_dump_json(), tenant.accounts),
    )
    await world.owner.execute("update scheduler.activities set due_at = %s", (NOW,))
    (first, *_) = await world.dispatch_all()
    refused = outcome(first, Outcome.FAILED, error=ErrorType.RATE_LIMIT, called=False)
    late = refused.model_copy(
        update={"failure": refused.failure.model_copy(update={"retry_after": 3600.0})}  # type: ignore[union-attr]
    )
    await world.settle(late)
    row = next(r for r in await world.activities() if r["id"] == first.activity_id)
    assert row["due_at"] >= NOW.replace(hour=8) + timedelta(days=1)
    await world.owner.execute(
        "update scheduler.activities set due_at = %s where state = 'scheduled'",
        (NOW + timedelta(hours=3),),
    )
    world.clock.move_to(NOW + timedelta(hours=5))
    assert await world.dispatch_all() == []
    due_again = {r["due_at"] for r in await world.activities() if r["state"] == "scheduled"}
    assert min(due_again) >= NOW.replace(hour=8) + timedelta(days=1)
