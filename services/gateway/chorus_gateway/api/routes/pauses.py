"""Pauses (invariant 6): a person can always stop it."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus_gateway.actions import pauses as actions
from chorus_gateway.api.context import AccountHolder, Reader, Stopper
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.operations import STOPS
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.activities import NewPause, PauseView
from chorus_gateway.store import activities

router: Final = APIRouter(prefix="/pauses", tags=["pauses"])


@router.get("", summary="List pauses")
async def list_pauses(
    caller: Reader,
    in_force: Annotated[bool, Query(description="Only those that have not ended.")] = False,
) -> list[PauseView]:
    """Those of the team, and those that stop everybody; newest first, 200 at most."""
    async with caller.reading() as conn:
        found = await activities.pauses(conn, in_force=in_force, limit=200)
    return [PauseView.model_validate(pause) for pause in found]


@router.post(
    "",
    summary="Pause the team, a pod, or an account",
    status_code=201,
    response_model=PauseView,
    openapi_extra=STOPS,
    responses={
        **IDEMPOTENT,
        **documented("pod_not_found", "account_not_found"),
        **documented("pause_conflict", "conflict", "request_in_progress"),
    },
)
async def pause(body: NewPause, caller: Stopper, once: Idempotent) -> Response:
    """In force within 2 seconds. Members pause their own accounts, admins all of the team."""

    async def effect() -> PauseView:
        made = await actions.pause(
            caller, scope=body.scope, scope_id=body.scope_id, reason=body.reason
        )
        return PauseView.model_validate(made)

    return await once.remote(caller, effect, status=201)


@router.post(
    "/{pause_id}/resume",
    summary="End a pause",
    response_model=PauseView,
    responses={
        **IDEMPOTENT,
        **documented("pause_not_found"),
        **documented("not_allowed", "in_person_only", "password_is_temporary"),
        **documented("pause_conflict", "conflict", "request_in_progress"),
    },
)
async def resume(pause_id: UUID, caller: AccountHolder, once: Idempotent) -> Response:
    """What was parked is scheduled again, as far as its time has not passed too long ago.

    An owner's own stop is ended by that owner, a challenge's by a person, all others by an admin.
    """

    async def effect() -> PauseView:
        return PauseView.model_validate(await actions.resume(caller, pause_id))

    return await once.remote(caller, effect)
