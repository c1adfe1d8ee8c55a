"""The queue of the team: counted and cleared (A4)."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from chorus_gateway.actions import queue as actions
from chorus_gateway.api.context import Reader, Stopper
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.operations import STOPS
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.queue import ClearedView, QueueClearing, QueueStatsView
from chorus_gateway.domain.counters import QUEUED_AS, by_state, summed
from chorus_gateway.store import activities

router: Final = APIRouter(prefix="/queue", tags=["queue"])


@router.get("/stats", summary="The queue")
async def queue_stats(caller: Reader) -> QueueStatsView:
    """How many activities of the team wait, are under way, are done, or failed."""
    async with caller.reading() as conn:
        counts = await activities.counts(conn, pod_id=None, now=caller.gateway.clock.now())
    found = summed(by_state(counts), QUEUED_AS)
    names = ("waiting", "active", "delayed", "completed", "failed", "total")
    return QueueStatsView(**{name: found.get(name, 0) for name in names})


@router.post(
    "/clear",
    summary="Clear the queue",
    response_model=ClearedView,
    openapi_extra=STOPS,
    responses={
        **IDEMPOTENT,
        **documented("pod_not_found", "post_not_found", "account_not_found"),
        **documented("not_allowed", "request_in_progress"),
    },
)
async def clear_queue(body: QueueClearing, caller: Stopper, once: Idempotent) -> Response:
    """Calls off what is planned of the team, a pod, a post or an account: it stays in the record,
    cancelled. What is planned afterwards is not meant: pause for that.

    Members clear what is planned for their own account, admins all of the team's.
    """

    async def effect() -> ClearedView:
        return ClearedView.model_validate(await actions.clear(caller, **body.model_dump()))

    return await once.remote(caller, effect)
