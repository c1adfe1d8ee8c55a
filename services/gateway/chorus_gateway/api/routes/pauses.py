"""Pauses (invariant 6): a person can always stop it."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus_gateway.api.context import AccountHolder, Caller, Reader, Stopper
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.problems import Problem, documented
from chorus_gateway.api.schemas.activities import NewPause, PauseView
from chorus_gateway.domain.pauses import Held, may_lift
from chorus_gateway.domain.roles import Permission
from chorus_gateway.store import accounts, activities, pods
from chorus_gateway.store.activities import Pause

router: Final = APIRouter(prefix="/pauses", tags=["pauses"])


@router.get("", summary="List pauses")
async def list_pauses(
    caller: Reader,
    in_force: Annotated[bool, Query(description="Only those that have not ended.")] = False,
) -> list[PauseView]:
    """Those of the team, and those that stop everybody; newest first, 200 at most."""
    async with caller.transaction() as conn:
        found = await activities.pauses(conn, in_force=in_force, limit=200)
    return [PauseView.model_validate(pause) for pause in found]


@router.post(
    "",
    summary="Pause the team, a pod, or an account",
    status_code=201,
    response_model=PauseView,
    responses={
        **IDEMPOTENT,
        **documented("pod_not_found", "account_not_found"),
        **documented("pause_conflict", "conflict", "request_in_progress"),
    },
)
async def pause(body: NewPause, caller: Stopper, once: Idempotent) -> Response:
    """In force within 2 seconds. Members pause their own accounts, admins all of the team."""

    async def effect() -> PauseView:
        async with caller.transaction() as conn:
            await _check_scope(conn, caller, body.scope, body.scope_id)
        pause_id = await caller.gateway.scheduler.pause(
            client_id=caller.principal.client_id,
            scope=body.scope,
            scope_id=body.scope_id,
            reason=body.reason,
            actor=caller.principal.actor,
        )
        async with caller.transaction() as conn:
            await caller.note(conn, "pause.made", pause_id, scope=body.scope, reason=body.reason)
            made = await activities.find_pause(conn, pause_id)
        if made is not None:
            return PauseView.model_validate(made)
        return PauseView(
            id=pause_id,
            scope=body.scope,
            scope_id=body.scope_id,
            code="paused_by_person",
            reason=body.reason,
            evidence=None,
            paused_by=caller.principal.actor,
            paused_at=caller.gateway.clock.now(),
            resumed_by=None,
            resumed_at=None,
        )

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
        async with caller.transaction() as conn:
            found = await activities.find_pause(conn, pause_id)
            if found is None:
                raise Problem("pause_not_found")
            await _check_lift(conn, caller, found)
        await caller.gateway.scheduler.resume(
            client_id=caller.principal.client_id,
            pause_id=pause_id,
            actor=caller.principal.actor,
        )
        async with caller.transaction() as conn:
            await caller.note(conn, "pause.ended", pause_id, scope=found.scope)
            ended = await activities.find_pause(conn, pause_id)
        return PauseView.model_validate(ended or found)

    return await once.remote(caller, effect)


async def _check_lift(conn: Connection, caller: Caller, pause: Pause) -> None:
    account = None
    if pause.scope == "account" and pause.scope_id is not None:
        account = await accounts.find(conn, pause.scope_id)
    held = Held(
        everybody=pause.client_id is None,
        code=pause.code,
        paused_by=pause.paused_by,
        owner_user_id=account.owner_user_id if account else None,
    )
    refused = may_lift(caller.principal, held)
    if refused is not None:
        raise Problem(refused.code, refused.sentence)


async def _check_scope(conn: Connection, caller: Caller, scope: str, scope_id: UUID | None) -> None:
    """What is named exists, and is theirs to stop."""
    if scope == "account" and scope_id is not None:
        account = await accounts.find(conn, scope_id)
        if account is None:
            raise Problem("account_not_found")
        if not caller.principal.may_act_for(account.owner_user_id):
            raise Problem("not_allowed", "This is somebody else's account.")
        return
    if scope == "pod" and scope_id is not None and await pods.find(conn, scope_id) is None:
        raise Problem("pod_not_found")
    if not caller.principal.may(Permission.MANAGE):
        raise Problem("not_allowed", "Only an admin pauses a pod or the whole team.")
