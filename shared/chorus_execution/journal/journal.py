"""Opening, closing and taking over rows: one statement and one commit for many of them.

Its pool should come from `open_journal_pool`: every statement here reaches rows by their key, and a
plan made while a table was empty must not scan it once it is full.
"""

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from chorus.batching import Batcher
from chorus.ids import new_id
from chorus.outbox.store import append
from chorus.postgres.pool import Connection, Pool, open_pool
from chorus.postgres.queries import load
from chorus.settings import PostgresSettings
from chorus_execution.journal import rows
from chorus_execution.journal.keep import Keep
from chorus_execution.journal.records import (
    NOBODY,
    AttemptKey,
    Closing,
    Earlier,
    Inherited,
    Judged,
    Known,
    Opened,
    Opening,
    key_of,
)
from chorus_execution.journal.silence import Sign, Silences
from chorus_execution.journal.worker import Worker

SCHEMA = "engagement"

Judge = Callable[[Connection, Sequence[Opening]], Awaitable[Sequence[Judged]]]
"""Reads, in the transaction that opens them, what the ledger orders and what of it stands."""

_PACE = 0.02
"""Rows are opened well before their instant and closed after it: 50 commits a second are enough."""
_QUERIES = load("chorus_execution.journal")
_BY_KEY = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}


async def open_journal_pool(settings: PostgresSettings, *, name: str) -> Pool:
    """A pool whose plans go by keys, whatever the statistics say."""
    return await open_pool(settings, name=name, session=_BY_KEY)


