"""The trigger of a pod's amplification (P3)."""

from collections.abc import Sequence
from uuid import UUID

from chorus.vocabulary import Kind
from chorus_gateway.caller import Caller
from chorus_gateway.problems import Problem
from chorus_gateway.scheduler.port import Plan
from chorus_gateway.store import posts


async def trigger(
    caller: Caller, post_id: UUID, *, kinds: Sequence[Kind], dry_run: bool, seed: int | None
) -> Plan:
    """An activity for each active member; what is planned already stays. A preview stores nothing.

    A post that was merged into another is that one.
    """
    principal = caller.principal
    async with caller.transaction() as conn:
        post = await posts.find(conn, post_id)
        if post is not None and post.merged_into is not None:
            post = await posts.find(conn, post.merged_into)
    if post is None:
        raise Problem("post_not_found")
    plan = await caller.gateway.scheduler.plan(
        client_id=principal.client_id,
        post_id=post.id,
        kinds=tuple(dict.fromkeys(kinds)),
        dry_run=dry_run,
        actor=principal.actor,
        correlation_id=post.correlation_id,
        seed=seed,
    )
    if not dry_run:
        async with caller.afterwards() as conn:
            planned = len(plan.planned)
            await caller.note(conn, "post.triggered", post.id, planned=planned, seed=plan.seed)
    return plan
