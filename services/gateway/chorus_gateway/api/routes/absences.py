"""Absences: when nothing is done in an account's name."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus_gateway.actions import absences as actions
from chorus_gateway.api.context import AccountHolder, Reader, Stopper
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.operations import STOPS
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.absences import AbsenceRequest, AbsenceView
from chorus_gateway.caller import Caller
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts

router: Final = APIRouter(tags=["accounts"])


@router.get(
    "/accounts/{account_id}/absences",
    summary="Absences of an account's owner",
    responses=documented("account_not_found"),
)
async def list_absences(account_id: UUID, caller: Reader) -> list[AbsenceView]:
    """Those that are not over, the first ones first; at most 50."""
    async with caller.reading() as conn:
        account = await accounts.find(conn, account_id)
        if account is None:
            raise Problem("account_not_found")
        found = await actions.listing(conn, caller, account)
    return [AbsenceView.model_validate(absence) for absence in found]


@router.post(
    "/accounts/{account_id}/absences",
    summary="Be away",
    status_code=201,
    response_model=AbsenceView,
    openapi_extra=STOPS,
    responses={
        **IDEMPOTENT,
        **documented("account_not_found", "not_allowed", "too_many_absences"),
    },
)
async def add_absence(
    account_id: UUID, body: AbsenceRequest, caller: Stopper, once: Idempotent
) -> Response:
    """In force at once. What is planned in these days has another time, or is skipped."""

    async def effect(conn: Connection) -> AbsenceView:
        absence = await actions.add(conn, caller, account_id, **body.model_dump())
        return AbsenceView.model_validate(absence)

    first = await once.local(caller, effect)
    return await once.then(caller, first, lambda: _applied(caller, account_id, first))


async def _applied(caller: Caller, account_id: UUID, first: Response) -> tuple[int, AbsenceView]:
    view = AbsenceView.model_validate_json(bytes(first.body))
    applied = await actions.apply(caller, account_id)
    if applied is None:
        return 201, view
    return 201, view.model_copy(update={"moved": applied.moved, "skipped": applied.ended})


@router.delete(
    "/accounts/{account_id}/absences/{absence_id}",
    summary="Be back",
    status_code=204,
    responses=documented(
        "account_not_found",
        "absence_not_found",
        "absence_is_personal",
        "not_allowed",
        "password_is_temporary",
    ),
)
async def end_absence(account_id: UUID, absence_id: UUID, caller: AccountHolder) -> None:
    """One in force ends today; what it had moved has an earlier time again, at a distance."""
    await actions.end(caller, account_id, absence_id)
