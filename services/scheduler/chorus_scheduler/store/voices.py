"""Cartridges as the gateway stores them, and texts that wait for the model."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from chorus.documents import VoiceCartridge
from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.voice.voicing import Voiced
from chorus_scheduler.domain.activity import Activity
from chorus_scheduler.store.activities import activity_of

SQL = load("chorus_scheduler.store", "voices.sql", parts="parts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A text that waits to be said by the model."""

    id: UUID
    client_id: UUID
    cartridge_id: UUID
    source_text: str


async def cartridges(
    conn: Connection, client_id: UUID, ids: Collection[UUID]
) -> dict[UUID, VoiceCartridge]:
    """Those that are there and can be read."""
    if not ids:
        return {}
    parameters = {"client_id": client_id, "ids": list(ids)}
    cursor = await conn.execute(SQL.cartridges, parameters)
    found: dict[UUID, VoiceCartridge] = {}
    for row in await cursor.fetchall():
        try:
            found[row["cartridge_id"]] = VoiceCartridge.model_validate(row["definition"])
        except ValidationError:
            continue
    return found


async def claim(conn: Connection, *, now: datetime, until: datetime, limit: int) -> list[Pending]:
    """Texts that nobody is at, leased `until`."""
    parameters = {"now": now, "until": until, "limit": limit}
    cursor = await conn.execute(SQL.claim_pending_voices, parameters)
    return [Pending(**row) for row in await cursor.fetchall()]


async def save(
    conn: Connection, pending: Pending, voiced: Voiced, now: datetime
) -> Activity | None:
    """The text as it goes out. None: it has another one already, or another says the same."""
    parameters = {
        "id": pending.id,
        "source": pending.source_text,
        "text": voiced.text,
        "voice": voiced.voice,
        "now": now,
    }
    row = await (await conn.execute(SQL.set_voice, parameters)).fetchone()
    return None if row is None else activity_of(row)
