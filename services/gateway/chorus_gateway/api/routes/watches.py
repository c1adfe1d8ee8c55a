"""Watches (A7): what is looked at without anybody asking, and why nothing is found."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from chorus_gateway.api.context import Reader
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.watches import WatchView
from chorus_gateway.domain.watches import state_of
from chorus_gateway.store import watches
from chorus_gateway.store.watches import Watch

router: Final = APIRouter(prefix="/watches", tags=["watches"])


@router.get("", summary="List watches", responses=documented("bad_cursor"))
async def list_watches(
    caller: Reader,
    account_id: Annotated[UUID | None, Query(description="Only of this account.")] = None,
    live: Annotated[bool, Query(description="Only those that have not ended.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[WatchView]:
    """Newest first. They come and go with pods, members and consents: nobody makes them."""
    async with caller.reading() as conn:
        found = await watches.listing(
            conn, account_id=account_id, live=live, before=id_after(cursor), limit=limit + 1
        )
    return Page(
        items=[_view(watch) for watch in found[:limit]], next_cursor=cursor_after(found, limit)
    )


def _view(watch: Watch) -> WatchView:
    ended = watch.ended_at is not None
    shown = {name: getattr(watch, name) for name in Watch.__slots__}
    return WatchView.model_validate(
        shown
        | {
            "state": state_of(ended=ended, unheard=watch.unheard, failing=watch.failing),
            "next_at": None if ended else watch.next_at,
            "errors_in_a_row": watch.errors,
        }
    )
