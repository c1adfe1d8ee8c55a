"""Whether activities are still eligible, as the ledger and their accounts' owners see it now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chorus.batching import Batcher
from chorus.clock import Clock
from chorus.events import ActivityDue
from chorus.postgres.pool import Connection, Pool
from chorus.postgres.queries import load
from chorus.vocabulary import Lane
from chorus_execution.domain.eligibility import Eligibility, Withheld, withheld
from chorus_execution.domain.outcomes import Execution, withhold
from chorus_execution.journal import AttemptKey, Closing, Judged, Opening, Worker, key_of
from chorus_execution.orders import ordered

_QUERIES = load("chorus_execution")


class NotOurs:
    """The row belongs to another worker by now."""


NOT_OURS = NotOurs()


class EligibilityCheck:
    """Of this lane's activities."""

    def __init__(self, pool: Pool, *, lane: Lane, worker: Worker, clock: Clock) -> None:
        self._pool = pool
        self._lane = lane
        self._worker = worker
        self._clock = clock
        self._asking: Batcher[ActivityDue, Withheld | NotOurs | None] = Batcher(
            self._check, name="standing"
        )

    async def start(self) -> None:
        await self._asking.start()

    async def stop(self) -> None:
        await self._asking.stop()

    async def judge(self, connection: Connection, openings: Sequence[Opening]) -> list[Judged]:
        """For the journal: the ledger's orders. What is not eligible is closed as it is opened."""
        ids = [opening.command.activity_id for opening in openings]
        cursor = await connection.execute(_QUERIES.orders, {"ids": ids})
        found = {row["asked"]: row for row in await cursor.fetchall()}
        now = self._clock.now()
        return [self._judged(item, found[item.command.activity_id], now) for item in openings]

    def _judged(self, opening: Opening, row: dict[str, Any], now: datetime) -> Judged:
        command = ordered(opening.command, row, self._lane)
        if command is None:
            return Judged(opening=None)
        order = Opening(command=command, traceparent=opening.traceparent)
        reason = withheld(command, _eligibility(row), now)
        return Judged(
            opening=order, ending=None if reason is None else _withhold(order, reason, now)
        )

    async def check_again(self, command: ActivityDue) -> Withheld | NotOurs | None:
        """None: go on. To be asked when the last answer is more than a second old (invariant 6)."""
        return await self._asking.submit(command)

    async def _check(self, commands: Sequence[ActivityDue]) -> list[Withheld | NotOurs | None]:
        keys = [key_of(command) for command in commands]
        ids = [key.activity_id for key in keys]
        values = {
            "worker": self._worker.id,
            "ids": ids,
            "executions": [key.execution for key in keys],
        }
        async with self._pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(_QUERIES.still_ours, values)
            ours = {
                AttemptKey(row["activity_id"], row["execution"]) for row in await cursor.fetchall()
            }
            rows = await (await connection.execute(_QUERIES.eligibility, {"ids": ids})).fetchall()
        found = {row["asked"]: _eligibility(row) for row in rows}
        now = self._clock.now()
        return [
            withheld(command, found[key.activity_id], now) if key in ours else NOT_OURS
            for key, command in zip(keys, commands, strict=True)
        ]


def _withhold(opening: Opening, reason: Withheld, now: datetime) -> Closing:
    executed = withhold(Execution(command=opening.command), reason, now)
    return Closing(executed=executed, traceparent=opening.traceparent)


def _eligibility(row: dict[str, Any]) -> Eligibility:
    return Eligibility(
        state=row["state"],
        execution=row["execution"],
        pause_code=row["pause_code"],
        pause_reason=row["pause_reason"],
        account_status=row["account_status"],
        consented=frozenset(row["consented"] or ()),
        asks_member=bool(row["asks_member"]),
        takes_part=row["takes_part"],
        member_kinds=frozenset(row["member_kinds"] or ()),
        challenged=bool(row["challenged"]),
        acts_until=row["acts_until"],
        approval_mode=row["approval_mode"],
        owner_agreed=bool(row["owner_agreed"]),
    )
