"""A challenge that the gateway's own look meets stops the account as one of an executor does."""

import asyncio
from typing import Any
from uuid import UUID

import psycopg
import pytest

from chorus.ids import new_id
from chorus.testing import eventually
from chorus_gateway.store import challenges
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
    await world.gateway.post_identity.sweep()
    assert await _statuses(world) == ["challenged"]
    await world.ledger.conn.execute("delete from gateway.post_lookups")
    asked = len(world.lookup.asked)
    await ada.post("/api/posts", {"url": URL.format(2)})
    assert len(world.lookup.asked) == asked, "whatever it was asked before"

    world.scheduler.available = True
    for _ in range(2):
        await world.gateway.post_identity.sweep()
    assert len(_pauses(world)) == 1
    assert await _statuses(world) == ["connected"]
    del reader


async def test_it_is_one_pause_however_often_it_is_told(
    world: World, ada: Tenant, reader: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding B2: the gateway may end between the scheduler's answer and its own note of it."""
    told = challenges.told
    broken = [psycopg.errors.AdminShutdown("The server is stopped.")]

    async def once_away(*given: Any, **named: Any) -> None:
        if broken:
            raise broken.pop()
        await told(*given, **named)

    monkeypatch.setattr(challenges, "told", once_away)
    await ada.http.post("/api/posts", json={"url": URL.format(1)})
    await world.gateway.post_identity.sweep()
    assert len(_pauses(world)) == 2
    assert len(world.scheduler._pauses) == 1
    del reader


async def test_it_is_not_lost_with_the_database_that_goes_away(
    world: World, ada: Tenant, reader: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding B2: INVARIANT: remembered until it is noted, though nobody is asked any more."""
    note = challenges.note
    broken = [psycopg.errors.AdminShutdown("The server is stopped.")]

    async def once_away(*given: Any, **named: Any) -> None:
        if broken:
            raise broken.pop()
        await note(*given, **named)

    monkeypatch.setattr(challenges, "note", once_away)
    await ada.http.post("/api/posts", json={"url": URL.format(1)})
    assert _pauses(world) == []
    world.lookup.challenged.clear()
    await world.gateway.post_identity.sweep()
    assert len(_pauses(world)) == 1
    del reader


async def test_it_is_not_lost_with_the_request_that_ends(
    world: World, ada: Tenant, reader: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding B2: INVARIANT: who waits for a look may leave while its challenge is noted."""
    note, left = challenges.note, asyncio.Event()

    async def slow(*given: Any, **named: Any) -> None:
        await left.wait()
        await note(*given, **named)

    monkeypatch.setattr(challenges, "note", slow)
    monkeypatch.setattr(world.gateway.post_identity, "_at_once_within", 0.2)
    assert (await ada.post("/api/posts", {"url": URL.format(1)}))["state"] == "resolving"
    left.set()
    await eventually(lambda: _pauses(world))
    assert len(_pauses(world)) == 1
    del reader


@pytest.mark.parametrize("scope", ["tenant", "account"])
async def test_who_is_stopped_is_not_asked_about_posts(
    world: World, ada: Tenant, scope: str
) -> None:
    """Finding B2, A4: whatever stops it, an account looks nothing up."""
    account = await account_of(ada)
    await world.ledger.pause(
        client_id=ada.client_id,
        scope=scope,
        scope_id=None if scope == "tenant" else UUID(account["id"]),
        pause_id=new_id(),
    )
    await ada.post("/api/posts", {"url": URL.format(5)})
    assert world.lookup.asked == []
