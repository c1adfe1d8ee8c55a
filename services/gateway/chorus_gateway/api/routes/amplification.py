"""The trigger of a pod's amplification (P3)."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus.vocabulary import Kind
from chorus_gateway.api.context import Manager
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.large import Rendered, render
from chorus_gateway.api.problems import Problem, documented
from chorus_gateway.api.schemas.posts import PlannedView, SkippedView, Trigger, TriggerResult
from chorus_gateway.scheduler.port import Plan
from chorus_gateway.store import posts

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
        principal = caller.principal
        async with caller.transaction() as conn:
            post = await posts.find(conn, body.post_id)
            if post is not None and post.merged_into is not None:
                post = await posts.find(conn, post.merged_into)
        if post is None:
            raise Problem("post_not_found")
        plan = await caller.gateway.scheduler.plan(
            client_id=principal.client_id,
            post_id=post.id,
            kinds=tuple(dict.fromkeys(Kind(kind) for kind in body.kinds)),
            dry_run=preview,
            actor=principal.actor,
            correlation_id=post.correlation_id,
            seed=body.seed,
        )
        if not preview:
            async with caller.transaction() as conn:
                await caller.note(
                    conn, "post.triggered", post.id, planned=len(plan.planned), seed=plan.seed
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
