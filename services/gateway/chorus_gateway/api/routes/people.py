"""Oneself, and the people of the team."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.api.context import Administrator, Reader
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.problems import Problem, documented
from chorus_gateway.api.routes.accounts import recheck
from chorus_gateway.api.schemas.identity import (
    MeView,
    NewPassword,
    NewUser,
    TenantView,
    UserChanges,
    UserView,
)
from chorus_gateway.domain import passwords as rules
from chorus_gateway.domain.roles import Role, may_change_user, permissions
from chorus_gateway.domain.tiers import MAX_ACCOUNTS, Tier
from chorus_gateway.identity import guessing
from chorus_gateway.store import accounts, clients, guesses, sessions, users
from chorus_gateway.store.clients import Client
from chorus_gateway.store.users import User

router: Final = APIRouter(tags=["people"])


@router.get("/me", summary="Who am I, and what may I do?")
async def me(caller: Reader) -> MeView:
    """The person, the team with its plan and usage, and the permissions of this token."""
    principal = caller.principal
    async with caller.transaction() as conn:
        user = await users.find(conn, principal.user_id)
        client = await clients.find(conn, principal.client_id)
    if user is None or client is None:
        raise Problem("user_not_found")
    return MeView(
        user=UserView.model_validate(user),
        tenant=_tenant(client),
        permissions=sorted(permissions(principal.role, principal.scopes)),
    )


@router.put(
    "/me/password",
    summary="Change my password",
    status_code=204,
    response_class=Response,
    responses={**documented("not_allowed"), **documented("too_many_attempts", "too_many_requests")},
)
async def change_password(body: NewPassword, caller: Reader) -> None:
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
    if user is None or not await gateway.passwords.verify(body.present.get_secret_value(), digest):
        async with caller.transaction() as conn:
            await caller.note(conn, "user.password_refused", principal.user_id)
        raise Problem("not_allowed", "The present password is wrong.")
    if body.new.get_secret_value() == body.present.get_secret_value():
        fault = "Choose another one than the present one."
        raise Problem("invalid_request", errors=[{"pointer": "/body/new", "detail": fault}])
    renewed = await gateway.passwords.hash(_checked(body.new.get_secret_value(), user.email))
    async with caller.transaction() as conn:
        await guesses.give_back(conn, guess, everything=True)
        await users.choose_password(conn, user.id, renewed)
        await sessions.revoke_user(conn, user.id, gateway.clock.now())
        await caller.note(conn, "user.password_changed", user.id)


@router.get("/users", summary="List the people of the team")
async def list_users(caller: Reader) -> list[UserView]:
    """Everybody, oldest first."""
    async with caller.transaction() as conn:
        return [UserView.model_validate(user) for user in await users.listing(conn)]


@router.post(
    "/users",
    summary="Add a person",
    status_code=201,
    response_model=UserView,
    responses={**documented("email_taken", "request_in_progress", "not_allowed"), **IDEMPOTENT},
)
async def add_user(body: NewUser, caller: Administrator, once: Idempotent) -> Response:
    """They sign in with this e-mail and password, and choose one of their own.

    Until then they look and do nothing in their own name: no account, no consent, no approval.
    """
    if not may_change_user(actor=caller.principal.role, present=body.role, wanted=body.role):
        raise Problem("not_allowed", "Only an owner makes owners.")
    password = _checked(body.password.get_secret_value(), body.email)
    password_hash = await caller.gateway.passwords.hash(password)

    async def effect(conn: Connection) -> UserView:
        user = await users.add(
            conn,
            user_id=new_id(),
            client_id=caller.principal.client_id,
            email=body.email,
            name=body.name,
            role=body.role,
            password_hash=password_hash,
            password_temporary=True,
        )
        if user is None:
            raise Problem("email_taken")
        await caller.note(conn, "user.added", user.id, role=user.role, email=user.email)
        return UserView.model_validate(user)

    return await once.local(caller, effect)


@router.patch(
    "/users/{user_id}",
    summary="Change a person's name or role, or disable them",
    responses=documented("user_not_found", "last_owner", "not_allowed"),
)
async def change_user(user_id: UUID, body: UserChanges, caller: Administrator) -> UserView:
    """A disabled person is out at once: sessions and API keys end, and what they agreed to is
    suspended: nothing is done in their name. Let in again, what they gave is in force again.
    """
    async with caller.transaction() as conn:
        user = await users.lock(conn, user_id)
        if user is None:
            raise Problem("user_not_found")
        changes = body.model_dump(exclude_unset=True)
        wanted = replace(user, **changes)
        if not may_change_user(
            actor=caller.principal.role, present=Role(user.role), wanted=Role(wanted.role)
        ):
            raise Problem("not_allowed", "Only an owner changes owners.")
        await _keep_an_owner(conn, caller.principal.client_id, user, wanted)
        saved = await users.save(conn, wanted)
        if user.active and not wanted.active:
            await sessions.revoke_user(conn, user.id, caller.gateway.clock.now())
        await caller.note(conn, "user.changed", user.id, **changes)
        out = not wanted.active or wanted.role == Role.VIEWER
        suspended = await accounts.owned_by(conn, user.id) if out else []
    for account_id in suspended:
        await recheck(caller, account_id)
    return UserView.model_validate(saved)


async def _keep_an_owner(conn: Connection, client_id: UUID, user: User, wanted: User) -> None:
    was, stays = (one.role == Role.OWNER and one.active for one in (user, wanted))
    if was and not stays:
        # Two owners who demote each other at once must not both succeed.
        await clients.lock(conn, client_id)
        if await users.other_owners(conn, user.id) == 0:
            raise Problem("last_owner")


def _checked(password: str, email: str) -> str:
    fault = rules.fault(password, email=email)
    if fault:
        raise Problem("invalid_request", errors=[{"pointer": "/body/password", "detail": fault}])
    return password


def _tenant(client: Client) -> TenantView:
    tier = Tier(client.tier)
    return TenantView(
        id=client.id,
        name=client.name,
        tier=tier,
        max_accounts=MAX_ACCOUNTS[tier],
        accounts=client.accounts,
        feature_flags=client.feature_flags,
    )
