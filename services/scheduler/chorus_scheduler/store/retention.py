"""Deleting what is old, a batch a statement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_scheduler.domain.instants import Micros

SQL = load("chorus_scheduler.store", "retention.sql")

Table = Literal["decisions", "plans", "post_plans", "interruptions", "watches", "clearings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of gates that was gone through. `last` None: there was none left."""

    last: str | None
    gone: int


async def delete_old(conn: Connection, table: Table, *, before: datetime, limit: int) -> int:
    """Delete a batch of what ended before then. Returns how many; fewer than `limit`: all."""
    asked = {"before": before, "limit": limit}
    return (await conn.execute(SQL[f"delete_old_{table}"], asked)).rowcount


async def delete_unused_gates(conn: Connection, *, after: str, unused: Micros, limit: int) -> Page:
    """Of the page of gates after that name: those that nothing holds and nobody used since."""
    asked = {"after": after, "unused": unused, "limit": limit}
    row = await (await conn.execute(SQL.delete_unused_gates, asked)).fetchone()
    return Page(**row) if row else Page(last=None, gone=0)
