"""Voice cartridges."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus_gateway.actions import cartridges as actions
from chorus_gateway.api.context import Manager, Reader
from chorus_gateway.api.fields import given
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.pods import CartridgeChanges, CartridgeView, NewCartridge
from chorus_gateway.problems import Problem
from chorus_gateway.store import pods

router: Final = APIRouter(prefix="/cartridges", tags=["voices"])


@router.get("", summary="List voices", responses=documented("bad_cursor"))
async def list_cartridges(
    caller: Reader, limit: Limit = 50, cursor: Cursor = None
) -> Page[CartridgeView]:
    """Newest first."""
    async with caller.reading() as conn:
        found = await pods.cartridges(conn, before=id_after(cursor), limit=limit + 1)
    return Page(
        items=[CartridgeView.model_validate(cartridge) for cartridge in found[:limit]],
        next_cursor=cursor_after(found, limit),
    )


@router.post(
    "",
    summary="Make a voice",
    status_code=201,
    response_model=CartridgeView,
    responses={**IDEMPOTENT, **documented("name_taken", "request_in_progress")},
)
async def make_cartridge(body: NewCartridge, caller: Manager, once: Idempotent) -> Response:
    """How a member or a pod sounds; an empty definition leaves texts as they are."""

    async def effect(conn: Connection) -> CartridgeView:
        definition = body.definition.model_dump(mode="json")
        made = await actions.make(conn, caller, name=body.name, definition=definition)
        return CartridgeView.model_validate(made)

    return await once.local(caller, effect)


@router.get("/{cartridge_id}", summary="Show a voice", responses=documented("cartridge_not_found"))
async def show_cartridge(cartridge_id: UUID, caller: Reader) -> CartridgeView:
    """One voice."""
    async with caller.reading() as conn:
        cartridge = await pods.find_cartridge(conn, cartridge_id)
    if cartridge is None:
        raise Problem("cartridge_not_found")
    return CartridgeView.model_validate(cartridge)


@router.patch(
    "/{cartridge_id}",
    summary="Change a voice",
    responses=documented("cartridge_not_found", "name_taken"),
)
async def change_cartridge(
    cartridge_id: UUID, body: CartridgeChanges, caller: Manager
) -> CartridgeView:
    """What a definition does not name stays. A changed one is a new version."""
    changed = await actions.change(caller, cartridge_id, given(body, "definition"))
    return CartridgeView.model_validate(changed)


@router.delete(
    "/{cartridge_id}",
    summary="Remove a voice",
    status_code=204,
    response_class=Response,
    responses=documented("cartridge_not_found", "cartridge_in_use"),
)
async def remove_cartridge(cartridge_id: UUID, caller: Manager) -> None:
    """Only one that no pod and no member speaks with."""
    await actions.remove(caller, cartridge_id)
