"""The people of a team: added, changed, disabled; and one's own password."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.actions.consents import recheck
from chorus_gateway.caller import Caller
from chorus_gateway.domain import passwords as rules
from chorus_gateway.domain.roles import Role, may_change_user
from chorus_gateway.identity import guessing
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts, clients, guesses, sessions, users
from chorus_gateway.store.users import User


async def change_password(caller: Caller, *, present: str, new: str) -> None:
    """For people, not for keys. Needs the present password; all sessions and keys end."""
    principal, gateway = caller.principal, caller.gateway
    if principal.key_id is not None:
        raise Problem("not_allowed", "A password is changed by its person, signed in.")
    guess = guessing.of_present_password(principal.user_id)
    async with caller.transaction() as conn:
        await guessing.require(conn, guess)
        user = await users.find(conn, principal.user_id)
        credentials = await users.password_of(conn, principal.user_id)
    digest = credentials.password_hash if credentials else None
    fits = await gateway.passwords.verify(present, digest)
    if user is None or digest is None or not fits:
        async with caller.transaction() as conn:
            await caller.note(conn, "user.password_refused", principal.user_id)
        raise Problem("not_allowed", "The present password is wrong.")
    if new == present:
        fault = "Choose another one than the present one."
        raise Problem("invalid_request", errors=[{"pointer": "/body/new", "detail": fault}])
    renewed = await gateway.passwords.hash(_acceptable(new, user.email))
    async with caller.transaction(alone=True) as conn:
        await guesses.give_back(conn, guess, everything=True)
        if not await users.change_password(conn, user.id, digest=digest, password_hash=renewed):
            raise Problem("not_allowed", "The present password is wrong.")
        await sessions.revoke_user(conn, user.id, gateway.clock.now())
        await caller.note(conn, "user.password_changed", user.id)


async def hashed(caller: Caller, *, role: Role, password: str, email: str) -> str:
    """The hash of a new person's first password, where this caller may add somebody so."""
    if not may_change_user(actor=caller.principal.role, present=role, wanted=role):
        raise Problem("not_allowed", "Only an owner makes owners.")
    return await caller.gateway.passwords.hash(_acceptable(password, email))


async def add(
    conn: Connection, caller: Caller, *, email: str, name: str, role: Role, password_hash: str
) -> User:
    """Until they choose a password of their own they look, and do nothing in their own name."""
    user = await users.add(
        conn,
        user_id=new_id(),
        client_id=caller.principal.client_id,
        email=email,
        name=name,
        role=role,
        password_hash=password_hash,
        password_temporary=True,
    )
    if user is None:
        raise Problem("email_taken")
    await caller.note(conn, "user.added", user.id, role=user.role)
    return user


async def change(caller: Caller, user_id: UUID, changes: Mapping[str, Any]) -> User:
    """A disabled person is out at once: sessions and API keys end, and what they agreed to is
    suspended: nothing is done in their name. Let in again, what they gave is in force again.
    """
    async with caller.transaction(alone=user_id == caller.principal.user_id) as conn:
        user = await users.lock(conn, user_id)
        if user is None:
            raise Problem("user_not_found")
        wanted = replace(user, **changes)
        if not may_change_user(
            actor=caller.principal.role, present=Role(user.role), wanted=Role(wanted.role)
        ):
            raise Problem("not_allowed", "Only an owner changes owners.")
        await keep_an_owner(conn, user, wanted)
        saved = await users.save(conn, wanted)
        if saved is None:
            raise Problem("user_not_found")
        if user.active and not wanted.active:
            await sessions.revoke_user(conn, user.id, caller.gateway.clock.now())
        await caller.note(conn, "user.changed", user.id, **changes)
        out = not wanted.active or wanted.role == Role.VIEWER
        suspended = await accounts.owned_by(conn, user.id) if out else []
    for account_id in suspended:
        await recheck(caller, account_id)
    return saved


async def keep_an_owner(conn: Connection, user: User, wanted: User) -> None:
    """Problem where the `user`, locked, is the last owner of their team and `wanted` is none."""
    was, stays = (one.role == Role.OWNER and one.active for one in (user, wanted))
    if was and not stays:
        # Two owners who demote each other at once must not both succeed.
        await clients.lock(conn, user.client_id)
        if await users.other_owners(conn, user.id) == 0:
            raise Problem("last_owner")


def _acceptable(password: str, email: str) -> str:
    fault = rules.fault(password, email=email)
    if fault:
        raise Problem("invalid_request", errors=[{"pointer": "/body/password", "detail": fault}])
    return password
