"""Orders and answers of checks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from psycopg.types.json import Jsonb

from chorus.events import WatchChecked
from chorus.kafka.envelope import encode
from chorus.outbox.store import append
from chorus.postgres.pool import Connection, Pool
from chorus.postgres.queries import load
from chorus.telemetry import tracing
from chorus.vocabulary import Platform, WatchKind
from chorus_executor.domain.watch_orders import Order

_QUERIES = load("chorus_executor.reading", "watch_checks.sql")


class WatchCheckStore:
    """What was asked for, begun and answered. Each method is one transaction."""

    def __init__(self, pool: Pool, *, source: str) -> None:
        self._pool = pool
        self._source = source

    async def order(self, watch_id: UUID) -> Order | None:
        """What the ledger says of the watch now; None where there is none."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_QUERIES.order, {"watch_id": watch_id})
            row = await cursor.fetchone()
        return None if row is None else _order(row)

    async def begin(self, order: Order) -> bool:
        """Whether the check is to be made here. One that was answered is answered once more."""
        values = _key(order) | {
            "client_id": order.client_id,
            "account_id": order.account_id,
            "sends": order.sends,
        }
        async with self._pool.connection() as connection, connection.transaction():
            row = await (await connection.execute(_QUERIES.answer_of, values)).fetchone()
            if row is not None:
                event = WatchChecked.model_validate(row["answer"])
                await self._say(connection, event, row["sends"])
                return False
            begun = await (await connection.execute(_QUERIES.begin, values)).fetchone()
        return begun is not None

    async def answer(
        self, order: Order, event: WatchChecked, shown: Mapping[str, str] | None = None
    ) -> bool:
        """Say what came of it, once. A challenge is told whoever answered first.

        `shown`: how the posts begin; it is kept here and does not travel. None: as before.
        """
        challenge = event.failure is not None and event.failure.challenge
        values = _key(order) | {
            "answer": Jsonb(event.model_dump(mode="json")),
            "shown": None if shown is None else Jsonb(dict(shown)),
        }
        async with self._pool.connection() as connection, connection.transaction():
            if challenge:
                await connection.execute(_QUERIES.remember_challenge, _met(event))
            first = await (await connection.execute(_QUERIES.answer, values)).fetchone()
            if first is not None or challenge:
                await self._say(connection, event, order.sends)
        return first is not None

    async def claimed(self, account_id: UUID, since: datetime) -> frozenset[str]:
        """What our own acts of the account made since then, as the provider calls it."""
        values = {"account_id": account_id, "since": since}
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(_QUERIES.claimed, values)).fetchall()
        return frozenset(row["name"] for row in rows)

    async def forget(self, keep_seconds: float) -> int:
        """Delete checks of long ago."""
        async with self._pool.connection() as connection:
            values = {"keep_seconds": keep_seconds}
            return (await connection.execute(_QUERIES.forget, values)).rowcount

    async def _say(self, connection: Connection, event: WatchChecked, sends: int) -> None:
        message = encode(
            event,
            source=self._source,
            time=event.checked_at,
            traceparent=tracing.current.get(),
            event_id=uuid5(event.watch_id, f"checked {event.execution}/{sends}"),
        )
        await append(connection, "engagement", [message])


def _order(row: Mapping[str, Any]) -> Order:
    platform = row["platform"]
    kinds = {
        "kind": WatchKind(row["kind"]),
        "platform": None if platform is None else Platform(platform),
    }
    return Order(**{**row, **kinds})


def _key(order: Order) -> dict[str, Any]:
    return {"watch_id": order.watch_id, "execution": order.execution}


def _met(event: WatchChecked) -> dict[str, Any]:
    return {
        "account_id": event.account_id,
        "watch_id": event.watch_id,
        "execution": event.execution,
        "client_id": event.client_id,
        "code": event.failure.code if event.failure else None,
    }
