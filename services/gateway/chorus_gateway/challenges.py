"""A challenge that a look of the gateway's own met: the account stops, and a person is called."""

import asyncio
from datetime import datetime
from typing import Final, NamedTuple, Protocol
from uuid import UUID, uuid5

import structlog

from chorus.clock import Clock
from chorus.errors import DependencyUnavailable
from chorus_gateway.scheduler.port import SchedulerRefusal
from chorus_gateway.store import challenges, lookups
from chorus_gateway.store.database import Database

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 50
_MOST: Final = 500


class ChallengePauses(Protocol):
    """Where a challenge becomes the account's pause; a part of `Scheduler`."""

    async def pause_challenged(
        self, *, client_id: UUID, account_id: UUID, pause_id: UUID, reason: str
    ) -> None:
        """See `Scheduler.pause_challenged`."""
        ...


class _Met(NamedTuple):
    at: datetime
    said: str


class Challenges:
    """Stored first, in force at once; told until the scheduler has it, the same pause each time."""

    def __init__(self, database: Database, pauses: ChallengePauses, clock: Clock) -> None:
        self._database = database
        self._pauses = pauses
        self._clock = clock
        self._unnoted: dict[tuple[UUID, UUID], _Met] = {}
        self._telling: set[asyncio.Task[None]] = set()

    async def met(self, client_id: UUID, account_id: UUID, said: str) -> None:
        """Stop the account, and tell. Raises psycopg.Error alone.

        Whoever waits for it may leave, and the database may be away: it is remembered, and noted by
        the next `tell`.
        """
        _log.warning("account.challenged", account_id=str(account_id), why=said)
        self._unnoted.setdefault((client_id, account_id), _Met(self._clock.now(), said[:_MOST]))
        telling = asyncio.create_task(self.tell(), name="challenge-met")
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)
        await asyncio.shield(telling)

    async def tell(self) -> None:
        """Note what was met, then make pauses of all that the scheduler does not know yet.

        Raises psycopg.Error alone.
        """
        for (client_id, account_id), met in list(self._unnoted.items()):
            async with self._database.tenant(client_id) as conn:
                await lookups.exhaust(conn, account_id)
                await challenges.note(conn, account_id, at=met.at, said=met.said)
            self._unnoted.pop((client_id, account_id), None)
        async with self._database.nobody() as conn:
            untold = await challenges.untold(conn, limit=_AT_ONCE)
        for one in untold:
            try:
                await self._pauses.pause_challenged(
                    client_id=one.client_id,
                    account_id=one.account_id,
                    pause_id=_pause_id(one.account_id, one.challenged_at),
                    reason=one.challenge,
                )
            except (DependencyUnavailable, SchedulerRefusal) as error:
                _log.warning("account.challenge_untold", why=str(error))
                continue
            async with self._database.tenant(one.client_id) as conn:
                await challenges.told(conn, one.account_id, at=one.challenged_at)


def _pause_id(account_id: UUID, at: datetime) -> UUID:
    return uuid5(account_id, f"challenge {at.isoformat()}")
