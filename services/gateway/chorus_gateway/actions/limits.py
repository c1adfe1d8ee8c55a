"""Limits (I3): how much an account, or the team, may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chorus.documents.limits import AccountLimits, Amounts, RemoveLimit, SetLimit, Source
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, Platform
from chorus_gateway.caller import Caller
from chorus_gateway.domain.limits import Wish, may_set
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


async def of_account(caller: Caller, account_id: UUID) -> AccountLimits:
    """What of each kind is used and left, as the hand-over will count it."""
    async with caller.reading() as conn:
        if await accounts.find(conn, account_id) is None:
            raise Problem("account_not_found")
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
    """In force at the next hand-over. What is not named stays as it is now."""
    async with caller.reading() as conn:
        found = await _standing(conn, target)
    wanted = found.amounts.model_copy(update=dict(changes))
    wish, own = _check(caller, target, found, wanted)
    await caller.gateway.scheduler.set_limit(
        SetLimit(
            client_id=caller.principal.client_id,
            account_id=target.account_id,
            platform=target.platform,
            kind=target.kind,
            actor=caller.principal.actor,
            seen=own.set_at if own else None,
            amounts=wanted,
            narrows=wish.narrows,
        )
    )
    await _note(caller, "limit.set", target, wanted.model_dump())


async def remove(caller: Caller, target: Target) -> None:
    """What is more general holds again. Nothing happens where there is none."""
    async with caller.reading() as conn:
        found = await _standing(conn, target)
    _, own = _check(caller, target, found, found.without(target.source).amounts)
    if own is None:
        return
    await caller.gateway.scheduler.remove_limit(
        RemoveLimit(
            client_id=caller.principal.client_id,
            account_id=target.account_id,
            platform=target.platform,
            kind=target.kind,
            actor=caller.principal.actor,
            seen=own.set_at,
        )
    )
    await _note(caller, "limit.removed", target, own.amounts.model_dump())


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


def _check(
    caller: Caller, target: Target, found: Standing, wanted: Amounts
) -> tuple[Wish, LimitRow | None]:
    """The wish, and the row that stands there. Problem where the caller may not."""
    own = found.of(target.source)
    wish = Wish(
        wanted=wanted,
        present=found.amounts,
        general=found.without(target.source).amounts,
        owner_user_id=target.owner_user_id,
        set_by=own.set_by if own else None,
    )
    refused = may_set(caller.principal, wish)
    if refused is not None:
        raise Problem(refused.code, refused.sentence)
    return wish, own


async def _note(caller: Caller, action: str, target: Target, amounts: dict[str, Any]) -> None:
    async with caller.transaction() as conn:
        await caller.note(
            conn,
            action,
            target.account_id,
            platform=target.platform,
            kind=target.kind,
            amounts=amounts,
        )
