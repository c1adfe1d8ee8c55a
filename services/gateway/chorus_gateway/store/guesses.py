"""Guesses at passwords, counted by digests of who and where; and places that are known."""

from dataclasses import dataclass
from datetime import timedelta

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import run

_SQL = load("chorus_gateway.store", "guesses.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Guesses of one subject: `free` ones cost nothing, each further one doubles the wait."""

    subject: bytes
    free: int
    longest: timedelta
    window: timedelta = timedelta(hours=1)
    """After so long without a guess all is forgotten."""


async def take(conn: Connection, bucket: Bucket) -> int:
    """Count a guess before it is judged; answers the seconds to wait, 0 where it may go on."""
    parameters = {
        "subject": bucket.subject,
        "free": bucket.free,
        "longest": bucket.longest,
        "window": bucket.window,
    }
    row = await (await conn.execute(_SQL.take, parameters)).fetchone()
    return int(row["wait"]) if row else 0


async def give_back(conn: Connection, bucket: Bucket, *, everything: bool = False) -> None:
    """The guess was right and does not count; `everything`: nor do those before it."""
    await run(conn, _SQL.give_back, {"subject": bucket.subject, "all": everything})


async def knows_place(conn: Connection, subject: bytes) -> bool:
    """Whether somebody signed in from there before."""
    row = await (await conn.execute(_SQL.knows_place, {"subject": subject})).fetchone()
    return bool(row and row["known"])


async def note_place(conn: Connection, subject: bytes, keep: timedelta) -> None:
    """Somebody signed in from there."""
    await run(conn, _SQL.note_place, {"subject": subject, "keep": keep})
