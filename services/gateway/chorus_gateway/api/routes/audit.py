"""The audit log."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from chorus_gateway.api.context import Administrator
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, number_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.activities import AuditEntryView
from chorus_gateway.store import audit

router: Final = APIRouter(prefix="/audit", tags=["audit log"])


@router.get("", summary="Who changed what", responses=documented("bad_cursor"))
async def list_audit(
    caller: Administrator,
    subject_id: Annotated[UUID | None, Query(description="Only about this thing.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AuditEntryView]:
    """Newest first. The log is append-only."""
    async with caller.reading() as conn:
        found = await audit.listing(
            conn, before=number_after(cursor), limit=limit + 1, subject_id=subject_id
        )
    return Page(
        items=[AuditEntryView.model_validate(entry) for entry in found[:limit]],
        next_cursor=cursor_after(found, limit),
    )
