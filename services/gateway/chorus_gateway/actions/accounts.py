"""Accounts: changed, removed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from chorus.documents.idleness import Idleness
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind
from chorus_gateway.actions.consents import recheck, record
from chorus_gateway.actions.people import keep_an_owner
from chorus_gateway.caller import Caller
from chorus_gateway.domain.roles import Permission, Role, may_change_user
from chorus_gateway.identity import voided_passwords
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts, users
from chorus_gateway.store.accounts import Account

_HOURS: Final = frozenset({"active_hours", "timezone"})


async def change(caller: Caller, account_id: UUID, changes: Mapping[str, Any]) -> Account:
    """Of name, address, time zone, hours and status those that are given; the status by admins.

    Hours and zone say when something is done in somebody's name: whoever proved nothing sets none.
    """
    async with caller.transaction() as conn:
        return await change_within(conn, caller, account_id, changes)


async def change_within(
    conn: Connection, caller: Caller, account_id: UUID, changes: Mapping[str, Any]
) -> Account:
    """The same in a transaction of the caller's."""
    account = await _own(conn, caller, account_id)
    if "status" in changes and not caller.principal.may(Permission.MANAGE):
        raise Problem("not_allowed", "Only an admin sets an account's status by hand.")
    if not _HOURS.isdisjoint(changes):
        _require_hours(caller)
    saved = await accounts.save(conn, replace(account, **changes))
    if saved is None:
        raise Problem("account_not_found")
    await caller.note(conn, "account.changed", account_id, changed=sorted(changes))
    return saved


async def remove(caller: Caller, account_id: UUID) -> int | None:
    """Every consent is withdrawn; how many activities that called off, None: not known yet.

    What rested on this account alone, such as a password, ends with it.
    """
    async with caller.transaction(alone=True) as conn:
        await _require_removal(conn, caller, account_id)
        account = await _own(conn, caller, account_id)
        kinds = [Kind(kind) for kind in account.consented_kinds]
        await record(conn, caller, account, kinds, granted=False)
        await accounts.remove(conn, account_id)
        await caller.note(conn, "account.removed", account_id)
        await voided_passwords.end_if_no_account_is_left(
            conn,
            account.owner_user_id,
            client_id=account.client_id,
            actor=caller.principal.actor,
            now=caller.gateway.clock.now(),
        )
    return await recheck(caller, account_id)


async def _require_removal(conn: Connection, caller: Caller, account_id: UUID) -> None:
    """Where it ends a person's password it throws them out: who may, may change that person."""
    account = await accounts.find(conn, account_id)
    if account is None:
        return
    owner_id = account.owner_user_id
    await users.hold(conn, owner_id)
    owner = await users.find(conn, owner_id)
    alone = await accounts.owned_by(conn, owner_id) == [account_id]
    if owner is None or not alone or not await users.password_is_of_link(conn, owner_id):
        return
    if caller.principal.key_id is not None:
        raise Problem("in_person_only", "Its person signs in by it: a key throws nobody out.")
    role = Role(owner.role)
    others = caller.principal.user_id != owner_id
    if others and not may_change_user(actor=caller.principal.role, present=role, wanted=role):
        raise Problem("not_allowed", "An owner signs in by it: only an owner throws owners out.")
    await keep_an_owner(conn, owner, replace(owner, active=False))


async def why_idle(caller: Caller, account_id: UUID) -> Idleness:
    """What stands in its way, as the scheduler sees it."""
    return await caller.gateway.scheduler.why_idle(
        client_id=caller.principal.client_id, account_id=account_id
    )


def _require_hours(caller: Caller) -> None:
    if not caller.principal.may(Permission.OWN_ACCOUNTS):
        raise Problem("not_allowed")
    if caller.principal.temporary:
        raise Problem("password_is_temporary")


async def _own(conn: Connection, caller: Caller, account_id: UUID) -> Account:
    account = await accounts.lock(conn, account_id)
    if account is None:
        raise Problem("account_not_found")
    if not caller.principal.may_act_for(account.owner_user_id):
        raise Problem("not_allowed", "This is somebody else's account.")
    return account
