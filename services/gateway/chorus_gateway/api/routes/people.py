"""Oneself, and the people of the team."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus_gateway.actions import people as actions
from chorus_gateway.api.context import Administrator, Reader
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.identity import (
    MeView,
    NewPassword,
    NewUser,
    TenantView,
    UserChanges,
    UserView,
)
from chorus_gateway.domain.roles import permissions
from chorus_gateway.domain.tiers import MAX_ACCOUNTS, Tier
from chorus_gateway.problems import Problem
from chorus_gateway.store import clients, users
from chorus_gateway.store.clients import Client

router: Final = APIRouter(tags=["people"])


@router.get("/me", summary="Who am I, and what may I do?")
async def me(caller: Reader) -> MeView:
    """The person, the team with its plan and usage, and the permissions of this token."""
    principal = caller.principal
    async with caller.reading() as conn:
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
    await actions.change_password(
        caller, present=body.present.get_secret_value(), new=body.new.get_secret_value()
    )


@router.get("/users", summary="List the people of the team")
async def list_users(caller: Reader) -> list[UserView]:
    """Everybody, oldest first."""
    async with caller.reading() as conn:
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
    password_hash = await actions.hashed(
        caller, role=body.role, password=body.password.get_secret_value(), email=body.email
    )

    async def effect(conn: Connection) -> UserView:
        user = await actions.add(
            conn,
            caller,
            email=body.email,
            name=body.name,
            role=body.role,
            password_hash=password_hash,
        )
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
    saved = await actions.change(caller, user_id, body.model_dump(exclude_unset=True))
    return UserView.model_validate(saved)


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
