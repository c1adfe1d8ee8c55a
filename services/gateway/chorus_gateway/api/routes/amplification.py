"""The trigger of a pod's amplification (P3)."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus.vocabulary import Kind
from chorus_gateway.actions import amplification as actions
from chorus_gateway.api.context import Manager
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.large_responses import Rendered, render
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.posts import PlannedView, SkippedView, Trigger, TriggerResult
from chorus_gateway.scheduler.port import Plan

router: Final = APIRouter(prefix="/pods", tags=["pods"])


@router.post(
    "/trigger-amplification",
    summary="Let a pod amplify a post",
    response_model=TriggerResult,
    responses={
        **IDEMPOTENT,
        **documented("no_pod_members", "bad_idempotency_key"),
        **documented("post_not_found"),
        **documented("post_not_published", "no_pod", "request_in_progress"),
    },
)
async def trigger_amplification(
    body: Trigger,
    caller: Manager,
    once: Idempotent,
    dry_run: Annotated[bool, Query(description="As in the body.")] = False,
) -> Response:
    """Plans an activity for each active member. A second call adds only what is not planned yet."""
    preview = body.dry_run or dry_run

    async def effect() -> Rendered:
        plan = await actions.trigger(
            caller,
            body.post_id,
            kinds=[Kind(kind) for kind in body.kinds],
            dry_run=preview,
            seed=body.seed,
        )
        return await _result(plan, dry_run=preview)

    return await once.remote(caller, effect)


async def _result(plan: Plan, *, dry_run: bool) -> Rendered:
    head = TriggerResult(
        activities_scheduled=len(plan.planned),
        activities=[],
        existing=[],
        skipped=[],
        seed=plan.seed,
        dry_run=dry_run,
    )
    lists = {
        "activities": (plan.planned, PlannedView.model_validate),
        "existing": (plan.existing, PlannedView.model_validate),
        "skipped": (plan.skipped, SkippedView.model_validate),
    }
    return await render(head, lists)
