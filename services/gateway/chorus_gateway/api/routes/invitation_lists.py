"""Inviting many to a pod by a CSV file."""

import asyncio
from collections import Counter
from typing import Annotated, Final, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus_gateway.actions import invitation_lists as actions
from chorus_gateway.actions import invitations
from chorus_gateway.api.context import Administrator
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.invitation_files import FileOptions, InvitationFile, read_file
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.invitation_lists import InvitationListView, PlacedRow
from chorus_gateway.caller import Caller
from chorus_gateway.domain.invitation_lists import Placed
from chorus_gateway.domain.invitations import LIFE_DAYS, LONGEST_DAYS

router: Final = APIRouter(tags=["invitations"])

ColumnName = Annotated[str, Query(min_length=1, max_length=200)]
File = Annotated[
    bytes,
    Body(
        media_type="text/csv",
        description="The file as it is; its first row names the columns. 1,000 rows at most.",
        examples=["email,name\r\nmia@example.com,Mia Berg\r\n"],
    ),
]


def _options(
    email_column: Annotated[
        ColumnName | None, Query(description="What the column of the addresses is called.")
    ] = None,
    name_column: Annotated[
        list[ColumnName] | None,
        Query(max_length=3, description="The column of the names, or its parts in their order."),
    ] = None,
    encoding: Annotated[
        Literal["utf-8", "utf-16", "windows-1252", "iso-8859-1"] | None,
        Query(description="Where it is neither UTF-8 nor UTF-16, which are recognised."),
    ] = None,
) -> FileOptions:
    return FileOptions(email_column=email_column, name_column=name_column, encoding=encoding)


@router.post(
    "/pods/{pod_id}/members/import",
    summary="Invite many by a CSV file",
    response_model=InvitationListView,
    responses={
        **IDEMPOTENT,
        **documented("pod_not_found", "unavailable", "too_many_invitations", "request_in_progress"),
    },
)
async def import_members(  # noqa: PLR0917 - FastAPI passes them by name
    pod_id: UUID,
    body: File,
    caller: Administrator,
    once: Idempotent,
    options: Annotated[FileOptions, Depends(_options)],
    days: Annotated[int, Query(ge=1, le=LONGEST_DAYS)] = LIFE_DAYS,
    dry_run: Annotated[bool, Query(description="Only say what would become of each row.")] = False,
) -> Response:
    """An invitation for each row whose person has none yet; who joins by it connects an account and
    agrees kind by kind first. All of it, or where anything is wrong nothing.

    The links are shown in this answer and never again. The same file once more changes nothing.
    """
    invitations.require_address(caller.gateway)
    file = await read_file(body, options)
    wanted = actions.InvitationList(
        pod_id=pod_id, invitees=file.invitees, days=days, dry_run=dry_run
    )

    async def effect(conn: Connection) -> InvitationListView:
        placed = await actions.invite_all(conn, caller, wanted)
        return await _view(caller, file, placed, dry_run=dry_run)

    return await once.local(caller, effect, status=200, kept=_without_links)


async def _view(
    caller: Caller, file: InvitationFile, placed: list[Placed], *, dry_run: bool
) -> InvitationListView:
    items: list[PlacedRow] = []
    for start in range(0, len(placed), 200):
        items += [_row(caller, one) for one in placed[start : start + 200]]
        await asyncio.sleep(0)
    counts = Counter(str(one.outcome) for one in placed)
    return InvitationListView(
        dry_run=dry_run,
        rows=len(placed),
        invited=counts["invited"],
        already_invited=counts["already_invited"],
        in_team=counts["in_team"],
        taken_back=counts["taken_back"],
        encoding=file.encoding,
        delimiter=file.delimiter,
        ignored_columns=list(file.ignored),
        items=items,
    )


def _row(caller: Caller, placed: Placed) -> PlacedRow:
    url = None
    if placed.secret is not None and placed.invitation_id is not None:
        url = invitations.address_of(caller.gateway, placed.invitation_id, placed.secret)
    return PlacedRow(
        line=placed.invitee.line,
        email=placed.invitee.email,
        name=placed.invitee.name,
        outcome=placed.outcome,
        invitation_id=placed.invitation_id,
        pod_id=placed.pod_id,
        url=url,
    )


def _without_links(answer: BaseModel) -> BaseModel:
    view = cast("InvitationListView", answer)
    items = [row.model_copy(update={"url": None}) for row in view.items]
    return view.model_copy(update={"items": items})
