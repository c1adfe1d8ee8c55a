"""Invitations: made, renewed, revoked; and exchanged, once, for a session of our pages."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.caller import Caller, Gateway
from chorus_gateway.domain.invitations import (
    LIFE_DAYS,
    MAX_OPEN,
    Invitation,
    InvitationState,
    Purpose,
    is_for,
    split_token,
    state_of,
    token_of,
)
from chorus_gateway.domain.roles import Role, may_change_user
from chorus_gateway.identity import guessing, secrets
from chorus_gateway.identity.page_sessions import Visitor
from chorus_gateway.member_pages.paths import JOIN
from chorus_gateway.problems import Problem
from chorus_gateway.store import audit, guesses, invitations, pods, users
from chorus_gateway.store.invitations import Asking, Named
from chorus_gateway.store.users import User

_REFUSED = {
    InvitationState.USED: "invitation_used",
    InvitationState.REVOKED: "invitation_revoked",
    InvitationState.EXPIRED: "invitation_expired",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Who is invited, to what. `user_id`: somebody of the team is to come back."""

    email: str | None = None
    name: str | None = None
    pod_id: UUID | None = None
    user_id: UUID | None = None
    days: int = LIFE_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """What somebody at an invitation's page says of themselves, and the browser they sit at."""

    email: str
    name: str | None
    address: str
    present: Visitor | None = None
    instead: bool = False
    """Somebody else is known in this browser, and is to be forgotten in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An invitation for its page."""

    invitation: Invitation
    asking: Asking
    state: InvitationState


def require_address(gateway: Gateway) -> str:
    """Where people reach our pages. A link is made of it alone, never of what a request says."""
    if gateway.public_url is None:
        raise Problem("unavailable", "Set CHORUS_PUBLIC_URL: an invitation is a link to it.")
    return gateway.public_url


def address_of(gateway: Gateway, invitation_id: UUID, secret: str) -> str:
    """The page of an invitation."""
    return f"{require_address(gateway)}{JOIN}{token_of(invitation_id, secret)}"


async def invite(conn: Connection, caller: Caller, wanted: Wanted, secret: str) -> Invitation:
    """For an e-mail address, or for whoever is given the link; or for somebody to come back."""
    now = caller.gateway.clock.now()
    if await invitations.count_open(conn, now) >= MAX_OPEN:
        raise Problem("too_many_invitations")
    if wanted.pod_id is not None and await pods.find(conn, wanted.pod_id) is None:
        raise Problem("pod_not_found")
    back = await _returning(conn, caller, wanted.user_id)
    email = back.email if back else wanted.email
    if back is None and email and await users.find_by_email(conn, email):
        raise Problem("email_taken")
    invitation = Invitation(
        id=new_id(),
        client_id=caller.principal.client_id,
        purpose=Purpose.RETURN if back else Purpose.JOIN,
        invited_by=caller.principal.user_id,
        email=email,
        name=back.name if back else wanted.name,
        pod_id=None if back else wanted.pod_id,
        created_at=now,
        expires_at=now + timedelta(days=wanted.days),
        revoked_at=None,
        used_at=None,
        user_id=back.id if back else None,
    )
    await invitations.add(conn, invitation, secrets.digest(secret))
    await caller.note(conn, "invitation.made", invitation.id, purpose=invitation.purpose)
    return invitation


async def renew(conn: Connection, caller: Caller, invitation_id: UUID, secret: str) -> Invitation:
    """Another link, for a week; the one before is good for nothing."""
    invitation, now = await _locked(conn, invitation_id), caller.gateway.clock.now()
    if state_of(invitation, now) not in {InvitationState.OPEN, InvitationState.EXPIRED}:
        raise Problem(_REFUSED[state_of(invitation, now)])
    if invitation.purpose == Purpose.RETURN:
        await _returning(conn, caller, invitation.user_id)
    renewed = await invitations.renew(
        conn,
        invitation_id,
        token_hash=secrets.digest(secret),
        expires_at=now + timedelta(days=LIFE_DAYS),
    )
    await caller.note(conn, "invitation.renewed", invitation_id)
    return renewed or invitation


async def revoke(caller: Caller, invitation_id: UUID) -> Invitation:
    """Its link is good for nothing from now on. Who came by it stays."""
    now = caller.gateway.clock.now()
    async with caller.transaction() as conn:
        invitation = await _locked(conn, invitation_id)
        if state_of(invitation, now) is InvitationState.USED:
            raise Problem("invitation_used")
        revoked = await invitations.revoke(conn, invitation_id, now)
        await caller.note(conn, "invitation.revoked", invitation_id)
    return revoked or invitation


