"""Pods."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus_gateway.actions import pods as actions
from chorus_gateway.api.context import Manager, Reader
from chorus_gateway.api.fields import given
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.pods import NewPod, PodChanges, PodView
from chorus_gateway.problems import Problem
from chorus_gateway.store import pods

router: Final = APIRouter(prefix="/pods", tags=["pods"])


@router.get("", summary="List pods", responses=documented("bad_cursor"))
async def list_pods(caller: Reader, limit: Limit = 50, cursor: Cursor = None) -> Page[PodView]:
    """Newest first, each with its whole policy."""
    async with caller.reading() as conn:
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
        made = await actions.make(
            conn,
            caller,
            name=body.name,
            active=body.active,
            policy=body.policy,
            cartridge_id=body.cartridge_id,
        )
        return PodView.model_validate(made)

    return await once.local(caller, effect)


@router.get("/{pod_id}", summary="Show a pod", responses=documented("pod_not_found"))
async def show_pod(pod_id: UUID, caller: Reader) -> PodView:
    """One pod with its whole policy."""
    async with caller.reading() as conn:
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
    return PodView.model_validate(await actions.change(caller, pod_id, given(body, "policy")))


@router.delete(
    "/{pod_id}",
    summary="Remove a pod",
    status_code=204,
    response_class=Response,
    responses=documented("pod_not_found"),
)
async def remove_pod(pod_id: UUID, caller: Manager) -> None:
    """Its members leave it; its posts and what was done stay in the record."""
    await actions.remove(caller, pod_id)
