"""Somebody clears a queue: of a pod, a post, an account, or all of the tenant (A4)."""

from chorus.clock import Clock
from chorus.documents.queue_clearing import Cleared, ClearQueue
from chorus.ids import new_id
from chorus.postgres.pool import Pool
from chorus_scheduler.clearing import Clearings
from chorus_scheduler.store import clearings
from chorus_scheduler.store.plan_inputs import lock_tenant


async def clear(pool: Pool, clock: Clock, command: ClearQueue) -> Cleared:
    """Call off what is planned by now; what is out is stopped as a cancel does.

    The first batches now, the others by a sweep. What is planned afterwards is not meant.
    """
    clearing_id = new_id()
    async with pool.connection() as conn, conn.transaction():
        # A plan that is being stored is among what is planned: it is waited for.
        await lock_tenant(conn, command.client_id)
        clearing = await clearings.add(conn, clearing_id, command)
        found = await clearings.count(conn, clearing)
    done = await Clearings(pool=pool, clock=clock).carry_out(clearing_id)
    left = 0 if done.done else found.planned + found.out - done.removed - done.stopped
    return Cleared(
        planned=found.planned,
        out=found.out,
        removed=done.removed,
        stopped=done.stopped,
        left=max(0, left),
    )


async def count(pool: Pool, command: ClearQueue) -> Cleared:
    """The same, and nothing of it is done."""
    async with pool.connection() as conn:
        found = await clearings.count(conn, command)
    return Cleared(planned=found.planned, out=found.out, removed=0, stopped=0, left=0)
