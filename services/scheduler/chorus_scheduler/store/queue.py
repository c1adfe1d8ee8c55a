"""The queue, counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Lane, State

SQL = load("chorus_scheduler.store", "queue.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Oldest:
    """When the oldest due activity of a lane was due; None where there is none."""

    lane: Lane
    waiting: datetime | None
    """No executor has taken it up."""
    open: datetime | None
    """It has no outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForPeople:
    """How many wait for a person: those of which nobody knows, and the others."""

    unknown: int
    failed: int


async def oldest_due(conn: Connection, lanes: Iterable[Lane], *, now: datetime) -> list[Oldest]:
    """Of each of the lanes."""
    asked = {"lanes": list(lanes), "now": now}
    rows = await (await conn.execute(SQL.oldest_due, asked)).fetchall()
    return [
        Oldest(lane=Lane(row["lane"]), waiting=row["waiting"], open=row["open"]) for row in rows
    ]


async def depth(conn: Connection) -> dict[State, int]:
    """How many are in each state that is no end; a state of nobody is missing."""
    rows = await (await conn.execute(SQL.queue_depth)).fetchall()
    return {State(row["state"]): row["n"] for row in rows}


async def for_people(conn: Connection) -> ForPeople:
    """How many wait for a person."""
    row = await (await conn.execute(SQL.waiting_for_a_person)).fetchone()
    return ForPeople(**row) if row else ForPeople(unknown=0, failed=0)
