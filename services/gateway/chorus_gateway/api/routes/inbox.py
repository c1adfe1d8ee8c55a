"""The inbox: what waits for a yes or for its person's hands, decided one by one or many at once."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from chorus.documents.activity_commands import ActivityCommand, Approve, Reject
from chorus.vocabulary import Kind
from chorus_gateway.actions import bulk
from chorus_gateway.api.context import Approver, Reader, Stopper
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.operations import STOPS
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_of, instant_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.activities import ActivityView
from chorus_gateway.api.schemas.inbox import Approvals, InboxItem, Many, SaidOfMany, said_of_many
from chorus_gateway.caller import Caller
from chorus_gateway.domain.deciding import may_say
from chorus_gateway.domain.roles import Permission
from chorus_gateway.store import decisions_due
from chorus_gateway.store.activities import Activity
from chorus_gateway.store.decisions_due import Due, Narrowing

router: Final = APIRouter(prefix="/inbox", tags=["inbox"])


def narrowing(
    kind: Annotated[list[Kind] | None, Query(max_length=8)] = None,
    pod_id: Annotated[UUID | None, Query()] = None,
    post_id: Annotated[UUID | None, Query()] = None,
    account_id: Annotated[UUID | None, Query()] = None,
    mine: Annotated[bool, Query(description="Only of accounts that I own.")] = False,
) -> dict[str, Any]:
    """What the inbox and the manual queue are narrowed by alike."""
    kinds = None if kind is None else [str(one) for one in kind]
    ids = {"pod_id": pod_id, "post_id": post_id, "account_id": account_id}
    return {"kinds": kinds, "mine": mine, **ids}


Narrowed = Annotated[dict[str, Any], Depends(narrowing)]


def narrowed_for(caller: Caller, asked: dict[str, Any], **more: Any) -> Narrowing:
    """Of one's own accounts; of the whole team for who manages it, unless they ask for theirs."""
    fields = {name: value for name, value in asked.items() if name != "mine"}
    own = asked["mine"] or not caller.principal.may(Permission.MANAGE)
    return Narrowing(owner=caller.principal.user_id if own else None, **fields, **more)


def cursor_behind(found: Sequence[Due], limit: int) -> str | None:
    """The cursor behind a page, where one more was asked for."""
    return cursor_of(found[limit - 1].at, found[limit - 1].id) if len(found) > limit else None


@router.get("", summary="What waits for a decision", responses=documented("bad_cursor"))
async def list_inbox(
    caller: Reader,
    asked: Narrowed,
    waits_for: Annotated[
        Literal["approval", "hands"] | None,
        Query(description="A yes, or its person, who does it by hand. Without it: both."),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[InboxItem]:
    """What ends first comes first, each beside its post; of one's own accounts, or of the team's
    for who manages it.
    """
    suggested = None if waits_for is None else waits_for == "hands"
    wanted = narrowed_for(caller, asked, suggested=suggested)
    async with caller.reading() as conn:
        found = await decisions_due.inbox(
            conn, wanted, after=instant_after(cursor), limit=limit + 1
        )
        shown = await decisions_due.activities_of(conn, found[:limit])
    items = [_item(caller, due, activity) for due, activity in shown]
    return Page(items=items, next_cursor=cursor_behind(found, limit))


def _item(caller: Caller, due: Due, activity: Activity) -> InboxItem:
    words = may_say(caller.principal, due.owner_user_id, suggested=due.suggested, mode=due.mode)
    shown = {"activity": ActivityView.model_validate(activity), "may": words}
    return InboxItem.model_validate(shown)


@router.post(
    "/approve", summary="Approve many", response_model=SaidOfMany, responses={**IDEMPOTENT}
)
async def approve_many(caller: Approver, once: Idempotent, body: Approvals) -> Response:
    """Each by itself, as if it were approved alone: one that is refused holds up no other."""
    commands = [
        Approve(**who(caller), activity_id=item.id, text_sha256=item.text_sha256)
        for item in body.items
    ]
    return await said(caller, once, "activity.approved", commands)


@router.post(
    "/reject",
    summary="Reject many",
    response_model=SaidOfMany,
    responses={**IDEMPOTENT},
    openapi_extra=STOPS,
)
async def reject_many(caller: Stopper, once: Idempotent, body: Many) -> Response:
    """Each by itself: a yes that is not given, or a suggestion that is not taken up."""
    commands = [Reject(**who(caller), activity_id=one, reason=body.reason) for one in body.ids]
    return await said(caller, once, "activity.rejected", commands)


async def said(
    caller: Caller, once: Idempotent, action: str, commands: Sequence[ActivityCommand]
) -> Response:
    """An answer for each command, once for the Idempotency-Key."""

    async def effect() -> SaidOfMany:
        return said_of_many(await bulk.each(caller, action, commands))

    return await once.remote(caller, effect)


def who(caller: Caller) -> dict[str, Any]:
    """What every command says of who says it."""
    return {"client_id": caller.principal.client_id, "actor": caller.principal.actor}
