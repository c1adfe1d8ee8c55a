"""Without browsers the answer is an honest one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from chorus.clock import SystemClock
from chorus.events import ActivityExecuted
from chorus.journal import Journal, Lease, Worker, open_journal_pool
from chorus.kafka.envelope import Received
from chorus.settings import PostgresSettings
from chorus.vocabulary import Kind, Lane, Outcome
from chorus_browser_repost.handlers import Handlers, Refusals
from tests.integration.executor.ground import as_role
from tests.unit.executor.samples import command


@pytest.fixture
async def handlers(migrated_database: str) -> AsyncIterator[Handlers]:
    settings = PostgresSettings(DATABASE_URL=as_role(migrated_database, "chorus_browser_repost"))
    pool = await open_journal_pool(settings, name="test-browser")
    worker = Worker(pool, service="browser-repost", instance="test", lease=Lease())
    judge = Refusals(SystemClock()).judge
    journal = Journal(pool, worker=worker, source="chorus/browser-repost", judge=judge)
    await worker.start()
    await journal.start()
    yield Handlers(journal)
    await journal.stop()
    await worker.stop()
    await pool.close()


async def rows(dsn: str, query: str) -> list[dict[str, Any]]:
    async with await AsyncConnection.connect(dsn, row_factory=dict_row) as connection:
        return await (await connection.execute(query)).fetchall()


async def test_a_repost_by_browser_fails_for_good_and_says_what_to_do(
    migrated_database: str, handlers: Handlers
) -> None:
    """P5: journaled and answered in one step, so that no row is left open; once however often."""
    due = command(kind=Kind.REPOST, lane=Lane.BROWSER)
    message = Received(due, "id", "test", datetime.now(UTC), None, "activity.due.browser", 0, 0)

    await handlers.on_activity_due(message)
    await handlers.on_activity_due(message)

    (row,) = await rows(migrated_database, "select * from engagement.attempts")
    assert row["outcome"] == "failed"
    said = await rows(migrated_database, "select value from engagement.outbox")
    first, again = (ActivityExecuted.model_validate_json(item["value"]) for item in said)
    assert first == again
    assert (first.outcome, first.called_at) == (Outcome.FAILED, None)
    assert first.failure is not None
    assert (first.failure.code, first.failure.retryable) == ("browser_lane_not_available", False)
    assert "repost_via=api" in first.failure.message
