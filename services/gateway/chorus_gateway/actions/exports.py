"""Exports: who takes what along is written down before the first row goes out."""

from collections.abc import Mapping

from chorus_gateway.caller import Caller
from chorus_gateway.domain.roles import Permission


def shows_personal(caller: Caller) -> bool:
    """Whether names and what people say are among the columns: for who manages the team."""
    return caller.principal.may(Permission.MANAGE)


async def begin(caller: Caller, what: str, filters: Mapping[str, object]) -> None:
    """Note it in the audit log, with what was asked for."""
    asked = {name: str(value) for name, value in filters.items() if value is not None}
    async with caller.transaction() as conn:
        detail = {"what": what, "filters": asked, "personal": shows_personal(caller)}
        await caller.note(conn, "export.begun", None, **detail)


async def go_on(caller: Caller) -> None:
    """Who is out by now takes nothing more along. Raises Problem as `Caller.transaction` does."""
    async with caller.transaction():
        return
