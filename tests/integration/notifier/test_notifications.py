"""Facts become notifications, each once, seen by their own tenant alone."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from chorus.batching import Batcher
from chorus.events import ActivityScheduled, Event, PasswordEnded, PostTarget
from chorus.kafka.envelope import Received
from chorus.postgres.pool import open_pool
from chorus.settings import PostgresSettings
from chorus.vocabulary import Kind, Lane, State
from chorus_notifier.handlers import Handlers
from chorus_notifier.store import Notifications
from tests.integration.executor.harness import as_role
from tests.unit.notifier.test_notices import executed

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def received(event: Event, event_id: str) -> Received[Any]:
    return Received(event, event_id, "chorus/executor", NOW, None, event.topic, 0, 0)


async def heard(dsn: str, *facts: Received[Any]) -> None:
    settings = PostgresSettings(DATABASE_URL=as_role(dsn, "chorus_notifier"))
    pool = await open_pool(settings, name="test-notifier")
    batcher = Batcher(Notifications(pool).add, name="test")
    await batcher.start()
    handlers = Handlers(batcher)
    await asyncio.gather(*(handlers.on_fact(fact) for fact in facts))
    await batcher.stop()
    await pool.close()


async def notifications(dsn: str, client: UUID | None, role: str) -> list[dict[str, Any]]:
    async with await AsyncConnection.connect(
        as_role(dsn, role), row_factory=dict_row
    ) as connection:
        await connection.execute(
            "select set_config('chorus.client_id', %s, true)", (str(client or ""),)
        )
        cursor = await connection.execute("select * from notifier.api_notifications")
        return await cursor.fetchall()


async def test_an_event_delivered_again_is_told_once(migrated_database: str) -> None:
    """INVARIANT: one event, one notification (P7)."""
    await heard(
        migrated_database,
        received(executed(), "one"),
        received(executed(), "one"),
        received(executed(execution=2), "two"),
    )
    await heard(migrated_database, received(executed(), "one"))
    rows = await notifications(migrated_database, UUID(int=1), "chorus_gateway")
    assert len(rows) == 2
    assert {row["code"] for row in rows} == {"activity_executed"}


async def test_a_tenant_sees_its_own_alone(migrated_database: str) -> None:
    """INVARIANT: P10, in the database."""
    await heard(migrated_database, received(executed(), "one"))
    assert await notifications(migrated_database, UUID(int=2), "chorus_gateway") == []
    assert await notifications(migrated_database, None, "chorus_gateway") == []


def waiting(activity: int, **changes: Any) -> ActivityScheduled:
    event = ActivityScheduled(
        client_id=UUID(int=1),
        activity_id=UUID(int=activity),
        target=PostTarget(post_id=UUID(int=4)),
        post_id=UUID(int=4),
        account_id=UUID(int=activity + 100),
        kind=Kind.COMMENT,
        lane=Lane.API,
        state=State.AWAITING_APPROVAL,
        scheduled_for=NOW,
        reason_code="planned",
        reason="Planned for later.",
        correlation_id="correlation",
    )
    return event.model_copy(update=changes)


async def test_what_waits_for_a_yes_is_told_once_a_post(migrated_database: str) -> None:
    """P7: three comments on one post are one notice for who approves, and one for each owner,
    however often they are moved; what was changed after a yes is told again.
    """
    facts = [received(waiting(number), f"first-{number}") for number in (11, 12, 13)]
    await heard(migrated_database, *facts)
    await heard(migrated_database, received(waiting(11, reason_code="postponed"), "moved"))
    rows = await notifications(migrated_database, UUID(int=1), "chorus_gateway")
    codes = sorted((row["code"], row["account_id"]) for row in rows if row["account_id"])
    assert codes == [("own_approval_waiting", UUID(int=100 + n)) for n in (11, 12, 13)]
    shared = [row for row in rows if row["code"] == "approval_waiting"]
    assert [(row["post_id"], row["account_id"]) for row in shared] == [(UUID(int=4), None)]
    again = waiting(11, reason_code="approval_asked_again")
    await heard(migrated_database, received(again, "again"), received(again, "again"))
    rows = await notifications(migrated_database, UUID(int=1), "chorus_gateway")
    assert len(rows) == 6


async def test_a_reminder_is_told_once_a_post(migrated_database: str) -> None:
    """P7: beside the first notice, whichever of the post's comments is about to end, and however
    often it is said.
    """
    await heard(migrated_database, received(waiting(11), "first"))
    ends = {"reason_code": "approval_ends_soon", "reason": "It ends at 2026-03-04 09:00 UTC."}
    facts = [received(waiting(number, **ends), f"ends-{number}") for number in (11, 12)]
    for _ in range(2):
        await heard(migrated_database, *facts)
    rows = await notifications(migrated_database, UUID(int=1), "chorus_gateway")
    told = sorted(row["code"] for row in rows if "reminder" in row["code"])
    assert told == ["approval_reminder", "own_approval_reminder", "own_approval_reminder"]
    (shared,) = [row for row in rows if row["code"] == "approval_reminder"]
    assert (shared["post_id"], shared["account_id"]) == (UUID(int=4), None)
    assert "2026-03-04" in shared["sentence"]


@pytest.mark.parametrize("code", ["account_gone", "connected_elsewhere", "taken_back"])
async def test_a_password_that_ended_is_told_once(migrated_database: str, code: Any) -> None:
    """P7, I6: its person what to do, the team's admins whose it was."""
    event = PasswordEnded(
        client_id=UUID(int=1),
        user_id=UUID(int=5),
        code=code,
        ended_at=NOW,
        correlation_id="correlation",
    )
    for event_id in ("one", "one", "again"):
        await heard(migrated_database, received(event, event_id))
    rows = await notifications(migrated_database, UUID(int=1), "chorus_gateway")
    assert sorted(row["code"] for row in rows) == ["own_password_ended", "password_ended"]
    assert {row["user_id"] for row in rows} == {UUID(int=5)}
    assert all("link" in row["sentence"] or "My page" in row["sentence"] for row in rows)


async def test_what_nobody_needs_to_hear_leaves_no_row(migrated_database: str) -> None:
    """P7."""
    planned = ActivityScheduled(
        client_id=UUID(int=1),
        activity_id=UUID(int=2),
        target=PostTarget(post_id=UUID(int=4)),
        account_id=UUID(int=3),
        kind=Kind.LIKE,
        lane=Lane.API,
        state=State.SCHEDULED,
        scheduled_for=NOW,
        reason_code="planned",
        reason="Planned for later.",
        correlation_id="correlation",
    )
    await heard(migrated_database, received(planned, "one"))
    assert await notifications(migrated_database, UUID(int=1), "chorus_gateway") == []
