"""Voice cartridges: made, changed, removed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg

from chorus.documents import VoiceCartridge
from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.caller import Caller, require_words
from chorus_gateway.checks import checked
from chorus_gateway.domain.changes import merged
from chorus_gateway.problems import Problem
from chorus_gateway.store import pods
from chorus_gateway.store.pods import Cartridge


async def make(
    conn: Connection, caller: Caller, *, name: str, definition: Mapping[str, Any]
) -> Cartridge:
    """How a member or a pod sounds; an empty definition leaves texts as they are."""
    require_words(caller)
    cartridge = Cartridge(
        id=new_id(),
        client_id=caller.principal.client_id,
        name=name,
        definition=dict(definition),
    )
    added = await pods.add_cartridge(conn, cartridge)
    if added is None:
        raise Problem("name_taken")
    await caller.note(conn, "cartridge.made", added.id, name=added.name)
    return added


async def change(caller: Caller, cartridge_id: UUID, changes: Mapping[str, Any]) -> Cartridge:
    """Of `name` and `definition` (what it names) those that are given: a new version."""
    require_words(caller)
    async with caller.transaction() as conn:
        present = await pods.find_cartridge(conn, cartridge_id)
        if present is None:
            raise Problem("cartridge_not_found")
        definition = present.definition
        if "definition" in changes:
            whole = merged(definition, changes["definition"])
            definition = checked(VoiceCartridge, whole, "definition").model_dump(mode="json")
        wanted = Cartridge(
            id=cartridge_id,
            client_id=present.client_id,
            name=changes.get("name", present.name),
            definition=definition,
        )
        try:
            saved = await pods.save_cartridge(conn, wanted)
        except psycopg.errors.UniqueViolation as error:
            raise Problem("name_taken") from error
        await caller.note(conn, "cartridge.changed", cartridge_id, changed=sorted(changes))
    if saved is None:
        raise Problem("cartridge_not_found")
    return saved


async def remove(caller: Caller, cartridge_id: UUID) -> None:
    """Only one that no pod and no member speaks with."""
    async with caller.transaction() as conn:
        try:
            removed = await pods.remove_cartridge(conn, cartridge_id)
        except psycopg.errors.ForeignKeyViolation as error:
            raise Problem("cartridge_in_use") from error
        if not removed:
            raise Problem("cartridge_not_found")
        await caller.note(conn, "cartridge.removed", cartridge_id)
