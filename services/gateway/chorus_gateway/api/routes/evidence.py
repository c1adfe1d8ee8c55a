"""What a browser showed when something failed. It is of somebody's network: for those who answer
for the account alone, and never kept by a cache.
"""

from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from chorus_gateway.actions.activities import require_own
from chorus_gateway.api.context import AccountHolder
from chorus_gateway.api.problems import documented
from chorus_gateway.api.routes.activities import evidence_url
from chorus_gateway.api.schemas.activities import EvidenceView
from chorus_gateway.problems import Problem
from chorus_gateway.store import evidence
from chorus_gateway.store.evidence import Evidence

router: Final = APIRouter(prefix="/activities/{activity_id}/evidence", tags=["activities"])

_JPEG: Final = "image/jpeg"


@router.get("", summary="List screenshots of failures", responses=documented("activity_not_found"))
async def list_evidence(activity_id: UUID, caller: AccountHolder) -> list[EvidenceView]:
    """Oldest first. They are kept for 7 days."""
    async with caller.reading() as conn:
        await require_own(conn, caller, activity_id)
        found = await evidence.of_activity(conn, activity_id)
    return [evidence_view(one) for one in found]


def evidence_view(shot: Evidence) -> EvidenceView:
    """With the address of its image."""
    fields = {name: getattr(shot, name) for name in Evidence.__slots__}
    return EvidenceView.model_validate(fields | {"url": evidence_url(shot.activity_id, shot.id)})


@router.get(
    "/{evidence_id}",
    summary="Show a screenshot",
    response_class=Response,
    responses={
        200: {"content": {_JPEG: {"schema": {"type": "string", "format": "binary"}}}},
        **documented("activity_not_found", "evidence_not_found"),
    },
)
async def show_evidence(activity_id: UUID, evidence_id: UUID, caller: AccountHolder) -> Response:
    """The image as it was taken, with the session masked."""
    async with caller.reading() as conn:
        await require_own(conn, caller, activity_id)
        image = await evidence.image(conn, activity_id=activity_id, evidence_id=evidence_id)
    if image is None:
        raise Problem("evidence_not_found")
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'inline; filename="{evidence_id}.jpg"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(image, media_type=_JPEG, headers=headers)