async def look(gateway: Gateway, token: str, address: str) -> Shown:
    """The invitation of a token. However often it is looked at, nothing of it changes."""
    named = await _known(gateway, token, address)
    async with gateway.database.reading(named.client_id) as conn:
        invitation = await invitations.find(conn, named.id)
        asking = await invitations.asking(conn, named.id)
    if invitation is None or asking is None:
        raise Problem("invitation_not_found")
    return Shown(
        invitation=invitation, asking=asking, state=state_of(invitation, gateway.clock.now())
    )


async def redeem(gateway: Gateway, token: str, guest: Guest) -> str:
    """Exchange an invitation for a session, once; answers the session's secret."""
    named = await _known(gateway, token, guest.address)
    guess = guessing.of_invitation(named.id)
    async with gateway.database.nobody() as conn:
        await guessing.require(conn, guess)
    async with gateway.database.tenant(named.client_id) as conn:
        invitation = await _locked(conn, named.id)
        _require_guest(invitation, guest, state_of(invitation, gateway.clock.now()))
        user = await _arriving(conn, invitation, guest)
        await invitations.use(conn, named.id, user_id=user.id, now=gateway.clock.now())
        secret = await gateway.pages.open(conn, user, proven=False, invitation_id=named.id)
        await guesses.give_back(conn, guess, everything=True)
        await audit.add(
            conn,
            client_id=named.client_id,
            actor=f"user:{user.id}",
            actor_id=user.id,
            action="invitation.used",
            subject_id=named.id,
            address=guest.address,
        )
    if guest.present is not None:
        # Of whatever team: whoever is signed out in this browser is known in no copy of it.
        await gateway.pages.close(guest.present.session)
    return secret


async def _known(gateway: Gateway, token: str, address: str) -> Named:
    """The invitation whose token this is. Tokens that are nobody's are counted, and cost a wait."""
    parts = split_token(token)
    if parts is not None:
        async with gateway.database.nobody() as conn:
            named = await invitations.find_by_token(conn, parts[0])
        digest = secrets.digest(parts[1])
        if named is not None and hmac.compare_digest(named.token_hash, digest):
            return named
    async with gateway.database.nobody() as conn:
        await guessing.require(conn, guessing.of_tokens(address))
    raise Problem("invitation_not_found")


def _require_guest(invitation: Invitation, guest: Guest, state: InvitationState) -> None:
    if state is not InvitationState.OPEN:
        raise Problem(_REFUSED[state])
    if guest.present is not None and not guest.instead:
        raise Problem("somebody_else_here")
    if not is_for(invitation, guest.email):
        raise Problem("invitation_for_another")


async def _arriving(conn: Connection, invitation: Invitation, guest: Guest) -> User:
    """Who comes by it: somebody new, or whoever it brings back."""
    if invitation.purpose == Purpose.RETURN:
        user = await users.find(conn, invitation.user_id) if invitation.user_id else None
        inviter = await users.find(conn, invitation.invited_by)
        if user is None or not user.active or inviter is None:
            raise Problem("invitation_revoked")
        if not _may_bring_back(Role(inviter.role), user):
            raise Problem("invitation_revoked")
        return user
    user = await users.add(
        conn,
        user_id=new_id(),
        client_id=invitation.client_id,
        email=invitation.email or guest.email,
        name=guest.name or invitation.name or guest.email.partition("@")[0],
        role=Role.MEMBER,
        password_hash=None,
    )
    if user is None:
        raise Problem("email_taken")
    return user


async def _returning(conn: Connection, caller: Caller, user_id: UUID | None) -> User | None:
    """Who is to come back: somebody whom this caller may change."""
    if user_id is None:
        return None
    user = await users.find(conn, user_id)
    if user is None:
        raise Problem("user_not_found")
    if not user.active:
        raise Problem("conflict", "This person is disabled. Let them in again first.")
    if not _may_bring_back(caller.principal.role, user):
        raise Problem("not_allowed", "Only an owner brings an owner back.")
    return user


def _may_bring_back(role: Role, user: User) -> bool:
    """By the roles of the moment: a link of before does not outlive either of them."""
    present = Role(user.role)
    return may_change_user(actor=role, present=present, wanted=present)


async def _locked(conn: Connection, invitation_id: UUID) -> Invitation:
    invitation = await invitations.lock(conn, invitation_id)
    if invitation is None:
        raise Problem("invitation_not_found")
    return invitation
