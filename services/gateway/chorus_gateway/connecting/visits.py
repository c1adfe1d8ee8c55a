"""What a page shows of its link, and the one thing to do there: take the account back."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from chorus.clock import Clock
from chorus.errors import DependencyUnavailable
from chorus.postgres.pool import Connection
from chorus_gateway.connecting.tokens import PAGES_LIFE, link_of, token_of
from chorus_gateway.domain.account_links import AccountLink, LinkState
from chorus_gateway.identity import voided_passwords
from chorus_gateway.scheduler.port import Scheduler
from chorus_gateway.store import account_links, accounts, audit, users
from chorus_gateway.store.account_links import Visit
from chorus_gateway.store.database import Database

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A link for its pages. `connected`: its account is in use because of this link."""

    link: AccountLink
    token: str
    visit: Visit
    expired: bool

    @property
    def connected(self) -> bool:
        return self.visit.account_name is not None


class Visits:
    """Raises psycopg.Error alone."""

    def __init__(self, database: Database, scheduler: Scheduler, clock: Clock, key: bytes) -> None:
        self._database = database
        self._scheduler = scheduler
        self._clock = clock
        self._key = key

    def token(self, link_id: UUID) -> str:
        """What the address of a link's pages ends with."""
        return token_of(self._key, link_id)

    async def find(self, token: str) -> Shown | None:
        """The link of this token; None: there is none, or its pages are gone."""
        known = await self._known(token)
        if known is None:
            return None
        client_id, link_id = known
        async with self._database.tenant(client_id) as conn:
            link, visit = (
                await account_links.find(conn, link_id),
                await account_links.visit(conn, link_id),
            )
        now = self._clock.now()
        if link is None or visit is None or now >= link.created_at + PAGES_LIFE:
            return None
        return Shown(link=link, token=token, visit=visit, expired=now >= link.expires_at)

    async def disconnect(self, token: str) -> Shown | None:
        """Take the account out of use at once, as its person wishes. May be asked again.

        Whoever was in the link's session was taken for that person: what they signed in, and what
        they chose to sign in with, ends too.
        """
        shown = await self.find(token)
        if shown is None or not shown.connected or shown.link.connected_account_id is None:
            return shown
        link, account_id = shown.link, shown.link.connected_account_id
        async with self._database.tenant(link.client_id) as conn:
            await users.hold(conn, link.user_id)
            await accounts.lock(conn, account_id)
            still = await account_links.visit(conn, link.id)
            if still is None or still.account_name is None:
                return await self.find(token)
            await _remove(conn, link, account_id)
            await self._end_passwords(conn, link)
        try:
            await self._scheduler.recheck(
                client_id=link.client_id, account_id=account_id, actor=f"link:{link.id}"
            )
        except DependencyUnavailable as error:
            # It sweeps by itself as well, and nothing goes out without a consent in force.
            _log.warning("consent.recheck_postponed", account_id=str(account_id), error=str(error))
        return await self.find(token)

    async def _end_passwords(self, conn: Connection, link: AccountLink) -> None:
        user_id, client_id, now = link.user_id, link.client_id, self._clock.now()
        actor = f"link:{link.id}"
        if link.session_id is not None:
            await voided_passwords.end_with_session(
                conn,
                user_id,
                client_id=client_id,
                session_id=link.session_id,
                actor=actor,
                now=now,
            )
        await voided_passwords.end_if_no_account_is_left(
            conn, user_id, client_id=client_id, actor=actor, now=now
        )

    async def refuse(self, shown: Shown) -> Shown:
        """Somebody came back in another browser than the one that started: nothing is connected.

        Also where that one was quicker and has said that the account is theirs.
        """
        async with self._database.tenant(shown.link.client_id) as conn:
            link = await account_links.lock(conn, shown.link.id)
            if link is not None and (link.waits_for_word or link.state == LinkState.OPEN):
                now = self._clock.now()
                await account_links.settle(
                    conn, link, account_id=None, code="other_browser", now=now
                )
                await audit.add(
                    conn,
                    client_id=link.client_id,
                    actor=f"link:{link.id}",
                    action="account.refused",
                    subject_id=link.account_id,
                    detail={"link_id": str(link.id), "kind": link.kind, "code": "other_browser"},
                )
        await self.disconnect(shown.token)
        return await self.find(shown.token) or shown

    async def _known(self, token: str) -> tuple[UUID, UUID] | None:
        link_id = link_of(self._key, token)
        if link_id is None:
            return None
        async with self._database.nobody() as conn:
            named = await account_links.find_by_name(conn, link_id)
        return None if named is None else (named.client_id, named.id)


async def _remove(conn: Connection, link: AccountLink, account_id: UUID) -> None:
    await accounts.withdraw_all(conn, account_id, by_user_id=link.user_id)
    await accounts.remove(conn, account_id)
    await audit.add(
        conn,
        client_id=link.client_id,
        actor=f"link:{link.id}",
        action="account.taken_back",
        subject_id=account_id,
        detail={"link_id": str(link.id)},
    )
