"""Notifications in the database: many in one statement, each event once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import orjson

from chorus.ids import new_id
from chorus.postgres.pool import Pool
from chorus.postgres.queries import load
from chorus_notifier.domain.notices import Notice

_QUERIES = load("chorus_notifier")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice, the event that it tells of (source and id), and when that happened."""

    event_key: str
    happened_at: datetime
    notice: Notice


class Notifications:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, told: Sequence[Told]) -> list[bool]:
        """Commit them; False for an event that was told before."""
        rows = [
            {
                "id": new_id(),
                "event_key": item.event_key,
                "happened_at": item.happened_at,
                **asdict(item.notice),
            }
            for item in told
        ]
        values = {"rows": orjson.dumps(rows).decode()}
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_QUERIES.add_notifications, values)
            added = {row["event_key"] for row in await cursor.fetchall()}
        return [item.event_key in added for item in told]
