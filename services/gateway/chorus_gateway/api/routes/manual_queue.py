"""The manual queue: what failed for good or nobody could tell, and a person's word on many (P7)."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus.documents.activity_commands import Cancel, Retry
from chorus.vocabulary import ErrorType
from chorus_gateway.actions import bulk
from chorus_gateway.api.context import AccountHolder, Approver, Reader, Stopper
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.pagination import Cursor, Limit, Page, instant_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.routes.evidence import evidence_view
from chorus_gateway.api.routes.inbox import Narrowed, cursor_behind, narrowed_for, said, who
from chorus_gateway.api.schemas.activities import ActivityView
from chorus_gateway.api.schemas.inbox import (
    ManualItem,
    Many,
    ManyPostponed,
    SaidOfMany,
    said_of_many,
)
from chorus_gateway.domain.roles import Permission
from chorus_gateway.store import decisions_due, evidence
from chorus_gateway.store.activities import Activity
from chorus_gateway.store.evidence import Evidence

router: Final = APIRouter(prefix="/manual-queue", tags=["manual queue"])


@router.get("", summary="What only a person can end", responses=documented("bad_cursor"))
async def list_manual_queue(  # noqa: PLR0917 - FastAPI passes them by name
    caller: Reader,
    asked: Narrowed,
    state: Annotated[list[Literal["failed", "unknown"]] | None, Query(max_length=2)] = None,
    error_class: Annotated[list[ErrorType] | None, Query(max_length=6)] = None,
    given_up: Annotated[
        bool, Query(description="What is not known still, and was called off.")
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ManualItem]:
    """What has waited longest comes first, with the class of its error, a sentence and pictures."""
    classes = None if error_class is None else [str(one) for one in error_class]
    wanted = narrowed_for(caller, asked, states=state, classes=classes, given_up=given_up)
    async with caller.reading() as conn:
        found = await decisions_due.manual_queue(
            conn, wanted, after=instant_after(cursor), limit=limit + 1
        )
        shown = await decisions_due.activities_of(conn, found[:limit])
        # What somebody's network showed is for those who answer for the account alone.
        answers = caller.principal.may(Permission.OWN_ACCOUNTS)
        seen = [each.id for each, _ in shown if answers]
        shots = await evidence.of_activities(conn, seen)
    items = [_item(activity, shots.get(activity.id, [])) for _, activity in shown]
    return Page(items=items, next_cursor=cursor_behind(found, limit))


def _item(activity: Activity, shots: list[Evidence]) -> ManualItem:
    return ManualItem.model_validate(
        {
            "activity": ActivityView.model_validate(activity),
            "error_class": (activity.last_error or {}).get("error_type"),
            "sentence": activity.reason,
            "evidence": [evidence_view(shot) for shot in shots],
        }
    )


@router.post("/retry", summary="Retry many", response_model=SaidOfMany, responses={**IDEMPOTENT})
async def retry_many(caller: AccountHolder, once: Idempotent, body: Many) -> Response:
    """What failed is scheduled once more; what is not known is looked for first."""
    commands = [Retry(**who(caller), activity_id=one, reason=body.reason) for one in body.ids]
    return await said(caller, once, "activity.retried", commands)


@router.post(
    "/postpone", summary="Put many off", response_model=SaidOfMany, responses={**IDEMPOTENT}
)
async def postpone_many(caller: AccountHolder, once: Idempotent, body: ManyPostponed) -> Response:
    """Retried, and not before then."""
    commands = [
        Retry(**who(caller), activity_id=one, reason=body.reason, not_before=body.until)
        for one in body.ids
    ]
    return await said(caller, once, "activity.retried", commands)


@router.post(
    "/done", summary="Mark many as done", response_model=SaidOfMany, responses={**IDEMPOTENT}
)
async def mark_many_done(caller: Approver, once: Idempotent, body: Many) -> Response:
    """Of what is not known somebody looked, and it is there; what failed was done by hand."""
    ids: list[UUID] = body.ids

    async def effect() -> SaidOfMany:
        return said_of_many(await bulk.mark_done(caller, ids, body.reason))

    return await once.remote(caller, effect)


@router.post(
    "/give-up", summary="Give many up", response_model=SaidOfMany, responses={**IDEMPOTENT}
)
async def give_many_up(caller: Stopper, once: Idempotent, body: Many) -> Response:
    """Nobody does them any more. What is not known stays so, and leaves the queue."""
    commands = [Cancel(**who(caller), activity_id=one, reason=body.reason) for one in body.ids]
    return await said(caller, once, "activity.cancelled", commands)
