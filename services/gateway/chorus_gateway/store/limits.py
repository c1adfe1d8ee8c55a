"""Limits, as the scheduler publishes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from chorus.documents.limits import Amounts, Source
from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import many

Action = Literal["post", "like", "comment", "follow", "dm", "reply", "upvote"]
Origin = Literal["required", "considerate"]
_SQL = load("chorus_gateway.store", "limits.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """A limit of an account, of the tenant, or of everybody."""

    client_id: UUID | None
    account_id: UUID | None
    platform: str
    kind: str
    per_hour: int | None
    per_day: int | None
    cooldown: timedelta
    set_at: datetime
    set_by: str
    narrows: bool
    by_owner: bool

    @property
    def source(self) -> Source:
        """For whom it was set."""
        if self.account_id is not None:
            return "account"
        return "default" if self.client_id is None else "tenant"

    @property
    def amounts(self) -> Amounts:
        """How much may be done."""
        return Amounts(
            per_hour=self.per_hour,
            per_day=self.per_day,
            cooldown_seconds=self.cooldown.total_seconds(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultLimit:
    """A number of Q3, in its words."""

    platform: str
    action: Action
    kind: str | None
    """Of ours; None: nothing does it yet."""
    per_hour: int
    per_day: int
    cooldown: timedelta
    source: Origin
    """required: somebody asked for the number; considerate: nobody did."""


class Standing(NamedTuple):
    """The limits of one platform and kind, from the most special to the default."""

    rows: Sequence[LimitRow]

    @property
    def amounts(self) -> Amounts:
        """What holds: of each row, and of the more general ones where it narrows them."""
        *special, default = self.rows
        held = default.amounts
        for row in reversed(special):
            held = row.amounts.narrowed_by(held) if row.narrows else row.amounts
        return held

    def of(self, source: Source, *, by_owner: bool = False) -> LimitRow | None:
        """The one that was set for exactly that, by the account's owner or by those who manage."""
        found = (row for row in self.rows if (row.source, row.by_owner) == (source, by_owner))
        return next(found, None)

    def without(self, source: Source) -> "Standing":
        """What is more general. The default is always there."""
        return Standing([row for row in self.rows if row.source != source])

    @property
    def without_owners(self) -> "Standing":
        """As if the account's owner had set none."""
        return Standing([row for row in self.rows if not row.by_owner])


async def standing(
    conn: Connection, *, platform: str, kind: str, account_id: UUID | None
) -> Standing | None:
    """Those of a platform and kind for tenant and account; None: there is no default."""
    parameters = {"platform": platform, "kind": kind, "account_id": account_id}
    rows = await many(conn, LimitRow, _SQL.standing, parameters)
    return Standing(rows) if any(row.source == "default" for row in rows) else None


async def defaults(conn: Connection) -> list[DefaultLimit]:
    """Every network and action, in order."""
    return await many(conn, DefaultLimit, _SQL.defaults, {})


async def of_tenant(conn: Connection) -> list[Standing]:
    """Every platform and kind that has a default, in order."""
    rows = await many(conn, LimitRow, _SQL.of_tenant, {})
    found: dict[tuple[str, str], list[LimitRow]] = {}
    for row in rows:
        found.setdefault((row.platform, row.kind), []).append(row)
    return [Standing(each) for each in found.values() if each[-1].source == "default"]
