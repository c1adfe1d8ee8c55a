"""A member's way in: the account is connected in their session, and they say that it is theirs."""

from dataclasses import dataclass
from uuid import UUID

from chorus.errors import DependencyUnavailable
from chorus.postgres.pool import Connection
from chorus_gateway.account_links import Started, Wanted
from chorus_gateway.actions.account_links import begin
from chorus_gateway.caller import Caller
from chorus_gateway.domain import passwords as rules
from chorus_gateway.domain.account_links import AccountLink, LinkState
from chorus_gateway.domain.invitations import brings_a_new_account
from chorus_gateway.domain.roles import Permission
from chorus_gateway.hosted.port import USUAL
from chorus_gateway.problems import Problem
from chorus_gateway.store import account_links, accounts, invitations, sessions, users
from chorus_gateway.store.accounts import Account
from chorus_gateway.store.page_sessions import PageSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How far somebody is: the accounts that are theirs, and the link that was started last."""

    accounts: list[Account]
    link: AccountLink | None


async def way(caller: Caller, session: PageSession) -> Way:
    """For the pages of one session."""
    async with caller.reading() as conn:
        owned = await accounts.listing(
            conn, before=None, limit=20, owner_user_id=caller.principal.user_id
        )
        return Way(accounts=owned, link=await account_links.latest(conn, session.id))


async def account_of(caller: Caller, account_id: UUID) -> Account:
    """One of the caller's own accounts; somebody else's is as one that is not there."""
    async with caller.reading() as conn:
        account = await accounts.find(conn, account_id)
    if account is None or account.owner_user_id != caller.principal.user_id:
        raise Problem("account_not_found")
    return account


async def connect(caller: Caller, session: PageSession, account_id: UUID | None) -> Started:
    """Begin to connect an account, or to sign one in again, in this session.

    A link proves nobody: who came back by one signs an account of theirs in again first. Raises
    DependencyUnavailable.
    """
    if not caller.principal.may(Permission.OWN_ACCOUNTS):
        raise Problem("not_allowed")
    if account_id is None and not await may_bring(caller, session):
        raise Problem("sign_in_again_first")
    wanted = Wanted(
        client_id=caller.principal.client_id,
        user_id=caller.principal.user_id,
        platform=USUAL,
        account_id=account_id,
        session_id=session.id,
    )
    return await begin(caller, wanted)


async def may_bring(caller: Caller, session: PageSession) -> bool:
    """Whether a new account may be connected in this session."""
    invitation_id = session.invitation_id
    async with caller.reading() as conn:
        owned = await accounts.owned_by(conn, caller.principal.user_id)
        came_by = await invitations.find(conn, invitation_id) if invitation_id else None
    purpose = came_by.purpose if came_by else None
    return brings_a_new_account(purpose, proven=session.proven_at is not None, owns=bool(owned))


async def confirm(caller: Caller, session: PageSession, link_id: UUID) -> AccountLink:
    """The account that the provider shows is theirs; it is connected from now on."""
    gateway = caller.gateway
    async with caller.transaction() as conn:
        link = await _own(conn, session, link_id)
        if link.state == LinkState.REPORTED and link.confirmed_at is None:
            if not await account_links.confirm(conn, link_id, gateway.clock.now()):
                raise Problem("conflict")
            await caller.note(conn, "account.confirmed", link_id)
    try:
        await gateway.account_links.settle(link.client_id, link_id)
    except DependencyUnavailable:
        # The sweep goes on with it.
        return link
    async with caller.reading() as conn:
        return await account_links.find(conn, link_id) or link


async def refuse(caller: Caller, session: PageSession, link_id: UUID) -> None:
    """It is not theirs: nothing is connected by this link any more."""
    async with caller.transaction() as conn:
        link = await _own(conn, session, link_id)
        if link.waits_for_word or link.state == LinkState.OPEN:
            await caller.gateway.account_links.end(conn, link, "not_mine")


async def choose_password(caller: Caller, session: PageSession, new: str) -> None:
    """A password of one's own, in a session that has shown whose it is: a first one, or, where a
    link opened the session, one in the place of what was forgotten.

    Other sessions, tokens and keys end; this one goes on. Where a link opened it, the password
    rests on the account that was shown: see `identity.voided_passwords`.
    """
    gateway, user_id = caller.gateway, caller.principal.user_id
    if caller.principal.temporary:
        raise Problem("sign_in_again_first")
    async with caller.reading() as conn:
        user = await users.find(conn, user_id)
        credentials = await users.password_of(conn, user_id)
    if user is None or credentials is None:
        raise Problem("user_not_found")
    if credentials.outside:
        raise Problem("conflict", "You sign in where your team does, and have no password here.")
    if not session.chooses_password(present=credentials.password_hash is not None):
        raise Problem("conflict", "You have a password already. Change it where you sign in.")
    fault = rules.fault(new, email=user.email)
    if fault:
        raise Problem("invalid_request", errors=[{"pointer": "/body/password", "detail": fault}])
    digest = await gateway.passwords.hash(new)
    async with caller.transaction(alone=True) as conn:
        await _still_shown(conn, session)
        await users.choose_password(
            conn, user_id, digest, of_link=session.by_link, session_id=session.id
        )
        await sessions.revoke_user(conn, user_id, gateway.clock.now(), but=session.id)
        await caller.note(conn, "user.password_changed", user_id)


async def _still_shown(conn: Connection, session: PageSession) -> None:
    """Where a link opened the session its person has an account to show for it."""
    if session.by_link and not await accounts.owned_by(conn, session.user_id):
        raise Problem("sign_in_again_first")


async def _own(conn: Connection, session: PageSession, link_id: UUID) -> AccountLink:
    """A link of this very session, locked: what was begun in another one ends in it, or not."""
    link = await account_links.lock(conn, link_id)
    if link is None or link.session_id != session.id:
        raise Problem("link_not_found")
    return link
