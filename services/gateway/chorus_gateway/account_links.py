"""People connect their own accounts: the page, the provider's word, the look, the account."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog

from chorus.clock import Clock
from chorus.documents import AnyTime
from chorus.errors import DependencyUnavailable
from chorus.ids import new_id
from chorus.linkedin import profile_url
from chorus.postgres.pool import Connection
from chorus_gateway.account_connected import on_connected
from chorus_gateway.domain.account_links import (
    KEPT,
    LINK_LIFE,
    WORD_LIFE,
    AccountLink,
    Holder,
    LinkKind,
    LinkState,
    Report,
    Shown,
    Take,
    on_success,
    report_of,
    split_name,
    take,
    unsaid,
    usable,
)
from chorus_gateway.domain.roles import Permission, Role, permissions
from chorus_gateway.domain.tiers import Tier, may_connect
from chorus_gateway.ended_challenges import EndedChallenges
from chorus_gateway.hosted.port import HostedAccounts
from chorus_gateway.identity import secrets, voided_passwords
from chorus_gateway.store import account_links, accounts, audit, clients, page_sessions, users
from chorus_gateway.store.accounts import Account
from chorus_gateway.store.database import Database

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Who wants to connect what."""

    client_id: UUID
    user_id: UUID
    platform: str
    account_id: UUID | None = None
    provider_account_id: str | None = None
    """Of the account that is to be reconnected."""
    display_name: str | None = None
    timezone: str | None = None
    active_hours: dict[str, Any] | AnyTime | None = None
    session_id: UUID | None = None
    """The session of our pages that asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Where the person goes, and until when."""

    id: UUID
    url: str
    expires_at: datetime


class AccountLinks:
    """The one way in which an account comes to belong to somebody."""

    def __init__(
        self,
        database: Database,
        hosted: HostedAccounts,
        clock: Clock,
        *,
        again: EndedChallenges,
        address: Callable[[UUID], str],
    ) -> None:
        """`address`: of our page of a link."""
        self._database = database
        self._hosted = hosted
        self._clock = clock
        self._again = again
        self._address = address

    async def start(self, conn: Connection, wanted: Wanted) -> tuple[AccountLink, str]:
        """Store a link in the caller's transaction; answers it and the name for the provider."""
        now = self._clock.now()
        secret = secrets.new_link_secret()
        link = AccountLink(
            id=new_id(),
            client_id=wanted.client_id,
            user_id=wanted.user_id,
            kind=LinkKind.CREATE if wanted.account_id is None else LinkKind.RECONNECT,
            account_id=wanted.account_id,
            platform=wanted.platform,
            display_name=wanted.display_name,
            timezone=wanted.timezone,
            active_hours=wanted.active_hours,
            state=LinkState.OPEN,
            code=None,
            provider_account_id=None,
            connected_account_id=None,
            created_at=now,
            expires_at=now + LINK_LIFE,
            reported_at=None,
            settled_at=None,
            session_id=wanted.session_id,
        )
        await account_links.add(conn, link, secrets.digest(secret))
        return link, f"{link.id}.{secret}"

    async def page(self, link: AccountLink, name: str, reconnect: str | None) -> Started:
        """The page of ours that leads to the provider's. Raises DependencyUnavailable."""
        ours = self._address(link.id)
        theirs = await self._hosted.page(
            name=name,
            platform=link.platform,
            expires_at=link.expires_at,
            reconnect=reconnect,
            back=ours,
        )
        async with self._database.tenant(link.client_id) as conn:
            await account_links.save_page(conn, link.id, theirs)
        return Started(id=link.id, url=ours, expires_at=link.expires_at)

    async def report(self, *, name: str, status: str, provider_account_id: str | None) -> None:
        """A callback of the provider: any number of times, in any order, about anything.

        What it says about a link of ours is stored before anybody is asked, so that nothing is lost
        when the provider cannot be asked now. Raises psycopg.Error alone.
        """
        link_id = await self._known(name)
        if link_id is None:
            _log.warning("account_link.not_found", status=status[:40])
            return
        if await self._store(*link_id, report_of(status), provider_account_id):
            try:
                await self.settle(*link_id)
            except DependencyUnavailable as error:
                _log.warning("account_link.check_postponed", error=str(error))

    async def settle(self, client_id: UUID, link_id: UUID) -> None:
        """Ask the provider about a reported link, and connect its account or say why not.

        May be repeated, and at once by several. Raises DependencyUnavailable.
        """
        async with self._database.tenant(client_id) as conn:
            link = await account_links.find(conn, link_id)
        if link is None or link.state != LinkState.REPORTED or link.provider_account_id is None:
            return
        asked_at = self._clock.now()
        shown = await self._hosted.show(link.provider_account_id)
        shown = replace(shown, asked_at=asked_at) if shown else None
        now = self._clock.now()
        verdict = False if unsaid(link, now) else usable(link, shown, now)
        if verdict is None:
            return
        async with self._database.tenant(client_id) as conn:
            # First the person, then the tenant, then the link, as when a link is started.
            await users.hold(conn, link.user_id)
            await clients.lock(conn, client_id)
            held = await account_links.lock(conn, link_id)
            if held is None or held.state != LinkState.REPORTED:
                return
            if verdict and shown is not None and held.waits_for_word:
                await account_links.show(conn, link_id, shown, now)
                return
            found: UUID | str = "not_confirmed" if unsaid(held, now) else "not_usable"
            if verdict and shown is not None:
                found = await _connect(conn, held, shown, now)
            await self._end(conn, held, found, now)
        await self._again.see_to(client_id, link_id)

    async def sweep(self) -> None:
        """Settle what was reported and could not be settled then; forget what is long over."""
        async with self._database.nobody() as conn:
            await account_links.purge(conn, self._clock.now() - KEPT)
            late = self._clock.now() - WORD_LIFE
            waiting = await account_links.reported(conn, late=late, limit=_AT_ONCE)
        for link in waiting:
            try:
                await self.settle(link.client_id, link.id)
            except DependencyUnavailable as error:
                _log.warning("account_link.check_postponed", link_id=str(link.id), error=str(error))
        await self._again.sweep()

    async def end(self, conn: Connection, link: AccountLink, code: str) -> None:
        """Nothing comes of a link; the code says why. It must be locked and not be settled."""
        await self._end(conn, link, code, self._clock.now())

    async def _known(self, name: str) -> tuple[UUID, UUID] | None:
        """Tenant and link of a name that is ours, secret and all."""
        parts = split_name(name)
        if parts is None:
            return None
        async with self._database.nobody() as conn:
            named = await account_links.find_by_name(conn, parts[0])
        if named is None or not hmac.compare_digest(named.secret_hash, secrets.digest(parts[1])):
            return None
        return named.client_id, named.id

    async def _store(
        self, client_id: UUID, link_id: UUID, report: Report, provider_account_id: str | None
    ) -> bool:
        """Whether the link is to be settled now."""
        now = self._clock.now()
        async with self._database.tenant(client_id) as conn:
            link = await account_links.lock(conn, link_id)
            if link is None or report is Report.NOTHING:
                return False
            if report is Report.FAILURE or provider_account_id is None:
                await account_links.note_failure(conn, link_id, "not_finished")
                return False
            state = on_success(link, now)
            if state is LinkState.REPORTED:
                await account_links.report(conn, link, provider_account_id, now)
            elif state is LinkState.FAILED:
                await self._end(conn, link, "expired", now)
            return link.state == LinkState.REPORTED or state is LinkState.REPORTED

    async def _end(
        self, conn: Connection, link: AccountLink, found: UUID | str, now: datetime
    ) -> None:
        account_id = found if isinstance(found, UUID) else None
        code = found if isinstance(found, str) else None
        await account_links.settle(conn, link, account_id=account_id, code=code, now=now)
        await audit.add(
            conn,
            client_id=link.client_id,
            actor=f"user:{link.user_id}",
            actor_id=link.user_id,
            action="account.refused" if account_id is None else "account.connected",
            subject_id=account_id or link.account_id,
            detail={"link_id": str(link.id), "kind": link.kind, "code": code},
        )
        _log.info("account_link.settled", link_id=str(link.id), code=code)


