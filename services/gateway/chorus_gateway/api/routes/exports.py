"""Exports: members, activities and decisions as CSV or JSON."""

from dataclasses import asdict
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from chorus_gateway.actions import exports as actions
from chorus_gateway.api.activity_filters import ActivityFilters
from chorus_gateway.api.context import Reader
from chorus_gateway.api.exporting import (
    ActivityPages,
    DecisionPages,
    Format,
    MemberPages,
    stream,
)
from chorus_gateway.api.problems import documented
from chorus_gateway.problems import Problem
from chorus_gateway.store import pods

router: Final = APIRouter(prefix="/exports", tags=["exports"])

Form = Annotated[Format, Query(alias="format", description="CSV (RFC 4180), or JSON.")]
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "All of it, streamed. What is broken off is not whole.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["items"],
                    "properties": {"items": {"type": "array", "items": {"type": "object"}}},
                }
            },
        },
    }
}


@router.get(
    "/members",
    summary="Export members",
    response_class=StreamingResponse,
    responses={**_FILE, **documented("pod_not_found")},
)
async def export_members(
    caller: Reader,
    form: Form = "csv",
    pod_id: Annotated[UUID | None, Query(description="Only those of this pod.")] = None,
    active: Annotated[bool | None, Query(description="Only active, or only inactive ones.")] = None,
) -> StreamingResponse:
    """Members, newest first. Names and addresses for who manages the team."""
    if pod_id is not None:
        async with caller.reading() as conn:
            if await pods.find(conn, pod_id) is None:
                raise Problem("pod_not_found")
    await actions.begin(caller, "members", {"pod_id": pod_id, "active": active})
    return await stream(caller, "members", MemberPages(pod_id=pod_id, active=active), form)


@router.get(
    "/activities",
    summary="Export activities",
    response_class=StreamingResponse,
    responses=_FILE,
)
async def export_activities(
    caller: Reader, filters: ActivityFilters, form: Form = "csv"
) -> StreamingResponse:
    """Activities, newest first. Names and texts for who manages the team."""
    await actions.begin(caller, "activities", asdict(filters))
    return await stream(caller, "activities", ActivityPages(filters=filters), form)


@router.get(
    "/decisions",
    summary="Export decisions",
    response_class=StreamingResponse,
    responses=_FILE,
)
async def export_decisions(
    caller: Reader, filters: ActivityFilters, form: Form = "csv"
) -> StreamingResponse:
    """The decisions of activities: those newest first, of each in their order. Their sentences for
    who manages the team: some quote people.
    """
    await actions.begin(caller, "decisions", asdict(filters))
    return await stream(caller, "decisions", DecisionPages(filters=filters), form)
