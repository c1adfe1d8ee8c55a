"""A challenge that the gateway's own look meets stops the account as one of an executor does."""

from typing import Any

import pytest

from tests.integration.gateway.conftest import Tenant, World, account_of

URL = "https://www.linkedin.com/feed/update/urn:li:share:737916092354560000{}/"


@pytest.fixture
async def reader(world: World, ada: Tenant) -> dict[str, Any]:
    """An account through which posts are looked up; the network asks for its person."""
    account = await account_of(ada)
    world.lookup.challenged.add(account["provider_account_id"])
    return account


def _pauses(world: World) -> list[str]:
    return [called for called in world.scheduler.calls if called.startswith("challenge")]


async def _statuses(world: World) -> list[str]:
    cursor = await world.ledger.conn.execute("select status from gateway.api_accounts")
    return [row["status"] for row in await cursor.fetchall()]


async def test_a_challenge_of_a_look_up_becomes_the_accounts_pause(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Finding B2: INVARIANT: whoever met it, the account stops and a person is called."""
    post = await ada.post("/api/posts", {"url": URL.format(1)})
    assert post["state"] == "resolving"
    assert len(_pauses(world)) == 1
    assert await _statuses(world) == ["connected"], "the pause stops it now, and its end ends that"
    asked = len(world.lookup.asked)
    await ada.post("/api/posts", {"url": URL.format(2)})
    assert len(world.lookup.asked) == asked, "and it is not asked again"
    del reader


async def test_it_is_in_force_while_the_scheduler_is_away_and_told_later(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Finding B2: INVARIANT: kept, and seen by all who ask whether the account may act."""
    world.scheduler.available = False
    await ada.post("/api/posts", {"url": URL.format(1)})
    await world.gateway.identity.sweep()
    assert await _statuses(world) == ["challenged"]

    world.scheduler.available = True
    for _ in range(2):
        await world.gateway.identity.sweep()
    assert len(_pauses(world)) == 1
    assert await _statuses(world) == ["connected"]
    del reader
