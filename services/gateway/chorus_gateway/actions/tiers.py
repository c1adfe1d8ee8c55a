"""The team's tier (Q1): changed by an owner, up or down."""

from chorus_gateway.caller import Caller, require_in_person
from chorus_gateway.domain.roles import Role
from chorus_gateway.domain.tiers import MAX_ACCOUNTS, Tier, holds
from chorus_gateway.problems import Problem
from chorus_gateway.store import clients
from chorus_gateway.store.clients import Client


async def change(caller: Caller, tier: Tier) -> Client:
    """In force at once. One that holds fewer accounts than are connected is refused, and says how
    many are too many; the same one again changes nothing.
    """
    require_in_person(caller)
    if caller.principal.role is not Role.OWNER:
        raise Problem("not_allowed", "Only an owner of the team changes its tier.")
    client_id = caller.principal.client_id
    async with caller.transaction() as conn:
        await clients.lock(conn, client_id)  # who connects an account waits, and is asked again
        client = await clients.find(conn, client_id)
        if client is None:
            raise Problem("not_found")
        connected = sum(client.accounts.values())
        if not holds(tier, connected):
            most = MAX_ACCOUNTS[tier]
            raise Problem(
                "tier_too_small",
                f"The {tier} tier holds {most} accounts, and {connected} are connected. "
                f"Remove {connected - most}, then change it.",
                tier=tier,
                max_accounts=most,
                connected=connected,
            )
        if tier != client.tier:
            await clients.change_tier(conn, client_id, tier)
            await caller.note(conn, "tenant.tier_changed", client_id, was=client.tier, tier=tier)
        changed = await clients.find(conn, client_id)
    if changed is None:
        raise Problem("not_found")
    return changed
