"""The provider says that an account works no more, or again: it stops at once, and comes back when
the provider, asked, says so. Pauses and challenges are left alone.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final, Literal

import structlog

from chorus.clock import Clock
from chorus.errors import DependencyUnavailable
from chorus.events import AccountStatusChanged
from chorus.kafka.envelope import Outgoing, encode
from chorus.outbox.store import append
from chorus.postgres.pool import Connection
from chorus.telemetry import metrics, tracing
from chorus_gateway.domain.account_links import Shown
from chorus_gateway.domain.provider_status import (
    AGAIN,
    OTHER_PERSON,
    Answer,
    Known,
    after_answer,
    after_call,
    is_well,
    next_look,
    owes_look,
    word_of,
)
from chorus_gateway.hosted.port import HostedAccounts
from chorus_gateway.post_events import SOURCE
from chorus_gateway.store import audit, lookups, provider_status
from chorus_gateway.store.database import Database
from chorus_gateway.store.provider_status import Asked, Named

_log = structlog.get_logger(__name__)
ACTOR: Final = "provider"
_LEASE: Final = timedelta(seconds=30)
_AT_ONCE: Final = 50
Heard = Literal["call", "look", "watch"]


class ProviderStatus:
    """May be told anything, any number of times, in any order, and at once by several."""

    def __init__(
        self, database: Database, hosted: HostedAccounts, clock: Clock, *, my_page: str | None
    ) -> None:
        """`my_page`: where people sign their accounts in again."""
        self._database = database
        self._hosted = hosted
        self._clock = clock
        self._my_page = my_page

    async def called(self, provider_account_id: str, said: str) -> None:
        """The provider called: what is against the account is in force when this returns or fails
        later than by the database. An account that is not known changes nothing.

        Raises psycopg.Error alone.
        """
        word = word_of(said)
        async with self._database.nobody() as conn:
            found = await provider_status.find(conn, provider_account_id)
        heard = found is not None and await self._hear(found, word)
        metrics.gateway.status_calls.labels("heard" if heard else "ignored").inc()
        _log.info("account.status_heard", word=word, known=found is not None, heard=heard)
        if found is not None and heard:
            await self._look(found)

    async def watched(
        self, conn: Connection, account: Named, answer: Answer, *, profile_id: str | None
    ) -> None:
        """What a watch's look was answered, in the caller's transaction."""
        own = await lookups.profile_of_account(conn, account.id)
        word = judged(answer.word, profile_id=own, shown_profile_id=profile_id)
        answer = replace(answer, word=word)
        after = await self._answered(conn, account, answer, "watch")
        next_at = next_look(after, answer) if after else None
        if next_at is not None:
            await provider_status.owe_look(conn, account.id, next_at)

    async def _answered(
        self, conn: Connection, account: Named, answer: Answer, heard: Heard
    ) -> Known | None:
        """What is known then. None: the account is gone."""
        known = await provider_status.lock(conn, account.id)
        if known is None:
            return None
        after = after_answer(known, answer)
        await self._change(conn, account, known, after, heard)
        return after

    async def sweep(self) -> None:
        """The looks that are owed: after a call that could not be looked into, and unclear ones."""
        async with self._database.nobody() as conn:
            owed = await provider_status.owed(conn, self._clock.now(), limit=_AT_ONCE)
        for account in owed:
            if not await self._look(account):
                return

    async def _hear(self, account: Named, word: str) -> bool:
        """Whether it says anything that is to be looked into."""
        now = self._clock.now()
        async with self._database.tenant(account.client_id) as conn:
            known = await provider_status.lock(conn, account.id)
            if known is None or not owes_look(known, word):
                return False
            await self._change(conn, account, known, after_call(known, word, now), "call")
            await provider_status.owe_look(conn, account.id, now)
        return True

    async def _look(self, account: Named) -> bool:
        """False: the provider cannot be asked now; it stays owed."""
        now = self._clock.now()
        until = now + _LEASE
        async with self._database.tenant(account.client_id) as conn:
            asked = await provider_status.begin_look(conn, account.id, now, until=until)
        if asked is None:
            return True
        try:
            shown = await self._hosted.show(asked.provider_account_id)
        except DependencyUnavailable as error:
            _log.warning("account.status_look_put_off", error=str(error))
            async with self._database.tenant(account.client_id) as conn:
                again = self._clock.now() + AGAIN
                await provider_status.end_look(conn, account.id, until=until, next_at=again)
            return False
        answer = Answer(word=_word(asked, shown), asked_at=now, answered_at=self._clock.now())
        async with self._database.tenant(account.client_id) as conn:
            after = await self._answered(conn, account, answer, "look")
            next_at = next_look(after, answer) if after else None
            await provider_status.end_look(conn, account.id, until=until, next_at=next_at)
        return True

    async def _change(
        self, conn: Connection, account: Named, known: Known, after: Known, heard: Heard
    ) -> None:
        if after == known:
            return
        await provider_status.save(conn, account.id, after)
        if (after.status, after.confirmed) == (known.status, known.confirmed):
            return
        detail = {"status": after.status, "word": after.word, "confirmed": after.confirmed}
        await audit.add(
            conn,
            client_id=account.client_id,
            actor=ACTOR,
            action="account.provider_status",
            subject_id=account.id,
            detail=detail | {"heard": heard},
        )
        _log.info("account.status_changed", account_id=str(account.id), heard=heard, **detail)
        metrics.gateway.status_changes.labels(after.status or "connected", heard).inc()
        if after.confirmed or known.confirmed:
            await append(conn, "gateway", [_told(account, after, self._my_page, self._clock)])


def judged(word: str, *, profile_id: str | None, shown_profile_id: str | None) -> str:
    """The word, or that it is said of somebody else of the network."""
    other = profile_id is not None and shown_profile_id not in (None, profile_id)
    return OTHER_PERSON if other and is_well(word) else word


def _word(asked: Asked, shown: Shown | None) -> str:
    if shown is None:
        return "DELETED"
    word = word_of(shown.word)
    return judged(word, profile_id=asked.profile_id, shown_profile_id=shown.profile_id)


def _told(account: Named, after: Known, my_page: str | None, clock: Clock) -> Outgoing:
    now = clock.now()
    event = AccountStatusChanged(
        client_id=account.client_id,
        account_id=account.id,
        status=after.status or "connected",
        word=after.word,
        since=after.at or now,
        my_page=my_page,
        correlation_id=str(account.id),
    )
    return encode(event, source=SOURCE, time=now, traceparent=tracing.current.get())
