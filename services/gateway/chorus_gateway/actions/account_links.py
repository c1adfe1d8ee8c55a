"""Connecting one's own account: a link is started, and shown to whoever started it."""

from dataclasses import replace
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus_gateway.account_links import Started, Wanted
from chorus_gateway.caller import Caller, require_in_person
from chorus_gateway.domain.account_links import MAX_OPEN, AccountLink
from chorus_gateway.domain.tiers import MAX_ACCOUNTS, Tier, may_connect
from chorus_gateway.problems import Problem
from chorus_gateway.store import account_links, accounts, clients


async def start(caller: Caller, wanted: Wanted) -> Started:
    """A new account has room in the plan, one that is signed in again is the caller's own; and
    few links of a person are open at once. Raises DependencyUnavailable.
    """
    require_in_person(caller)
    return await begin(caller, wanted)


async def begin(caller: Caller, wanted: Wanted) -> Started:
    """The same for somebody whose account is what shows who they are."""
    service, now = caller.gateway.account_links, caller.gateway.clock.now()
    async with caller.transaction() as conn:
        if wanted.account_id is None:
            await _check_room(conn, caller)
        else:
            wanted = await _again(conn, caller, wanted, wanted.account_id)
        if await account_links.count_open(conn, caller.principal.user_id, now) >= MAX_OPEN:
            raise Problem("too_many_links")
        link, name = await service.start(conn, wanted)
        await caller.note(conn, "account.link_started", link.id, kind=link.kind)
    return await service.page(link, name, wanted.provider_account_id)


async def find(caller: Caller, link_id: UUID) -> AccountLink:
    """For whoever started it."""
    async with caller.reading() as conn:
        link = await account_links.find(conn, link_id)
    if link is None or link.user_id != caller.principal.user_id:
        raise Problem("link_not_found")
    return link


async def _again(conn: Connection, caller: Caller, wanted: Wanted, account_id: UUID) -> Wanted:
    """The same for an account that the provider knows."""
    account = await accounts.find(conn, account_id)
    if account is None:
        raise Problem("account_not_found")
    if account.owner_user_id != caller.principal.user_id:
        raise Problem("not_allowed", "Only its owner signs an account in again.")
    return replace(
        wanted,
        platform=account.platform,
        provider_account_id=account.provider_account_id,
    )


async def _check_room(conn: Connection, caller: Caller) -> None:
    """One more account fits into the plan; the tenant's row is locked."""
    await clients.lock(conn, caller.principal.client_id)
    client = await clients.find(conn, caller.principal.client_id)
    if client is None:
        raise Problem("not_found")
    tier = Tier(client.tier)
    connected = sum(client.accounts.values())
    if not may_connect(tier, connected):
        raise Problem(
            "account_limit_reached",
            f"The {tier} plan holds {MAX_ACCOUNTS[tier]} accounts, and {connected} are connected. "
            "Remove one or change the plan.",
            tier=tier,
            max_accounts=MAX_ACCOUNTS[tier],
            connected=connected,
        )
