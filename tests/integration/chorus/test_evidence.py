"""Evidence on the real database, as the role of the browsers' service."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg.rows import dict_row
from pydantic import SecretStr

from chorus.ids import new_id
from chorus.settings import PostgresSettings
from chorus_execution.journal import open_journal_pool
from chorus_execution.journal.evidence import MOST_BYTES, Evidence, Screenshot

JPEG = b"\xff\xd8\xff\xe0"
SHOT = Screenshot(
    client_id=new_id(),
    activity_id=new_id(),
    execution=2,
    state="layout_changed",
    page="https://www.linkedin.com/feed/update/urn:li:activity:7379160923545600000/?trk=x",
    title="Ada |\n LinkedIn",
    image=JPEG + bytes(MOST_BYTES - len(JPEG)),
)


@pytest.fixture
async def evidence(migrated_database: str) -> AsyncIterator[Evidence]:
    """The store, as chorus_browser_repost."""
    with psycopg.connect(migrated_database, autocommit=True) as conn:
        conn.execute("alter role chorus_browser_repost password 'for-tests'")
    parts = urlsplit(migrated_database)
    host = parts.netloc.rpartition("@")[2]
    dsn = urlunsplit(parts._replace(netloc=f"chorus_browser_repost:for-tests@{host}"))
    pool = await open_journal_pool(PostgresSettings(dsn=SecretStr(dsn)), name="test-evidence")
    yield Evidence(pool)
    await pool.close()


def _rows(dsn: str, query: str) -> list[dict[str, Any]]:
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as conn:
        cursor = conn.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


async def test_a_screenshot_is_kept_as_it_was_taken(
    evidence: Evidence, migrated_database: str
) -> None:
    """P6: image and page, without the query; told apart by tenant."""
    evidence_id = await evidence.store(SHOT)
    (row,) = _rows(migrated_database, "select * from engagement.evidence")
    assert row["id"] == evidence_id
    assert row["image"] == SHOT.image
    assert (row["client_id"], row["execution"]) == (SHOT.client_id, 2)
    assert row["page_path"] == "/feed/update/urn:li:activity:7379160923545600000/"
    assert row["title"] == "Ada | LinkedIn"


@pytest.mark.parametrize("image", [b"", b"\x89PNG", SHOT.image + b"x"])
async def test_what_is_no_small_jpeg_is_refused(evidence: Evidence, image: bytes) -> None:
    """At most 200 KiB."""
    with pytest.raises(ValueError, match="a screenshot"):
        await evidence.store(replace(SHOT, image=image))


async def test_evidence_is_forgotten_after_its_days(
    evidence: Evidence, migrated_database: str
) -> None:
    """INVARIANT (P6): kept for 7 days and no longer; a sweep deletes no more than it may."""
    for _ in range(4):
        await evidence.store(SHOT)
    assert await evidence.forget() == 0
    _rows(
        migrated_database,
        "update engagement.evidence set taken_at = now() - interval '7 days 1 minute'"
        " where id <> (select max(id::text)::uuid from engagement.evidence)",
    )
    assert await evidence.forget(limit=2) == 2
    assert await evidence.forget() == 1
    assert await evidence.forget() == 0
    assert len(_rows(migrated_database, "select 1 from engagement.evidence")) == 1
