"""What the scheduler does on each event. Every handler may be called again with the same event."""

import structlog

from chorus.batching import Batcher
from chorus.events import ActivityExecuted, PostPublished, PostQueued
from chorus.kafka.envelope import Received
from chorus_scheduler.errors import SchedulerRefusal
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.planning.planner import Planner
from chorus_scheduler.planning.publish import PublishPlanner
from chorus_scheduler.store import decisions

_log = structlog.get_logger(__name__)

OutcomeBatcher = Batcher[Received[ActivityExecuted], None]


class Handlers:
    """One small function a message."""

    def __init__(
        self, *, planner: Planner, publishing: PublishPlanner, outcomes: OutcomeBatcher
    ) -> None:
        self._planner = planner
        self._publishing = publishing
        self._outcomes = outcomes

    async def on_post_queued(self, received: Received[PostQueued]) -> None:
        """Plan the publication of a queued post."""
        await self._publishing.queue(received.event)

    async def on_post_published(self, received: Received[PostPublished]) -> None:
        """Plan what the pod's policy does by itself when a post goes live (A1, A7)."""
        event = received.event
        if not event.amplify:
            return
        request = PlanRequest(
            client_id=event.client_id,
            post_id=event.post_id,
            kinds=None,
            actor=decisions.SYSTEM,
            correlation_id=event.correlation_id,
            facts=event,
        )
        try:
            planning = await self._planner.plan(request)
        except SchedulerRefusal as refusal:
            await self._planner.give_up(request, refusal)
            _log.info("post.not_planned", post_id=str(event.post_id), code=refusal.code)
            return
        _log.info(
            "post.planned",
            post_id=str(event.post_id),
            planned=len(planning.planned),
            skipped=len(planning.skipped),
        )

    async def on_activity_executed(self, received: Received[ActivityExecuted]) -> None:
        """Settle the outcome of an execution, together with others that arrive now."""
        await self._outcomes.submit(received)
