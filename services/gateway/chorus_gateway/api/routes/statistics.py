"""Counters of a pod (A3)."""

import asyncio
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from chorus_gateway.api.context import Reader
from chorus_gateway.api.large_responses import render
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.activities import MemberCounters, PodStatsView
from chorus_gateway.domain.counters import COUNTED_AS, by_member, by_state, summed
from chorus_gateway.problems import Problem
from chorus_gateway.store import activities, pods

router: Final = APIRouter(tags=["statistics"])


@router.get(
    "/pods/{pod_id}/stats",
    summary="A pod's counters, and its members'",
    response_model=PodStatsView,
    responses=documented("pod_not_found"),
)
async def pod_stats(pod_id: UUID, caller: Reader) -> Response:
    """Activities by state: of the pod, and of each member that has any."""
    async with caller.reading() as conn:
        if await pods.find(conn, pod_id) is None:
            raise Problem("pod_not_found")
        counts = await activities.counts(conn, pod_id=pod_id, now=caller.gateway.clock.now())
    head = PodStatsView(pod_id=pod_id, members=[], **summed(by_state(counts), COUNTED_AS))
    # A pod may have thousands of members: between the steps the loop goes on.
    await asyncio.sleep(0)
    of_members = by_member(counts)
    await asyncio.sleep(0)
    members = sorted(of_members.items(), key=lambda one: str(one[0]))
    shown = await render(head, {"members": (members, _counters)})
    return Response(shown.text, media_type="application/json")


def _counters(one: tuple[UUID | None, Mapping[str, int]]) -> MemberCounters:
    member_id, states = one
    return MemberCounters(member_id=member_id, **summed(states, COUNTED_AS))
