"""Notices inside the product (P7): admins see all of the team, others those of their accounts."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus_gateway.api.context import Reader
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.notifications import NotificationView, ReadNotifications
from chorus_gateway.caller import Caller
from chorus_gateway.domain.roles import Role
from chorus_gateway.problems import Problem
from chorus_gateway.store import notifications
from chorus_gateway.store.notifications import Recipient

router: Final = APIRouter(prefix="/notifications", tags=["notifications"])


@router.get("", summary="List notices", responses=documented("bad_cursor"))
async def list_notifications(
    caller: Reader,
    unread: Annotated[bool, Query(description="Only what you have not read.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[NotificationView]:
    """Newest first."""
    before = id_after(cursor)
    async with caller.transaction() as conn:
        found = await notifications.listing(
            conn, _recipient(caller), before=before, unread=unread, limit=limit + 1
        )
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
    async with caller.transaction() as conn:
        if not await notifications.mark_read(conn, _recipient(caller), body.ids):
            raise Problem("notification_not_found")


def _recipient(caller: Caller) -> Recipient:
    principal = caller.principal
    return Recipient(
        client_id=principal.client_id,
        user_id=principal.user_id,
        everything=principal.role in (Role.OWNER, Role.ADMIN),
    )
