"""Pod members (P1, P8), under their pod and by themselves."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.actions.consents import recheck
from chorus_gateway.actions.pods import require_cartridge
from chorus_gateway.api.context import AccountHolder, Reader, Stopper
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.pods import MemberChanges, MemberView, NewMember, NewMemberOfPod
from chorus_gateway.caller import Caller, require_words
from chorus_gateway.domain.members import PHRASES, STANDING, Departure, Part, refusal, returns
from chorus_gateway.domain.roles import Permission
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts, members, pods
from chorus_gateway.store.accounts import Account
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
    async with caller.transaction() as conn:
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
    async with caller.transaction() as conn:
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
    async with caller.transaction() as conn:
        return await _shown(conn, await members.find(conn, member_id))


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
    changes = body.model_dump(exclude_unset=True)
    async with caller.transaction() as conn:
        member = await members.lock(conn, member_id)
        if member is None:
            raise Problem("member_not_found")
        _check(caller, member.owner_user_id, changes)
        await _take_part(conn, caller, member, Part(**_part(changes)))
        await require_cartridge(conn, changes.get("cartridge_id"))
        by = member.owner_user_id if PHRASES in changes else member.phrases_by
        await members.save(conn, replace(member, **changes, phrases_by=by))
        await caller.note(conn, "member.changed", member_id, changed=sorted(changes))
        shown = await _shown(conn, await members.find(conn, member_id))
    if STANDING & changes.keys():
        await recheck(caller, member.account_id)
    return shown


@router.delete(
    "/pod-members/{member_id}",
    summary="Remove a member",
    status_code=204,
    response_class=Response,
    responses=documented("member_not_found"),
)
async def remove_member(member_id: UUID, caller: Stopper) -> None:
    """By an admin, or by its owner: the account leaves the pod; what it did stays in the record."""
    async with caller.transaction() as conn:
        member = await members.lock(conn, member_id)
        if member is None:
            raise Problem("member_not_found")
        if not caller.principal.may_act_for(member.owner_user_id):
            raise Problem("not_allowed", "This is somebody else's account.")
        await _take_part(conn, caller, member, Part(active=False))
        await members.remove(conn, member_id)
        await caller.note(conn, "member.removed", member_id)
    await recheck(caller, member.account_id)


def _check(caller: Caller, owner_user_id: UUID, changed: Collection[str]) -> None:
    code = refusal(caller.principal, owner_user_id=owner_user_id, changed=changed)
    if code is not None:
        raise Problem(code)
    if "cartridge_id" in changed:
        require_words(caller)


def _part(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name in STANDING}


async def _take_part(conn: Connection, caller: Caller, member: Member, wanted: Part) -> None:
    """Keep what the owner says of their own part; refuse others what the owner has left."""
    who, departure = caller.principal, member.departure
    if departure.forbids(wanted) and not returns(who, member.owner_user_id):
        raise Problem("left_by_themselves")
    if who.user_id == member.owner_user_id and wanted != Part():
        await members.depart(conn, member, departure.after(wanted))


async def _add(pod_id: UUID, body: NewMember, caller: Caller, once: Idempotent) -> Response:
    async def effect(conn: Connection) -> MemberView:
        account = await accounts.find(conn, body.account_id)
        if await pods.lock(conn, pod_id) is None:
            raise Problem("pod_not_found")
        if account is None:
            raise Problem("account_not_found")
        await _require_manager(conn, caller, pod_id, account)
        if body.phrases:
            _check(caller, account.owner_user_id, {PHRASES})
        await require_cartridge(conn, body.cartridge_id)
        member = Member(
            id=new_id(),
            client_id=caller.principal.client_id,
            pod_id=pod_id,
            account_id=account.id,
            owner_user_id=account.owner_user_id,
            provider_account_id=account.provider_account_id,
            account_status=account.status,
            consented_kinds=account.kinds_in_force,
            name=body.name or account.display_name,
            linkedin_url=body.linkedin_url or account.linkedin_url,
            active=body.active,
            phrases=list(body.phrases),
            phrases_by=account.owner_user_id if body.phrases else None,
            cartridge_id=body.cartridge_id,
            kinds=sorted(set(body.kinds)),
        )
        if not await members.add(conn, member):
            raise Problem("member_exists")
        added = await members.find(conn, member.id)
        if added is not None and added.departure != Departure():
            await _take_part(conn, caller, added, Part(active=body.active, kinds=member.kinds))
        await caller.note(conn, "member.added", member.id, pod_id=str(pod_id))
        return await _shown(conn, await members.find(conn, member.id))

    return await once.local(caller, effect)


async def _require_manager(
    conn: Connection, caller: Caller, pod_id: UUID, account: Account
) -> None:
    """Who manages adds members; who has left a pod by themselves also comes back by themselves."""
    who = caller.principal
    if who.may(Permission.MANAGE):
        return
    left = await members.departure(conn, pod_id, account.id)
    if not (left.whole and returns(who, account.owner_user_id)):
        raise Problem("not_allowed")


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


async def _shown(conn: Connection, member: Member | None) -> MemberView:
    if member is None:
        raise Problem("member_not_found")
    return _view(member, await members.last_activity(conn, [member.id]))


def _view(member: Member, last: dict[UUID, datetime]) -> MemberView:
    shown = {name: getattr(member, name) for name in Member.__slots__}
    return MemberView.model_validate(shown | {"last_activity_at": last.get(member.id)})
