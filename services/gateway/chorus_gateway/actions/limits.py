"""Limits (I3): how much an account, or the team, may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chorus.documents.limits import AccountLimits, Amounts, RemoveLimit, SetLimit, Source
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, Platform
from chorus_gateway.caller import Caller
from chorus_gateway.domain.limits import (
    ADMIN_LIMIT,
    OWN_LIMIT,
    Wish,
    may_set,
    may_set_own,
)
from chorus_gateway.domain.refusals import Refused
from chorus_gateway.domain.roles import Permission
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts, limits
from chorus_gateway.store.limits import LimitRow, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whose limit is set."""

    platform: Platform
    kind: Kind
    account_id: UUID | None = None
    owner_user_id: UUID | None = None

    @property
    def source(self) -> Source:
        """For whom the row is."""
        return "tenant" if self.account_id is None else "account"

    def owned_by(self, caller: Caller) -> bool:
        """Whether it is the caller's own account."""
        return self.account_id is not None and caller.principal.user_id == self.owner_user_id


async def of_account(caller: Caller, account_id: UUID) -> AccountLimits:
    """What of each kind is used and left, as the hand-over will count it."""
    return await caller.gateway.scheduler.limits(
        client_id=caller.principal.client_id, account_id=account_id
    )


async def account_target(caller: Caller, account_id: UUID, kind: Kind) -> Target:
    """An account's limit of a kind, on the account's own network."""
    async with caller.reading() as conn:
        account = await accounts.find(conn, account_id)
    if account is None:
        raise Problem("account_not_found")
    return Target(
        platform=Platform(account.platform),
        kind=kind,
        account_id=account_id,
        owner_user_id=account.owner_user_id,
    )


async def put(caller: Caller, target: Target, changes: Mapping[str, Any]) -> None:
    """In force within two seconds. What is not named stays as it is now."""
    async with caller.reading() as conn:
        found = await _standing(conn, target)
    if target.owned_by(caller):
        wanted = found.amounts.model_copy(update=dict(changes))
        general = found.without_owners.amounts
        if wanted.within(general) or not caller.principal.may(Permission.MANAGE):
            wish = Wish(wanted=wanted, present=found.amounts, general=general)
            _require(may_set_own(caller.principal, wish))
            await _set(caller, target, found, wish, by_owner=True)
            return
        if found.of(target.source, by_owner=True) is not None:
            raise Problem("limit_raised", OWN_LIMIT)
    wish = _managed(target, found, found.without_owners.amounts.model_copy(update=dict(changes)))
    _require(may_set(caller.principal, wish))
    await _set(caller, target, found, wish, by_owner=False)


async def remove(caller: Caller, target: Target) -> None:
    """What is more general holds again: of one's own account one's own first. Nothing happens where
    there is none.
    """
    async with caller.reading() as conn:
        found = await _standing(conn, target)
    own = found.of(target.source, by_owner=True) if target.owned_by(caller) else None
    general = found.without_owners.amounts
    if own is not None:
        wish = Wish(wanted=general, present=found.amounts, general=general)
        _require(may_set_own(caller.principal, wish))
        await _remove(caller, target, own)
        return
    managed = found.of(target.source)
    if managed is None:
        return
    if target.owned_by(caller) and not caller.principal.may(Permission.MANAGE):
        raise Problem("not_allowed", ADMIN_LIMIT)
    wish = _managed(target, found, found.without(target.source).amounts)
    _require(may_set(caller.principal, wish))
    await _remove(caller, target, managed)


def _managed(target: Target, found: Standing, wanted: Amounts) -> Wish:
    return Wish(
        wanted=wanted,
        present=found.without_owners.amounts,
        general=found.without(target.source).amounts,
    )


def _require(refused: Refused | None) -> None:
    if refused is not None:
        raise Problem(refused.code, refused.sentence)


async def _set(
    caller: Caller, target: Target, found: Standing, wish: Wish, *, by_owner: bool
) -> None:
    stands = found.of(target.source, by_owner=by_owner)
    scheduler = await caller.scheduler()
    await scheduler.set_limit(
        SetLimit(
            client_id=caller.principal.client_id,
            account_id=target.account_id,
            platform=target.platform,
            kind=target.kind,
            by_owner=by_owner,
            actor=caller.principal.actor,
            seen=stands.set_at if stands else None,
            amounts=wish.wanted,
            narrows=wish.narrows,
        )
    )
    await _note(caller, "limit.set", target, wish.wanted.model_dump())


async def _remove(caller: Caller, target: Target, row: LimitRow) -> None:
    scheduler = await caller.scheduler()
    await scheduler.remove_limit(
        RemoveLimit(
            client_id=caller.principal.client_id,
            account_id=target.account_id,
            platform=target.platform,
            kind=target.kind,
            by_owner=row.by_owner,
            actor=caller.principal.actor,
            seen=row.set_at,
        )
    )
    await _note(caller, "limit.removed", target, row.amounts.model_dump())


async def of_team(caller: Caller) -> list[Standing]:
    """Every network and kind, with what holds for the team and the default."""
    async with caller.reading() as conn:
        return await limits.of_tenant(conn)


async def _standing(conn: Connection, target: Target) -> Standing:
    found = await limits.standing(
        conn, platform=target.platform, kind=target.kind, account_id=target.account_id
    )
    if found is None:
        raise Problem("limit_not_found")
    return found


async def _note(caller: Caller, action: str, target: Target, amounts: dict[str, Any]) -> None:
    async with caller.afterwards() as conn:
        await caller.note(
            conn,
            action,
            target.account_id,
            platform=target.platform,
            kind=target.kind,
            amounts=amounts,
        )
