"""Whether activities still stand, as the ledger and their accounts' owners see it now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chorus.batching import Batcher
from chorus.clock import Clock
from chorus.events import ActivityDue
from chorus.execution.domain.endings import Trial, kept_back
from chorus.execution.domain.standing import Standing, Withheld, withheld
from chorus.journal import AttemptKey, Closing, Opening, Worker, key_of
from chorus.postgres.pool import Connection, Pool
from chorus.postgres.queries import load

_QUERIES = load("chorus.execution")


class NotOurs:
    """The row belongs to another worker by now."""


NOT_OURS = NotOurs()


class Standings:
    def __init__(self, pool: Pool, *, worker: Worker, clock: Clock) -> None:
        self._pool = pool
        self._worker = worker
        self._clock = clock
        self._asking: Batcher[ActivityDue, Withheld | NotOurs | None] = Batcher(
            self._check, name="standing"
        )

    async def start(self) -> None:
        await self._asking.start()

    async def stop(self) -> None:
        await self._asking.stop()

    async def judge(
        self, connection: Connection, openings: Sequence[Opening]
    ) -> list[Closing | None]:
        """For the journal: what does not stand is closed as it is opened."""
        reasons = await _reasons(connection, [opening.command for opening in openings])
        now = self._clock.now()
        return [
            None if reason is None else _kept_back(opening, reason, now)
            for opening, reason in zip(openings, reasons, strict=True)
        ]

    async def check_again(self, command: ActivityDue) -> Withheld | NotOurs | None:
        """None: go on. To be asked when the last answer is more than a second old (invariant 6)."""
        return await self._asking.submit(command)

    async def _check(self, commands: Sequence[ActivityDue]) -> list[Withheld | NotOurs | None]:
        keys = [key_of(command) for command in commands]
        values = {
            "worker": self._worker.id,
            "ids": [key.activity_id for key in keys],
            "executions": [key.execution for key in keys],
        }
        async with self._pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(_QUERIES.still_ours, values)
            ours = {
                AttemptKey(row["activity_id"], row["execution"]) for row in await cursor.fetchall()
            }
            reasons = await _reasons(connection, commands)
        return [
            reason if key in ours else NOT_OURS for key, reason in zip(keys, reasons, strict=True)
        ]


def _kept_back(opening: Opening, reason: Withheld, now: datetime) -> Closing:
    executed = kept_back(Trial(command=opening.command), reason, now)
    return Closing(executed=executed, traceparent=opening.traceparent)


async def _reasons(
    connection: Connection, commands: Sequence[ActivityDue]
) -> list[Withheld | None]:
    values = {
        "ids": [command.activity_id for command in commands],
        "accounts": [command.account_id for command in commands],
    }
    rows = await (await connection.execute(_QUERIES.standing, values)).fetchall()
    found = {row.pop("activity_id"): row for row in rows}
    return [withheld(command, _standing(found[command.activity_id])) for command in commands]


def _standing(row: dict[str, Any]) -> Standing:
    return Standing(**{**row, "consented": frozenset(row["consented"] or ())})
