"""Does everybody get what they give? Given against received, member by member."""

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus_gateway.api.context import Reader
from chorus_gateway.api.fields import Instant
from chorus_gateway.api.large_responses import render
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.fairness import ActsView, FairnessLineView, FairnessView
from chorus_gateway.domain.roles import Role
from chorus_gateway.problems import Problem
from chorus_gateway.store import fairness, pods
from chorus_gateway.store.fairness import FairnessRow

router: Final = APIRouter(tags=["statistics"])
_USUAL: Final = timedelta(days=30)
_LONGEST: Final = timedelta(days=366)


@router.get(
    "/pods/{pod_id}/fairness",
    summary="Given and received, member by member",
    response_model=FairnessView,
    responses=documented("pod_not_found"),
)
async def pod_fairness(
    pod_id: UUID,
    caller: Reader,
    since: Annotated[Instant | None, Query(description="30 days before `until`.")] = None,
    until: Annotated[Instant | None, Query(description="Now.")] = None,
) -> Response:
    """Acts of the period, at most 366 days. A member sees their own line alone."""
    ends = until or caller.gateway.clock.now()
    begins = since or ends - _USUAL
    if not timedelta(0) < ends - begins <= _LONGEST:
        detail = "`since` comes before `until`, by 366 days at most."
        raise Problem("invalid_request", errors=[{"pointer": "/query/since", "detail": detail}])
    principal = caller.principal
    owner = principal.user_id if principal.role is Role.MEMBER else None
    async with caller.reading() as conn:
        if await pods.find(conn, pod_id) is None:
            raise Problem("pod_not_found")
        rows = await fairness.of_pod(conn, pod_id, since=begins, until=ends, owner=owner)
    head = FairnessView(pod_id=pod_id, since=begins, until=ends, members=[])
    shown = await render(head, {"members": (rows, _line)})
    return Response(shown.text, media_type="application/json")


def _line(row: FairnessRow) -> FairnessLineView:
    given = _acts(row.given_likes, row.given_comments, row.given_reposts)
    received = _acts(row.received_likes, row.received_comments, row.received_reposts)
    return FairnessLineView(
        member_id=row.member_id,
        account_id=row.account_id,
        name=row.name,
        active=row.active,
        given=given,
        received=received,
        own_posts=row.own_posts,
        balance=given.total - received.total,
    )


def _acts(likes: int, comments: int, reposts: int) -> ActsView:
    total = likes + comments + reposts
    return ActsView(likes=likes, comments=comments, reposts=reposts, total=total)
