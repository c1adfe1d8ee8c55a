"""Activities: what happens, what happened, why; and a person's word on it."""

from collections.abc import Awaitable
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from chorus.documents.activity_commands import (
    ActivityCommand,
    Approve,
    Cancel,
    Decide,
    DoneByHand,
    Moved,
    Postpone,
    Reject,
    Retry,
    Reword,
)
from chorus_gateway.actions import activities as actions
from chorus_gateway.api.activity_filters import ActivityFilters
from chorus_gateway.api.context import AccountHolder, Approver, Reader, Stopper
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.operations import STOPS
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_of, instant_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.activities import (
    ActivityView,
    Approval,
    EntryView,
    Finding,
    MovedView,
    Postponement,
    TimelineView,
    WithReason,
    Wording,
)
from chorus_gateway.caller import Caller
from chorus_gateway.domain.timeline import tell
from chorus_gateway.problems import Problem
from chorus_gateway.store import activities, evidence

router: Final = APIRouter(prefix="/activities", tags=["activities"])

_MOVING: Final = {
    **IDEMPOTENT,
    **documented("activity_not_found"),
    **documented("move_not_allowed", "decided_already", "conflict", "request_in_progress"),
}
_REWORDING: Final = documented(
    "move_not_allowed", "text_not_allowed", "text_needed", "consent_missing", "conflict"
)
_APPROVING: Final = _MOVING | documented(
    "move_not_allowed",
    "text_changed",
    "text_not_allowed",
    "consent_missing",
    "not_taking_part",
    "decided_already",
    "suggestion_only",
    "owners_yes_needed",
    "conflict",
    "request_in_progress",
)


@router.get("", summary="List activities", responses=documented("bad_cursor"))
async def list_activities(
    caller: Reader,
    filters: ActivityFilters,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ActivityView]:
    """Newest first. Filters narrow together; several states or kinds widen."""
    before = instant_after(cursor)
    async with caller.reading() as conn:
        found = await activities.listing(conn, filters, before=before, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        items=[ActivityView.model_validate(activity) for activity in found[:limit]],
        next_cursor=cursor_of(last.created_at, last.id) if last else None,
    )


@router.get(
    "/{activity_id}", summary="Show an activity", responses=documented("activity_not_found")
)
async def show_activity(activity_id: UUID, caller: Reader) -> ActivityView:
    """One activity with its reason, error and result."""
    async with caller.reading() as conn:
        activity = await activities.find(conn, activity_id)
    if activity is None:
        raise Problem("activity_not_found")
    return ActivityView.model_validate(activity)


@router.patch(
    "/{activity_id}",
    summary="Change or drop the text",
    response_model=MovedView,
    responses={**documented("activity_not_found"), **_REWORDING},
)
async def reword(activity_id: UUID, body: Wording, caller: Approver) -> MovedView:
    """What a comment or a repost says, as long as it is not handed over; null: nothing (P5)."""
    command = Reword(**_who(caller, activity_id), text=body.text)
    action = "activity.text_dropped" if body.text is None else "activity.text_edited"
    return MovedView.model_validate(await actions.steer(caller, action, command))


@router.get(
    "/{activity_id}/timeline",
    summary="Why it did or did not happen",
    responses=documented("activity_not_found"),
)
async def show_timeline(activity_id: UUID, caller: Reader) -> TimelineView:
    """Every decision and every attempt, in order, each with a sentence."""
    async with caller.reading() as conn:
        activity = await activities.find(conn, activity_id)
        if activity is None:
            raise Problem("activity_not_found")
        decisions = await activities.decisions(conn, activity)
        attempts = await activities.attempts(conn, activity)
        shots = await evidence.of_activity(conn, activity_id)
    seen = {shot.execution: evidence_url(activity_id, shot.id) for shot in shots}
    return TimelineView(
        activity=ActivityView.model_validate(activity),
        entries=[EntryView.model_validate(entry) for entry in tell(decisions, attempts, seen)],
    )


def evidence_url(activity_id: UUID, evidence_id: UUID) -> str:
    """Where a screenshot is, on this server."""
    return f"/api/activities/{activity_id}/evidence/{evidence_id}"


