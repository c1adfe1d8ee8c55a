"""Tiers: what there is, what the team has and uses, and another one (Q1)."""

from typing import Final

from fastapi import APIRouter

from chorus_gateway.actions import tiers as actions
from chorus_gateway.api.context import Administrator, Reader
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.tiers import TierChange, TierView, UsageView
from chorus_gateway.domain.tiers import MAX_ACCOUNTS, PLANS, Tier, holds
from chorus_gateway.problems import Problem
from chorus_gateway.store import clients
from chorus_gateway.store.clients import Client

router: Final = APIRouter(tags=["tiers"])


@router.get("/tiers", summary="What tiers there are")
async def list_tiers(caller: Reader) -> list[TierView]:
    """From the smallest to the largest."""
    del caller
    return [TierView.model_validate(plan) for plan in PLANS.values()]


@router.get("/tier", summary="The team's tier, and how much of it is used")
async def show_tier(caller: Reader) -> UsageView:
    """Connected accounts, by platform too, and which tiers would hold them."""
    async with caller.reading() as conn:
        client = await clients.find(conn, caller.principal.client_id)
    if client is None:
        raise Problem("not_found")
    return _usage(client)


@router.put(
    "/tier",
    summary="Change the team's tier",
    responses=documented(
        "not_allowed", "in_person_only", "password_is_temporary", "tier_too_small"
    ),
)
async def change_tier(body: TierChange, caller: Administrator) -> UsageView:
    """By an owner, signed in. One that holds fewer accounts than are connected is refused."""
    return _usage(await actions.change(caller, body.tier))


def _usage(client: Client) -> UsageView:
    tier, connected = Tier(client.tier), sum(client.accounts.values())
    return UsageView(
        tier=tier,
        max_accounts=MAX_ACCOUNTS[tier],
        connected=connected,
        left=max(0, MAX_ACCOUNTS[tier] - connected),
        accounts=client.accounts,
        fitting=[each for each in Tier if holds(each, connected)],
    )