async def _connect(conn: Connection, link: AccountLink, shown: Shown, now: datetime) -> UUID | str:
    """The account that is connected now, or the code of why it is not."""
    refused = await _refusal(conn, link, now)
    if refused is not None:
        return refused
    found = await _take(conn, link, shown, now)
    if isinstance(found, UUID):
        await on_connected(conn, link, found, now)
    return found


async def _refusal(conn: Connection, link: AccountLink, now: datetime) -> str | None:
    """The code of why whoever started the link gets no account by it; None: they do."""
    user = await users.find(conn, link.user_id)
    if user is None or not user.active:
        return "person_gone"
    if Permission.OWN_ACCOUNTS not in permissions(Role(user.role)):
        return "person_gone"
    if link.session_id is not None and not await page_sessions.alive(conn, link.session_id, now):
        return "session_over"
    return None


async def _take(conn: Connection, link: AccountLink, shown: Shown, now: datetime) -> UUID | str:
    holder = await account_links.holder(conn, shown)
    verdict = take(link, shown, holder)
    if not isinstance(verdict, Take):
        return verdict
    if _adds(verdict, holder) and not await _room(conn, link.client_id):
        return "account_limit_reached"
    await account_links.yield_unproven(conn, link.client_id, shown.id)
    if holder is None:
        added = await accounts.add(conn, _account(link, shown), shown)
        return added.id if added else "not_accepted"
    found = await _take_row(conn, link, shown, holder)
    if isinstance(found, UUID) and holder.owner_user_id != link.user_id:
        await voided_passwords.end_if_no_account_is_left(
            conn,
            holder.owner_user_id,
            client_id=link.client_id,
            actor=f"user:{link.user_id}",
            now=now,
        )
    return found


async def _take_row(
    conn: Connection, link: AccountLink, shown: Shown, holder: Holder
) -> UUID | str:
    if holder.owner_user_id != link.user_id:
        # What somebody else said about it is nothing that this person said.
        await accounts.withdraw_all(conn, holder.account_id, by_user_id=link.user_id)
    try:
        async with conn.transaction():
            await accounts.prove(
                conn,
                holder.account_id,
                owner_user_id=link.user_id,
                shown=shown,
                display_name=link.display_name,
                anew=link if holder.removed or not holder.proven else None,
            )
    except psycopg.errors.UniqueViolation:
        return "not_accepted"
    return holder.account_id


def _adds(verdict: Take, holder: Holder | None) -> bool:
    return verdict is Take.ADD or (holder is not None and holder.removed)


async def _room(conn: Connection, client_id: UUID) -> bool:
    client = await clients.find(conn, client_id)
    return client is not None and may_connect(Tier(client.tier), sum(client.accounts.values()))


def _account(link: AccountLink, shown: Shown) -> Account:
    slug = shown.public_identifier
    return Account(
        id=new_id(),
        client_id=link.client_id,
        owner_user_id=link.user_id,
        provider=account_links.PROVIDER,
        provider_account_id=shown.id,
        platform=link.platform,
        display_name=link.display_name or shown.name or "Account",
        linkedin_url=profile_url(slug) if slug else None,
        timezone=link.timezone or "UTC",
        active_hours=link.active_hours,
        status="connected",
    )
