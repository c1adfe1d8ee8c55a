"""Pods: made, changed, removed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg

from chorus.documents import PodPolicy
from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.caller import Caller, require_words
from chorus_gateway.checks import checked
from chorus_gateway.domain.changes import merged
from chorus_gateway.problems import Problem
from chorus_gateway.store import pods
from chorus_gateway.store.pods import Pod


async def make(
    conn: Connection,
    caller: Caller,
    *,
    name: str,
    active: bool,
    policy: PodPolicy,
    cartridge_id: UUID | None,
) -> Pod:
    """A pod whose policy stands with all defaults written out: a later default changes nobody's
    pod. A voice, and comments without a yes, need the permission to decide on words.
    """
    await require_cartridge(conn, cartridge_id)
    document = policy.model_dump(mode="json")
    if cartridge_id is not None or _speaks_unasked(document):
        require_words(caller)
    pod = Pod(
        id=new_id(),
        client_id=caller.principal.client_id,
        name=name,
        active=active,
        policy=document,
        cartridge_id=cartridge_id,
    )
    added = await pods.add(conn, pod)
    if added is None:
        raise Problem("name_taken")
    await caller.note(conn, "pod.made", added.id, name=added.name)
    return added


async def change(caller: Caller, pod_id: UUID, changes: Mapping[str, Any]) -> Pod | None:
    """Of `name`, `active`, `policy` (what it names) and `cartridge_id` those that are given."""
    async with caller.transaction() as conn:
        pod = await pods.lock(conn, pod_id)
        if pod is None:
            raise Problem("pod_not_found")
        if "cartridge_id" in changes:
            await require_cartridge(conn, changes["cartridge_id"])
        wanted = _changed(pod, changes)
        voice_differs = wanted.cartridge_id != pod.cartridge_id
        if voice_differs or (_speaks_unasked(wanted.policy) and wanted.policy != pod.policy):
            require_words(caller)
        try:
            saved = await pods.save(conn, wanted)
        except psycopg.errors.UniqueViolation as error:
            raise Problem("name_taken") from error
        await caller.note(conn, "pod.changed", pod_id, changed=sorted(changes))
    return saved


async def remove(caller: Caller, pod_id: UUID) -> None:
    """Its members leave it; its posts and what was done stay in the record."""
    async with caller.transaction() as conn:
        if not await pods.remove(conn, pod_id):
            raise Problem("pod_not_found")
        await caller.note(conn, "pod.removed", pod_id)


async def require_cartridge(conn: Connection, cartridge_id: UUID | None) -> None:
    """404 where a voice is named that this tenant does not have."""
    if cartridge_id is not None and await pods.find_cartridge(conn, cartridge_id) is None:
        raise Problem("cartridge_not_found")


def _changed(pod: Pod, changes: Mapping[str, Any]) -> Pod:
    policy = pod.policy
    if "policy" in changes:
        whole = checked(PodPolicy, merged(policy, changes["policy"]), "policy")
        policy = whole.model_dump(mode="json")
    return Pod(
        id=pod.id,
        client_id=pod.client_id,
        name=changes.get("name", pod.name),
        active=changes.get("active", pod.active),
        policy=policy,
        cartridge_id=changes.get("cartridge_id", pod.cartridge_id),
    )


def _speaks_unasked(policy: Mapping[str, Any]) -> bool:
    """Whether comments go out without a yes."""
    return bool(policy.get("comment", {}).get("approval") == "auto")
