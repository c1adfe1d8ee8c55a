"""Pod members: they join, change, leave. Who left by themselves comes back by themselves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.actions.consents import recheck
from chorus_gateway.actions.pods import require_cartridge
from chorus_gateway.caller import Caller, require_words
from chorus_gateway.domain.members import PHRASES, STANDING, Departure, Part, refusal, returns
from chorus_gateway.domain.roles import Permission
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts, members, pods
from chorus_gateway.store.accounts import Account
from chorus_gateway.store.members import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How an account is to take part. Without a name or an address: the account's."""

    account_id: UUID
    name: str | None
    linkedin_url: str | None
    active: bool
    phrases: tuple[str, ...]
    cartridge_id: UUID | None
    kinds: frozenset[str]


async def add(conn: Connection, caller: Caller, pod_id: UUID, wanted: Wanted) -> Member:
    """By an admin; and by the account's owner, who had left the pod by themselves."""
    account = await _joining(conn, caller, pod_id, wanted)
    draft = _member(caller, pod_id, account, wanted)
    if not await members.add(conn, draft):
        raise Problem("member_exists")
    added = await _found(conn, draft.id)
    if added.departure != Departure():
        await _take_part(conn, caller, added, Part(active=draft.active, kinds=draft.kinds))
    await caller.note(conn, "member.added", draft.id, pod_id=str(pod_id))
    return await _found(conn, draft.id)


async def change(caller: Caller, member_id: UUID, changes: Mapping[str, Any]) -> Member:
    """Admins: name, address, voice, kinds, and whether they are in. The account's owner: their
    phrases, which nobody else sets, and whether and in what they take part.
    """
    async with caller.transaction() as conn:
        changed = await change_within(conn, caller, member_id, changes)
    if not STANDING.isdisjoint(changes):
        await recheck(caller, changed.account_id)
    return changed


async def change_within(
    conn: Connection, caller: Caller, member_id: UUID, changes: Mapping[str, Any]
) -> Member:
    """The same in a transaction of the caller's, who rechecks the account where `STANDING` is
    changed."""
    member = await _locked(conn, member_id)
    _check(caller, member.owner_user_id, changes)
    standing = {name: value for name, value in changes.items() if name in STANDING}
    await _take_part(conn, caller, member, Part(**standing))
    await require_cartridge(conn, changes.get("cartridge_id"))
    by = member.owner_user_id if PHRASES in changes else member.phrases_by
    await members.save(conn, replace(member, **changes, phrases_by=by))
    await caller.note(conn, "member.changed", member_id, changed=sorted(changes))
    return await _found(conn, member_id)


async def remove(caller: Caller, member_id: UUID) -> None:
    """By an admin, or by its owner: the account leaves the pod; what it did stays in the record."""
    async with caller.transaction() as conn:
        member = await _locked(conn, member_id)
        if not caller.principal.may_act_for(member.owner_user_id):
            raise Problem("not_allowed", "This is somebody else's account.")
        await _take_part(conn, caller, member, Part(active=False))
        await members.remove(conn, member_id)
        await caller.note(conn, "member.removed", member_id)
    await recheck(caller, member.account_id)


async def _joining(conn: Connection, caller: Caller, pod_id: UUID, wanted: Wanted) -> Account:
    """The account, where this caller may add it so. The pod is locked."""
    account = await accounts.find(conn, wanted.account_id)
    if await pods.lock(conn, pod_id) is None:
        raise Problem("pod_not_found")
    if account is None:
        raise Problem("account_not_found")
    await _require_manager(conn, caller, pod_id, account)
    if wanted.phrases:
        _check(caller, account.owner_user_id, {PHRASES})
    await require_cartridge(conn, wanted.cartridge_id)
    return account


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


def _member(caller: Caller, pod_id: UUID, account: Account, wanted: Wanted) -> Member:
    return Member(
        id=new_id(),
        client_id=caller.principal.client_id,
        pod_id=pod_id,
        account_id=account.id,
        owner_user_id=account.owner_user_id,
        provider_account_id=account.provider_account_id,
        account_status=account.standing,
        consented_kinds=account.kinds_in_force,
        name=wanted.name or account.display_name,
        linkedin_url=wanted.linkedin_url or account.linkedin_url,
        active=wanted.active,
        phrases=list(wanted.phrases),
        phrases_by=account.owner_user_id if wanted.phrases else None,
        cartridge_id=wanted.cartridge_id,
        kinds=sorted(wanted.kinds),
    )


def _check(caller: Caller, owner_user_id: UUID, changed: Collection[str]) -> None:
    code = refusal(caller.principal, owner_user_id=owner_user_id, changed=changed)
    if code is not None:
        raise Problem(code)
    if "cartridge_id" in changed:
        require_words(caller)


async def _take_part(conn: Connection, caller: Caller, member: Member, wanted: Part) -> None:
    """Keep what the owner says of their own part; refuse others what the owner has left."""
    who, departure = caller.principal, member.departure
    if departure.forbids(wanted) and not returns(who, member.owner_user_id):
        raise Problem("left_by_themselves")
    if who.user_id == member.owner_user_id and wanted != Part():
        await members.depart(conn, member, departure.after(wanted))


async def _found(conn: Connection, member_id: UUID) -> Member:
    member = await members.find(conn, member_id)
    if member is None:
        raise Problem("member_not_found")
    return member


async def _locked(conn: Connection, member_id: UUID) -> Member:
    member = await members.lock(conn, member_id)
    if member is None:
        raise Problem("member_not_found")
    return member