@router.post(
    "/{activity_id}/approve", summary="Approve", response_model=MovedView, responses=_APPROVING
)
async def approve(
    activity_id: UUID, caller: Approver, once: Idempotent, body: Approval | None = None
) -> Response:
    """Lets a waiting activity go out, with another text where one is given.

    The yes is to the words that were read: it names them, and is refused where others stand there.
    """
    said = body or Approval()
    command = Approve(**_who(caller, activity_id), text=said.text, text_sha256=said.text_sha256)
    return await _steered(caller, once, "activity.approved", command)


@router.post(
    "/{activity_id}/reject",
    summary="Reject",
    response_model=MovedView,
    responses=_MOVING,
    openapi_extra=STOPS,
)
async def reject(
    activity_id: UUID, caller: Stopper, once: Idempotent, body: WithReason | None = None
) -> Response:
    """A waiting activity will not happen."""
    command = Reject(**_who(caller, activity_id), reason=(body or WithReason()).reason)
    return await _steered(caller, once, "activity.rejected", command)


@router.post(
    "/{activity_id}/cancel",
    summary="Cancel",
    response_model=MovedView,
    responses=_MOVING,
    openapi_extra=STOPS,
)
async def cancel(
    activity_id: UUID, caller: Stopper, once: Idempotent, body: WithReason | None = None
) -> Response:
    """Calls off an activity that has not gone out."""
    command = Cancel(**_who(caller, activity_id), reason=(body or WithReason()).reason)
    return await _steered(caller, once, "activity.cancelled", command)


@router.post("/{activity_id}/retry", summary="Retry", response_model=MovedView, responses=_MOVING)
async def retry(
    activity_id: UUID, caller: AccountHolder, once: Idempotent, body: WithReason | None = None
) -> Response:
    """Schedules one that failed once more (P7); an unknown outcome is looked into first."""
    command = Retry(**_who(caller, activity_id), reason=(body or WithReason()).reason)
    return await _steered(caller, once, "activity.retried", command)


@router.post(
    "/{activity_id}/decide",
    summary="Say whether it happened",
    response_model=MovedView,
    responses=_MOVING
    | documented("url_needed", "not_a_post_address")
    | documented("move_not_allowed", "address_refused", "conflict", "request_in_progress"),
)
async def decide(activity_id: UUID, caller: Approver, once: Idempotent, body: Finding) -> Response:
    """Ends what nobody could tell: it is there, or it is not and is done once more (E6, P7).

    The address of a publication is looked up; one that is refused is given again in the same way.
    """
    command = Decide(**_who(caller, activity_id), happened=body.happened, reason=body.reason)
    return await once.remote(caller, lambda: _shown(actions.decide(caller, command, body.url)))


@router.post(
    "/{activity_id}/done-by-hand",
    summary="I did it",
    response_model=MovedView,
    responses=_MOVING | documented("done_elsewhere"),
)
async def done_by_hand(
    activity_id: UUID, caller: Approver, once: Idempotent, body: WithReason | None = None
) -> Response:
    """Its person did it themselves: a suggestion, or what has not gone out. It ends as done by
    hand, which is no act of Chorus, and a use of the account's limits as of now.
    """
    command = DoneByHand(**_who(caller, activity_id), reason=(body or WithReason()).reason)
    return await _steered(caller, once, "activity.done_by_hand", command)


@router.post(
    "/{activity_id}/postpone", summary="Postpone", response_model=MovedView, responses=_MOVING
)
async def postpone(
    activity_id: UUID, caller: Stopper, once: Idempotent, body: Postponement
) -> Response:
    """Not before then; it finds a place from there on. Nothing comes earlier by it."""
    command = Postpone(**_who(caller, activity_id), until=body.until, reason=body.reason)
    return await _steered(caller, once, "activity.postponed", command)


async def _steered(
    caller: Caller, once: Idempotent, action: str, command: ActivityCommand
) -> Response:
    """One command, once for its Idempotency-Key."""
    return await once.remote(caller, lambda: _shown(actions.steer(caller, action, command)))


async def _shown(moving: Awaitable[Moved]) -> MovedView:
    return MovedView.model_validate(await moving)


def _who(caller: Caller, activity_id: UUID) -> dict[str, Any]:
    principal = caller.principal
    return {
        "client_id": principal.client_id,
        "activity_id": activity_id,
        "actor": principal.actor,
    }