class Journal:
    """Every method may wait for the database and raise its errors (`chorus.postgres.transient`).

    `effect_window`: for how many seconds a call that was made may still take effect, when its maker
    may only stand still or was not answered.
    """

    def __init__(
        self, pool: Pool, *, worker: Worker, source: str, judge: Judge, effect_window: float = 0.0
    ) -> None:
        self._pool = pool
        self._effect_window = effect_window
        self._silences = Silences(
            dead_after=worker.lease.dead_after_seconds, gone_after=worker.lease.gone_after_seconds
        )
        self._worker = worker
        self._source = source
        self._judge = judge
        self._opening: Batcher[Opening, Opened] = Batcher(
            self._open, pace=_PACE, name="journal_open"
        )
        self._noting: Batcher[rows.Note, bool] = Batcher(self._note, name="journal_note")
        self._closing: Batcher[Closing, bool] = Batcher(
            self._close, pace=_PACE, name="journal_close"
        )

    async def start(self) -> None:
        for batcher in (self._opening, self._noting, self._closing):
            await batcher.start()

    async def stop(self) -> None:
        """Write what is held; then nothing more is taken."""
        for batcher in (self._opening, self._noting, self._closing):
            await batcher.stop()

    async def open(self, opening: Opening) -> Opened:
        """Commit a row for this command, or tell how it stands. Nothing was called before."""
        return await self._opening.submit(opening)

    async def note(self, key: AttemptKey, *, text: str, voice: str) -> bool:
        """Commit the text that is about to go out. False: the row is another worker's by now."""
        return await self._noting.submit(rows.Note(key, text, voice))

    async def note_stood(self, key: AttemptKey, names: AbstractSet[str] | None) -> bool:
        """Commit what of the account's is there before the call; None: nobody could tell. False:
        see `note`.
        """
        noted = Jsonb(None if names is None else sorted(names))
        values = {**key._asdict(), "worker": self._worker.id, "names": noted}
        async with self._pool.connection() as connection:
            return (await connection.execute(_QUERIES.note_stood, values)).rowcount > 0

    async def close(self, closing: Closing) -> bool:
        """Commit an end and its events together. False, and nothing, where the row is another's."""
        return await self._closing.submit(closing)

    async def give_back(self, keys: Iterable[AttemptKey]) -> None:
        """Let go of rows for which no call was made: whoever takes them need not verify."""
        await self._let_go(keys, NOBODY)

    async def abandon(self, keys: Iterable[AttemptKey]) -> None:
        """Let go of rows that may hide an effect: whoever takes them verifies first."""
        await self._let_go(keys, new_id())

    async def take_over(
        self, lane: str, *, limit: int, spared: Collection[AttemptKey] = ()
    ) -> list[Inherited]:
        """Make rows this worker's that a dead worker left open, or that were given back.

        spared: those that somebody of this process still works on. Each finds that it has lost its
        row before this process may take that back.
        """
        async with self._pool.connection() as connection, connection.transaction():
            silent = await self._silent(connection)
            held = await self._hold(connection, silent)
            gone = [sign.id for sign in silent if sign.gone]
            values = {"worker": self._worker.id, "lane": lane, "held": held, "limit": limit}
            values |= {f"spared_{name}": keys for name, keys in rows.key_arrays(spared).items()}
            keys = await _keys(connection, _QUERIES.hold_left_behind, values)
            if not keys:
                return []
            values |= {"gone": gone, "nobody": NOBODY, "effect_window": self._effect_window}
            values |= rows.key_arrays(list(keys))
            found = await (await connection.execute(_QUERIES.take_over, values)).fetchall()
            earlier = await self._earlier(connection, [row["activity_id"] for row in found])
        return [
            rows.inherited(row, earlier[row["activity_id"]], self._effect_window) for row in found
        ]

    async def _silent(self, connection: Connection) -> list[Sign]:
        cursor = await connection.execute(_QUERIES.workers, {"worker": self._worker.id})
        signs = [Sign(**row) for row in await cursor.fetchall()]
        return self._silences.silent(signs, time.monotonic())

    async def _hold(self, connection: Connection, silent: Sequence[Sign]) -> list[UUID]:
        """Those that are as silent as before: none of them can beat or announce until the end."""
        if not silent:
            return []
        values = {"silent": [sign.id for sign in silent], "beats": [sign.beats for sign in silent]}
        cursor = await connection.execute(_QUERIES.hold_silent, values)
        return [row["id"] for row in await cursor.fetchall()]

    async def suspect(self, key: AttemptKey, *, seconds: float) -> None:
        """Commit that a call of this row was not answered: its effect may come until then."""
        values = {**key._asdict(), "worker": self._worker.id, "seconds": seconds}
        async with self._pool.connection() as connection:
            await connection.execute(_QUERIES.suspect, values)

    async def known(self, activity_id: UUID, *, account_id: UUID) -> Known:
        """What a verification needs to know."""
        values = {"activity_id": activity_id, "account_id": account_id}
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_QUERIES.known, values)).fetchone()
        if row is None:
            raise RuntimeError("the journal did not say what is known")
        return Known(performed=row["performed"], claimed=frozenset(row["claimed"]))

    async def open_rows(self) -> set[AttemptKey]:
        """The keys of all rows that are open and this worker's."""
        async with self._pool.connection() as connection:
            return await _keys(connection, _QUERIES.open_rows, {"worker": self._worker.id})

    async def forget(self, keep: Keep, *, limit: int = 5000) -> int:
        """Delete what is not kept (A5) of activities that are over, old challenges and workers long
        gone; the number of rows. The ledger's row stays, and its decisions.
        """
        values = asdict(keep) | {"limit": limit}
        async with self._pool.connection() as connection:
            await connection.execute(_QUERIES.forget_dead_workers)
            await connection.execute(_QUERIES.forget_challenges, values)
            old = await connection.execute(_QUERIES.forget_ended_attempts, values)
            beyond = await connection.execute(_QUERIES.forget_beyond_number, values)
            return old.rowcount + beyond.rowcount

    async def _open(self, openings: Sequence[Opening]) -> list[Opened]:
        async with self._pool.connection() as connection, connection.transaction():
            judged = await self._judge(connection, openings)
            ordered = [item.opening for item in judged if item.opening is not None]
            values = {"worker": self._worker.id, "rows": rows.opening_rows(ordered)}
            made = await (await connection.execute(_QUERIES.open_attempts, values)).fetchall()
            new = {
                AttemptKey(row["activity_id"], row["execution"]): row["opened_at"] for row in made
            }
            fresh, known, disowned = rows.split(judged, new)
            found = await self._enter(connection, fresh, new)
            found |= await self._look_up(connection, known)
            over = [(number, openings[number]) for number in disowned]
            found |= await self._look_back(connection, over)
        return [found[number] for number in range(len(openings))]

    async def _enter(
        self,
        connection: Connection,
        fresh: Sequence[rows.Fresh],
        opened_at: dict[AttemptKey, datetime],
    ) -> dict[int, Opened]:
        commands = [opening.command for _, opening, _ in fresh]
        again = [command.activity_id for command in commands if command.execution > 1]
        earlier = await self._earlier(connection, again)
        await self._write_closings(connection, [end for _, _, end in fresh if end is not None])
        return {
            number: rows.opened(opening.command, ending, opened_at, earlier)
            for number, opening, ending in fresh
        }

    async def _look_up(
        self, connection: Connection, known: Sequence[rows.Numbered]
    ) -> dict[int, Opened]:
        """Rows of before: what has ended is said again."""
        there = await self._told_again(connection, known)
        earlier = await self._earlier(connection, [key.activity_id for key in there])
        return {
            number: rows.found(
                there[key], self._worker.id, earlier[key.activity_id], self._effect_window
            )
            for number, opening in known
            for key in [key_of(opening.command)]
        }

    async def _look_back(
        self, connection: Connection, disowned: Sequence[rows.Numbered]
    ) -> dict[int, Opened]:
        """What the ledger does not order is not begun. What had ended is said again all the same:
        somebody asks who has not heard of it (a lost broker, P4).
        """
        there = await self._told_again(connection, disowned)
        return {
            number: rows.disowned(opening.command, there.get(key_of(opening.command)))
            for number, opening in disowned
        }

    async def _told_again(
        self, connection: Connection, asked: Sequence[rows.Numbered]
    ) -> dict[AttemptKey, rows.Row]:
        """The rows of these commands. What the closed ones said goes out once more."""
        if not asked:
            return {}
        keys = rows.key_arrays([key_of(opening.command) for _, opening in asked])
        cursor = await connection.execute(_QUERIES.standing_attempts, keys)
        there: dict[AttemptKey, rows.Row] = {
            AttemptKey(row["activity_id"], row["execution"]): row for row in await cursor.fetchall()
        }
        ended = [row for row in there.values() if row["closed"]]
        await append(connection, SCHEMA, rows.repeated(ended, self._source))
        return there

    async def _earlier(self, connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Earlier]:
        if not ids:
            return {}
        cursor = await connection.execute(_QUERIES.earlier_attempts, {"ids": list(ids)})
        return {row["activity_id"]: rows.earlier_of(row) for row in await cursor.fetchall()}

    async def _note(self, notes: Sequence[rows.Note]) -> list[bool]:
        values = {"worker": self._worker.id, "rows": rows.note_rows(notes)}
        async with self._pool.connection() as connection:
            written = await _keys(connection, _QUERIES.note_texts, values)
        return [note.key in written for note in notes]

    async def _close(self, closings: Sequence[Closing]) -> list[bool]:
        async with self._pool.connection() as connection, connection.transaction():
            written = await self._write_closings(connection, closings)
        return [key_of(closing.executed) in written for closing in closings]

    async def _write_closings(
        self, connection: Connection, closings: Sequence[Closing]
    ) -> set[AttemptKey]:
        """The rows first, then the outbox: the rows' locks put the events of a key in order."""
        if not closings:
            return set()
        ended = rows.ended(closings, self._source)
        values = {"worker": self._worker.id, "rows": rows.closing_rows(ended)}
        written = await _keys(connection, _QUERIES.close_attempts, values)
        await append(connection, SCHEMA, rows.outgoing(ended, written))
        challenges = rows.challenge_rows(closings)
        if challenges is not None:
            await connection.execute(_QUERIES.remember_challenges, {"rows": challenges})
        return written

    async def _let_go(self, keys: Iterable[AttemptKey], to: UUID) -> None:
        arrays = rows.key_arrays(list(keys))
        if not arrays["ids"]:
            return
        values: dict[str, Any] = {**arrays, "to": to, "worker": self._worker.id}
        async with self._pool.connection() as connection:
            await connection.execute(_QUERIES.give_back, values)


async def _keys(connection: Connection, query: Any, values: dict[str, Any]) -> set[AttemptKey]:
    cursor = await connection.execute(query, values)
    return {AttemptKey(row["activity_id"], row["execution"]) for row in await cursor.fetchall()}
