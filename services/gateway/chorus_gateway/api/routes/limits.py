"""Limits (I3): how much an account, or the team, may do, and what of it is left."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter

from chorus.vocabulary import Kind, Platform
from chorus_gateway.actions import limits as actions
from chorus_gateway.api.context import Manager, Reader, Stopper
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.limits import (
    AccountLimitsView,
    AmountsView,
    DefaultLimitView,
    LimitChanges,
    TeamLimitView,
)
from chorus_gateway.store import limits
from chorus_gateway.store.limits import Standing

router: Final = APIRouter(tags=["limits"])
_SETTING: Final = documented("not_allowed", "limit_raised", "limit_not_found", "limit_changed")
_OF_ACCOUNT: Final = documented(
    "not_allowed",
    "in_person_only",
    "password_is_temporary",
    "limit_raised",
    "account_not_found",
    "limit_not_found",
    "limit_changed",
)


@router.get("/limits", summary="The team's limits")
async def team_limits(caller: Reader) -> list[TeamLimitView]:
    """Every network and kind: what holds for the team's accounts, and the default."""
    return [_view(standing) for standing in await actions.of_team(caller)]


@router.get("/limits/defaults", summary="The limits that hold where nobody set any")
async def default_limits(caller: Reader) -> list[DefaultLimitView]:
    """Every network and action, with where the number comes from."""
    async with caller.reading() as conn:
        found = await limits.defaults(conn)
    return [
        DefaultLimitView(
            platform=Platform(row.platform),
            action=row.action,
            kind=Kind(row.kind) if row.kind else None,
            per_hour=row.per_hour,
            per_day=row.per_day,
            cooldown_seconds=row.cooldown.total_seconds(),
            source=row.source,
        )
        for row in found
    ]


@router.put("/limits/{platform}/{kind}", summary="Set a limit of the team", responses=_SETTING)
async def set_team_limit(
    platform: Platform, kind: Kind, body: LimitChanges, caller: Manager
) -> list[TeamLimitView]:
    """In force within 2 seconds. Above the default: an owner of the team, in person.

    It holds for every account, beside the account's own unless an owner of the team raised that.
    The answer is all of the team's limits.
    """
    target = actions.Target(platform=platform, kind=kind)
    await actions.put(caller, target, body.model_dump(exclude_unset=True))
    return await team_limits(caller)


@router.delete("/limits/{platform}/{kind}", summary="Go back to the default", responses=_SETTING)
async def remove_team_limit(platform: Platform, kind: Kind, caller: Manager) -> list[TeamLimitView]:
    """The default holds for the team again. The answer is all of the team's limits."""
    await actions.remove(caller, actions.Target(platform=platform, kind=kind))
    return await team_limits(caller)


@router.get(
    "/accounts/{account_id}/limits",
    summary="What an account may do, and what of it is left",
    responses=documented("account_not_found"),
)
async def account_limits(account_id: UUID, caller: Reader) -> AccountLimitsView:
    """As the hand-over will count it: warm-up, what is in flight, and the network's own wish."""
    found = await actions.of_account(caller, account_id)
    return AccountLimitsView.model_validate(found)


@router.put(
    "/accounts/{account_id}/limits/{kind}",
    summary="Set a limit of an account",
    responses=_OF_ACCOUNT,
)
async def set_account_limit(
    account_id: UUID, kind: Kind, body: LimitChanges, caller: Stopper
) -> AccountLimitsView:
    """In force within 2 seconds.

    What the account's owner sets stands beside what admins set: the least of both holds, and
    neither changes the other's. Beyond what the team may: an owner of the team, in person.
    """
    target = await actions.account_target(caller, account_id, kind)
    await actions.put(caller, target, body.model_dump(exclude_unset=True))
    return await account_limits(account_id, caller)


@router.delete(
    "/accounts/{account_id}/limits/{kind}",
    summary="Go back to the team's limit",
    responses=_OF_ACCOUNT,
)
async def remove_account_limit(account_id: UUID, kind: Kind, caller: Stopper) -> AccountLimitsView:
    """What holds for the team holds for the account again."""
    await actions.remove(caller, await actions.account_target(caller, account_id, kind))
    return await account_limits(account_id, caller)


def _view(standing: Standing) -> TeamLimitView:
    row, own = standing.rows[0], standing.of("tenant")
    return TeamLimitView(
        platform=Platform(row.platform),
        kind=Kind(row.kind),
        source="default" if own is None else "tenant",
        in_force=AmountsView.model_validate(standing.amounts),
        default=AmountsView.model_validate(standing.without("tenant").amounts),
        set_by=own.set_by if own else None,
        set_at=own.set_at if own else None,
    )
