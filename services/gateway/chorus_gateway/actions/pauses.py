"""Pauses (invariant 6): a person can always stop it."""

from uuid import UUID

from chorus.postgres.pool import Connection
from chorus_gateway.caller import Caller
from chorus_gateway.domain.pauses import Held, may_lift
from chorus_gateway.domain.roles import Permission
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts, activities, pods
from chorus_gateway.store.activities import Pause


async def pause(caller: Caller, *, scope: str, scope_id: UUID | None, reason: str) -> Pause:
    """Stop the team, a pod or an account: members their own account, admins all of the team."""
    principal = caller.principal
    async with caller.transaction() as conn:
        own = await _check_scope(conn, caller, scope, scope_id)
    pause_id = await caller.gateway.scheduler.pause(
        client_id=principal.client_id,
        scope=scope,
        scope_id=scope_id,
        reason=reason,
        actor=principal.actor,
        own=own,
    )
    async with caller.afterwards() as conn:
        await caller.note(conn, "pause.made", pause_id, scope=scope, reason=reason)
        made = await activities.find_pause(conn, pause_id)
    return made or Pause(
        id=pause_id,
        client_id=principal.client_id,
        scope=scope,
        scope_id=scope_id,
        code="paused_by_owner" if own else "paused_by_person",
        reason=reason,
        evidence=None,
        paused_by=principal.actor,
        paused_at=caller.gateway.clock.now(),
        resumed_by=None,
        resumed_at=None,
    )


async def resume(caller: Caller, pause_id: UUID) -> Pause:
    """End one: an owner's own stop by that owner, a challenge's by a person, others by an admin."""
    async with caller.transaction() as conn:
        found = await activities.find_pause(conn, pause_id)
        if found is None:
            raise Problem("pause_not_found")
        await _check_lift(conn, caller, found)
    await caller.gateway.scheduler.resume(
        client_id=caller.principal.client_id, pause_id=pause_id, actor=caller.principal.actor
    )
    async with caller.afterwards() as conn:
        await caller.note(conn, "pause.ended", pause_id, scope=found.scope)
        ended = await activities.find_pause(conn, pause_id)
    return ended or found


async def _check_lift(conn: Connection, caller: Caller, pause: Pause) -> None:
    account = None
    if pause.scope == "account" and pause.scope_id is not None:
        account = await accounts.find(conn, pause.scope_id)
    held = Held(
        everybody=pause.client_id is None,
        code=pause.code,
        paused_by=pause.paused_by,
        owner_user_id=account.owner_user_id if account else None,
    )
    refused = may_lift(caller.principal, held)
    if refused is not None:
        raise Problem(refused.code, refused.sentence)


async def _check_scope(conn: Connection, caller: Caller, scope: str, scope_id: UUID | None) -> bool:
    """What is named exists, and is theirs to stop. Whether it is the caller's own account."""
    if scope == "account" and scope_id is not None:
        account = await accounts.find(conn, scope_id)
        if account is None:
            raise Problem("account_not_found")
        if not caller.principal.may_act_for(account.owner_user_id):
            raise Problem("not_allowed", "This is somebody else's account.")
        return caller.principal.actor == f"user:{account.owner_user_id}"
    if scope == "pod" and scope_id is not None and await pods.find(conn, scope_id) is None:
        raise Problem("pod_not_found")
    if not caller.principal.may(Permission.MANAGE):
        raise Problem("not_allowed", "Only an admin pauses a pod or the whole team.")
    return False
