"""Voice cartridges."""

from typing import Final
from uuid import UUID

import psycopg
from fastapi import APIRouter
from starlette.responses import Response

from chorus.documents import VoiceCartridge
from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.api.context import Manager, Reader, require_words
from chorus_gateway.api.fields import checked
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after
from chorus_gateway.api.problems import Problem, documented
from chorus_gateway.api.schemas.pods import CartridgeChanges, CartridgeView, NewCartridge
from chorus_gateway.domain.changes import merged
from chorus_gateway.store import pods
from chorus_gateway.store.pods import Cartridge

router: Final = APIRouter(prefix="/cartridges", tags=["voices"])


@router.get("", summary="List voices", responses=documented("bad_cursor"))
async def list_cartridges(
    caller: Reader, limit: Limit = 50, cursor: Cursor = None
) -> Page[CartridgeView]:
    """Newest first."""
    async with caller.transaction() as conn:
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
    require_words(caller)

    async def effect(conn: Connection) -> CartridgeView:
        cartridge = Cartridge(
            id=new_id(),
            client_id=caller.principal.client_id,
            name=body.name,
            definition=body.definition.model_dump(mode="json"),
        )
        added = await pods.add_cartridge(conn, cartridge)
        if added is None:
            raise Problem("name_taken")
        await caller.note(conn, "cartridge.made", added.id, name=added.name)
        return CartridgeView.model_validate(added)

    return await once.local(caller, effect)


@router.get("/{cartridge_id}", summary="Show a voice", responses=documented("cartridge_not_found"))
async def show_cartridge(cartridge_id: UUID, caller: Reader) -> CartridgeView:
    """One voice."""
    async with caller.transaction() as conn:
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
    require_words(caller)
    given = body.model_fields_set
    async with caller.transaction() as conn:
        present = await pods.find_cartridge(conn, cartridge_id)
        if present is None:
            raise Problem("cartridge_not_found")
        definition = present.definition
        if "definition" in given:
            given_definition = body.definition.model_dump(mode="json", exclude_unset=True)
            whole = checked(VoiceCartridge, merged(definition, given_definition), "definition")
            definition = whole.model_dump(mode="json")
        wanted = Cartridge(
            id=cartridge_id,
            client_id=present.client_id,
            name=body.name if "name" in given else present.name,
            definition=definition,
        )
        try:
            saved = await pods.save_cartridge(conn, wanted)
        except psycopg.errors.UniqueViolation as error:
            raise Problem("name_taken") from error
        await caller.note(conn, "cartridge.changed", cartridge_id, changed=sorted(given))
    if saved is None:
        raise Problem("cartridge_not_found")
    return CartridgeView.model_validate(saved)


@router.delete(
    "/{cartridge_id}",
    summary="Remove a voice",
    status_code=204,
    response_class=Response,
    responses=documented("cartridge_not_found", "cartridge_in_use"),
)
async def remove_cartridge(cartridge_id: UUID, caller: Manager) -> None:
    """Only one that no pod and no member speaks with."""
    async with caller.transaction() as conn:
        try:
            removed = await pods.remove_cartridge(conn, cartridge_id)
        except psycopg.errors.ForeignKeyViolation as error:
            raise Problem("cartridge_in_use") from error
        if not removed:
            raise Problem("cartridge_not_found")
        await caller.note(conn, "cartridge.removed", cartridge_id)
