"""Whoever signs an account in again has dealt with the challenge that came before: its pause ends.

The link is settled first; the pause ends after it, again and again until the scheduler has heard.
"""

from typing import Final, Protocol
from uuid import UUID

import structlog

from chorus.clock import Clock
from chorus.errors import DependencyUnavailable
from chorus.postgres.pool import Connection
from chorus_gateway.domain.account_links import AccountLink, answers
from chorus_gateway.scheduler.port import SchedulerRefusal
from chorus_gateway.store import account_links, activities, audit
from chorus_gateway.store.activities import Pause
from chorus_gateway.store.database import Database

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 100


class Pauses(Protocol):
    """Where pauses are ended; a part of `Scheduler`."""

    async def resume(self, *, client_id: UUID, pause_id: UUID, actor: str) -> None:
        """See `Scheduler.resume`."""
        ...


class EndedChallenges:
    """May be asked any number of times, and at once by several."""

    def __init__(self, database: Database, pauses: Pauses, clock: Clock) -> None:
        self._database = database
        self._pauses = pauses
        self._clock = clock

    async def see_to(self, client_id: UUID, link_id: UUID) -> None:
        """End the challenge that a connected link answers. What cannot be done now stays to do.

        Raises psycopg.Error alone.
        """
        async with self._database.tenant(client_id) as conn:
            link = await account_links.find(conn, link_id)
            account_id = link.connected_account_id if link else None
            if link is None or account_id is None:
                return
            pause = (await activities.pauses_of_accounts(conn, [account_id])).get(account_id)
        answered = (
            pause if pause is not None and answers(link, pause.code, pause.paused_at) else None
        )
        if answered is not None and not await self._ended(link, answered):
            return
        async with self._database.tenant(client_id) as conn:
            if (
                await account_links.answer(conn, link_id, self._clock.now())
                and answered is not None
            ):
                await _note(conn, link, answered)

    async def sweep(self) -> None:
        """What could not be ended when its link was settled."""
        async with self._database.nobody() as conn:
            waiting = await account_links.unanswered(conn, limit=_AT_ONCE)
        for link in waiting:
            await self.see_to(link.client_id, link.id)

    async def _ended(self, link: AccountLink, pause: Pause) -> bool:
        """Whether it is over; somebody else may have ended it."""
        try:
            await self._pauses.resume(
                client_id=link.client_id, pause_id=pause.id, actor=f"user:{link.user_id}"
            )
        except SchedulerRefusal as error:
            _log.info("account_link.challenge_ended", pause_id=str(pause.id), code=error.code)
        except DependencyUnavailable as error:
            _log.warning("account_link.answer_postponed", link_id=str(link.id), error=str(error))
            return False
        return True


async def _note(conn: Connection, link: AccountLink, pause: Pause) -> None:
    await audit.add(
        conn,
        client_id=link.client_id,
        actor=f"user:{link.user_id}",
        actor_id=link.user_id,
        action="pause.ended",
        subject_id=pause.id,
        detail={
            "scope": pause.scope,
            "because": "signed_in_again",
            "account_id": str(pause.scope_id),
            "link_id": str(link.id),
        },
    )
