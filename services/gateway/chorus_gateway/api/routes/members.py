"""Pod members (P1, P8), under their pod and by themselves."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus_gateway.actions import members as actions
from chorus_gateway.api.context import AccountHolder, Reader, Stopper
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.operations import STOPS
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.pods import MemberChanges, MemberView, NewMember, NewMemberOfPod
from chorus_gateway.caller import Caller
from chorus_gateway.problems import Problem
from chorus_gateway.store import members, pods
from chorus_gateway.store.members import Member

router: Final = APIRouter(tags=["pod members"])

_ADDING: Final = {
    **IDEMPOTENT,
    **documented("pod_not_found", "account_not_found", "cartridge_not_found"),
    **documented("member_exists", "request_in_progress"),
    **documented(
        "phrases_are_personal", "password_is_temporary", "not_allowed", "left_by_themselves"
    ),
}


@router.get(
    "/pods/{pod_id}/members",
    summary="List a pod's members",
    responses=documented("pod_not_found", "bad_cursor"),
)
async def list_members_of_pod(
    pod_id: UUID, caller: Reader, limit: Limit = 50, cursor: Cursor = None
) -> Page[MemberView]:
    """Newest first."""
    async with caller.reading() as conn:
        if await pods.find(conn, pod_id) is None:
            raise Problem("pod_not_found")
        return await _page(conn, pod_id=pod_id, active=None, limit=limit, cursor=cursor)


@router.post(
    "/pods/{pod_id}/members",
    summary="Add a member to a pod",
    status_code=201,
    response_model=MemberView,
    responses=_ADDING,
)
async def add_member_to_pod(
    pod_id: UUID, body: NewMember, caller: AccountHolder, once: Idempotent
) -> Response:
    """The account takes part from the next plan on, in the kinds that its owner consented to.

    By an admin; and by its owner, who had left the pod by themselves.
    """
    return await _add(pod_id, body, caller, once)


@router.get("/pod-members", summary="List pod members", responses=documented("bad_cursor"))
async def list_members(
    caller: Reader,
    pod_id: Annotated[UUID | None, Query(description="Only those of this pod.")] = None,
    active: Annotated[bool | None, Query(description="Only active, or only inactive ones.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[MemberView]:
    """Members of all pods, newest first."""
    async with caller.reading() as conn:
        return await _page(conn, pod_id=pod_id, active=active, limit=limit, cursor=cursor)


@router.post(
    "/pod-members",
    summary="Add a pod member",
    status_code=201,
    response_model=MemberView,
    responses=_ADDING,
)
async def add_member(body: NewMemberOfPod, caller: AccountHolder, once: Idempotent) -> Response:
    """The same as under the pod."""
    return await _add(body.pod_id, body, caller, once)


@router.get(
    "/pod-members/{member_id}", summary="Show a member", responses=documented("member_not_found")
)
async def show_member(member_id: UUID, caller: Reader) -> MemberView:
    """One member."""
    async with caller.reading() as conn:
        member = await members.find(conn, member_id)
        if member is None:
            raise Problem("member_not_found")
        return await _shown(conn, member)


@router.patch(
    "/pod-members/{member_id}",
    summary="Change a member",
    responses=documented(
        "member_not_found",
        "cartridge_not_found",
        "phrases_are_personal",
        "password_is_temporary",
        "left_by_themselves",
    ),
)
async def change_member(member_id: UUID, body: MemberChanges, caller: Stopper) -> MemberView:
    """Admins: name, address, voice, kinds; `active` takes them in and out.

    The account's owner: their phrases, which nobody else sets, and whether and in what they take
    part. What they have left by themselves they alone come back to.
    """
    changed = await actions.change(caller, member_id, body.model_dump(exclude_unset=True))
    async with caller.reading() as conn:
        return await _shown(conn, changed)


@router.delete(
    "/pod-members/{member_id}",
    summary="Remove a member",
    status_code=204,
    response_class=Response,
    openapi_extra=STOPS,
    responses=documented("member_not_found"),
)
async def remove_member(member_id: UUID, caller: Stopper) -> None:
    """By an admin, or by its owner: the account leaves the pod; what it did stays in the record."""
    await actions.remove(caller, member_id)


async def _add(pod_id: UUID, body: NewMember, caller: Caller, once: Idempotent) -> Response:
    wanted = actions.Wanted(
        account_id=body.account_id,
        name=body.name,
        linkedin_url=body.linkedin_url,
        active=body.active,
        phrases=tuple(body.phrases),
        cartridge_id=body.cartridge_id,
        kinds=frozenset(body.kinds),
    )

    async def effect(conn: Connection) -> MemberView:
        return await _shown(conn, await actions.add(conn, caller, pod_id, wanted))

    return await once.local(caller, effect)


async def _page(
    conn: Connection, *, pod_id: UUID | None, active: bool | None, limit: int, cursor: str | None
) -> Page[MemberView]:
    found = await members.listing(
        conn, pod_id=pod_id, active=active, before=id_after(cursor), limit=limit + 1
    )
    last = await members.last_activity(conn, [member.id for member in found[:limit]])
    return Page(
        items=[_view(member, last) for member in found[:limit]],
        next_cursor=cursor_after(found, limit),
    )


async def _shown(conn: Connection, member: Member) -> MemberView:
    return _view(member, await members.last_activity(conn, [member.id]))


def _view(member: Member, last: dict[UUID, datetime]) -> MemberView:
    shown = {name: getattr(member, name) for name in Member.__slots__}
    return MemberView.model_validate(shown | {"last_activity_at": last.get(member.id)})
