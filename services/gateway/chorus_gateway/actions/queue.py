"""Clearing the queue of the team, a pod, a post or an account (A4)."""

from uuid import UUID

from chorus.documents.queue_clearing import Cleared, ClearQueue, Scope
from chorus.postgres.pool import Connection
from chorus_gateway.caller import Caller
from chorus_gateway.domain.roles import Permission
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts, pods, posts


async def clear(
    caller: Caller, *, scope: Scope, scope_id: UUID | None, reason: str, dry_run: bool
) -> Cleared:
    """Call off what is planned: admins all of the team's, members what is their own account's."""
    command = ClearQueue(
        client_id=caller.principal.client_id,
        scope=scope,
        scope_id=scope_id,
        reason=reason,
        actor=caller.principal.actor,
        dry_run=dry_run,
    )
    async with caller.transaction() as conn:
        await _require_scope(conn, caller, command)
    cleared = await caller.gateway.scheduler.clear_queue(command)
    if not dry_run:
        async with caller.afterwards() as conn:
            detail = {"scope": scope, "reason": reason, "counts": cleared.model_dump()}
            await caller.note(conn, "queue.cleared", scope_id, **detail)
    return cleared


async def _require_scope(conn: Connection, caller: Caller, command: ClearQueue) -> None:
    """What is named exists, and is theirs to call off."""
    match command.scope, command.scope_id:
        case "account", UUID() as account_id:
            account = await accounts.find(conn, account_id)
            if account is None:
                raise Problem("account_not_found")
            if caller.principal.may_act_for(account.owner_user_id):
                return
        case "pod", UUID() as pod_id if await pods.find(conn, pod_id) is None:
            raise Problem("pod_not_found")
        case "post", UUID() as post_id if await posts.find(conn, post_id) is None:
            raise Problem("post_not_found")
    if not caller.principal.may(Permission.MANAGE):
        raise Problem("not_allowed", "Only an admin clears more than their own account's queue.")
