"""Notices inside the product (P7): admins see all of the team, others those of their accounts."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus_gateway.actions import notifications as actions
from chorus_gateway.api.context import Reader
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.notifications import NotificationView, ReadNotifications

router: Final = APIRouter(prefix="/notifications", tags=["notifications"])


@router.get("", summary="List notices", responses=documented("bad_cursor"))
async def list_notifications(
    caller: Reader,
    unread: Annotated[bool, Query(description="Only what you have not read.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[NotificationView]:
    """Newest first."""
    found = await actions.listing(caller, before=id_after(cursor), unread=unread, limit=limit + 1)
    return Page(
        items=[NotificationView.model_validate(notice) for notice in found[:limit]],
        next_cursor=cursor_after(found, limit),
    )


@router.post(
    "/read",
    summary="Mark notices as read",
    status_code=204,
    response_class=Response,
    responses=documented("notification_not_found"),
)
async def mark_read(body: ReadNotifications, caller: Reader) -> None:
    """For you alone. All of them, or none where one is not there."""
    await actions.mark_read(caller, body.ids)
