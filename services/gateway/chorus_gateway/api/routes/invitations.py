"""Invitations: a person joins by a link, or comes back by one."""

from typing import Final, cast
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus_gateway.actions import invitations as actions
from chorus_gateway.api.context import Administrator
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.invitations import (
    InvitationView,
    MadeInvitationView,
    NewInvitation,
)
from chorus_gateway.caller import Caller
from chorus_gateway.domain.invitations import Invitation, state_of
from chorus_gateway.identity import secrets
from chorus_gateway.store import invitations

router: Final = APIRouter(prefix="/invitations", tags=["invitations"])


@router.get("", summary="List invitations", responses=documented("bad_cursor"))
async def list_invitations(
    caller: Administrator, limit: Limit = 50, cursor: Cursor = None
) -> Page[InvitationView]:
    """Newest first, with what came of each."""
    async with caller.reading() as conn:
        found = await invitations.listing(conn, before=id_after(cursor), limit=limit + 1)
    return Page(
        items=[_view(caller, one) for one in found[:limit]], next_cursor=cursor_after(found, limit)
    )


@router.post(
    "",
    summary="Invite somebody",
    status_code=201,
    response_model=MadeInvitationView,
    responses={
        **IDEMPOTENT,
        **documented("pod_not_found", "user_not_found", "unavailable", "too_many_invitations"),
        **documented("email_taken", "conflict", "request_in_progress"),
    },
)
async def invite(body: NewInvitation, caller: Administrator, once: Idempotent) -> Response:
    """The link is shown in this answer and never again. It is good once, and proves nobody: its
    person connects an account of theirs and agrees kind by kind before anything is done.
    """
    actions.require_address(caller.gateway)
    secret, wanted = secrets.new_link_secret(), actions.Wanted(**body.model_dump())

    async def effect(conn: Connection) -> MadeInvitationView:
        made = await actions.invite(conn, caller, wanted, secret)
        return _made(caller, made, secret)

    return await once.local(caller, effect, kept=_without_link)


@router.post(
    "/{invitation_id}/resend",
    summary="Make another link",
    status_code=201,
    response_model=MadeInvitationView,
    responses={
        **IDEMPOTENT,
        **documented("invitation_not_found", "invitation_used", "invitation_revoked"),
        **documented("unavailable", "request_in_progress", "invitation_used"),
    },
)
async def resend(invitation_id: UUID, caller: Administrator, once: Idempotent) -> Response:
    """For an invitation that nobody has used; the link before it is good for nothing then."""
    actions.require_address(caller.gateway)
    secret = secrets.new_link_secret()

    async def effect(conn: Connection) -> MadeInvitationView:
        renewed = await actions.renew(conn, caller, invitation_id, secret)
        return _made(caller, renewed, secret)

    return await once.local(caller, effect, kept=_without_link)


@router.delete(
    "/{invitation_id}",
    summary="Revoke an invitation",
    responses=documented("invitation_not_found", "invitation_used"),
)
async def revoke(invitation_id: UUID, caller: Administrator) -> InvitationView:
    """Its link is good for nothing from now on."""
    return _view(caller, await actions.revoke(caller, invitation_id))


def _view(caller: Caller, invitation: Invitation) -> InvitationView:
    fields = {name: getattr(invitation, name) for name in Invitation.__slots__}
    state = state_of(invitation, caller.gateway.clock.now())
    return InvitationView.model_validate(fields | {"state": state})


def _made(caller: Caller, invitation: Invitation, secret: str) -> MadeInvitationView:
    url = actions.address_of(caller.gateway, invitation.id, secret)
    return MadeInvitationView(**_view(caller, invitation).model_dump(), url=url)


def _without_link(answer: BaseModel) -> BaseModel:
    return cast("MadeInvitationView", answer).model_copy(update={"url": None})
