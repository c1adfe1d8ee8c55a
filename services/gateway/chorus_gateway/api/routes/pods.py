"""Pods."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import psycopg
from fastapi import APIRouter
from starlette.responses import Response

from chorus.documents import PodPolicy
from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.api.context import Manager, Reader, require_words
from chorus_gateway.api.fields import checked
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after
from chorus_gateway.api.problems import Problem, documented
from chorus_gateway.api.schemas.pods import NewPod, PodChanges, PodView
from chorus_gateway.domain.changes import merged
from chorus_gateway.store import pods
from chorus_gateway.store.pods import Pod

router: Final = APIRouter(prefix="/pods", tags=["pods"])


@router.get("", summary="List pods", responses=documented("bad_cursor"))
async def list_pods(caller: Reader, limit: Limit = 50, cursor: Cursor = None) -> Page[PodView]:
    """Newest first, each with its whole policy."""
    async with caller.transaction() as conn:
        found = await pods.listing(conn, before=id_after(cursor), limit=limit + 1)
    return Page(
        items=[PodView.model_validate(pod) for pod in found[:limit]],
        next_cursor=cursor_after(found, limit),
    )


@router.post(
    "",
    summary="Make a pod",
    status_code=201,
    response_model=PodView,
    responses={**IDEMPOTENT, **documented("cartridge_not_found"), **documented("name_taken")},
)
async def make_pod(body: NewPod, caller: Manager, once: Idempotent) -> Response:
    """What the policy leaves out gets the defaults that the answer shows."""

    async def effect(conn: Connection) -> PodView:
        await require_cartridge(conn, body.cartridge_id)
        if body.cartridge_id is not None or _unasked(stored_policy(body.policy)):
            require_words(caller)
        pod = Pod(
            id=new_id(),
            client_id=caller.principal.client_id,
            name=body.name,
            active=body.active,
            policy=stored_policy(body.policy),
            cartridge_id=body.cartridge_id,
        )
        added = await pods.add(conn, pod)
        if added is None:
            raise Problem("name_taken")
        await caller.note(conn, "pod.made", added.id, name=added.name)
        return PodView.model_validate(added)

    return await once.local(caller, effect)


@router.get("/{pod_id}", summary="Show a pod", responses=documented("pod_not_found"))
async def show_pod(pod_id: UUID, caller: Reader) -> PodView:
    """One pod with its whole policy."""
    async with caller.transaction() as conn:
        pod = await pods.find(conn, pod_id)
    if pod is None:
        raise Problem("pod_not_found")
    return PodView.model_validate(pod)


@router.patch(
    "/{pod_id}",
    summary="Change a pod",
    responses={**documented("pod_not_found", "cartridge_not_found"), **documented("name_taken")},
)
async def change_pod(pod_id: UUID, body: PodChanges, caller: Manager) -> PodView:
    """What a policy does not name stays. What is planned already stays as it was planned."""
    given = body.model_fields_set
    async with caller.transaction() as conn:
        pod = await pods.lock(conn, pod_id)
        if pod is None:
            raise Problem("pod_not_found")
        if "cartridge_id" in given:
            await require_cartridge(conn, body.cartridge_id)
        wanted = Pod(
            id=pod.id,
            client_id=pod.client_id,
            name=body.name if "name" in given else pod.name,
            active=body.active if "active" in given else pod.active,
            policy=_changed(pod, body) if "policy" in given else pod.policy,
            cartridge_id=body.cartridge_id if "cartridge_id" in given else pod.cartridge_id,
        )
        if wanted.cartridge_id != pod.cartridge_id or (
            _unasked(wanted.policy) and wanted.policy != pod.policy
        ):
            require_words(caller)
        try:
            saved = await pods.save(conn, wanted)
        except psycopg.errors.UniqueViolation as error:
            raise Problem("name_taken") from error
        await caller.note(conn, "pod.changed", pod_id, changed=sorted(given))
    return PodView.model_validate(saved)


@router.delete(
    "/{pod_id}",
    summary="Remove a pod",
    status_code=204,
    response_class=Response,
    responses=documented("pod_not_found"),
)
async def remove_pod(pod_id: UUID, caller: Manager) -> None:
    """Its members leave it; its posts and what was done stay in the record."""
    async with caller.transaction() as conn:
        if not await pods.remove(conn, pod_id):
            raise Problem("pod_not_found")
        await caller.note(conn, "pod.removed", pod_id)


def _unasked(policy: Mapping[str, Any]) -> bool:
    """Whether comments go out without a yes."""
    return bool(policy.get("comment", {}).get("approval") == "auto")


async def require_cartridge(conn: Connection, cartridge_id: UUID | None) -> None:
    """404 where a voice is named that this tenant does not have."""
    if cartridge_id is not None and await pods.find_cartridge(conn, cartridge_id) is None:
        raise Problem("cartridge_not_found")


def _changed(pod: Pod, body: PodChanges) -> dict[str, object]:
    document = merged(pod.policy, body.policy.model_dump(mode="json", exclude_unset=True))
    return stored_policy(checked(PodPolicy, document, "policy"))


def stored_policy(policy: PodPolicy) -> dict[str, object]:
    """The policy with all defaults written out, so that a later default changes nobody's pod."""
    return policy.model_dump(mode="json")
