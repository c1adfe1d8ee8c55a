"""The watch of an account's sign-in: whom it is about, its pace, and what holds it (issue 11.5)."""

from datetime import timedelta
from typing import Any

import pytest

from chorus.documents import PodPolicy
from chorus.events import Failure, WatchChecked, WatchDue
from chorus.kafka.envelope import Received
from chorus.vocabulary import ErrorType, WatchKind
from chorus_lab.seeding import Tenant
from chorus_scheduler.domain.watches import STATUS_LOOKS
from chorus_scheduler.store import accounts
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.test_watches import Watching

EVERY = 1800


@pytest.fixture
def watching(world: World) -> Watching:
    return Watching(world)


async def _tenant(watching: Watching, members: int = 1) -> Tenant:
    """Nobody asks for new posts; the accounts of the world are another tenant's."""
    await watching.world.owner.execute("update gateway.accounts set status = 'restricted'")
    return await watching.tenant(members, policy=PodPolicy())


async def _provider_says(watching: Watching, tenant: Tenant, status: str | None) -> None:
    word = None if status is None else "CREDENTIALS"
    await watching.world.owner.execute(
        "update gateway.accounts set provider_status = %s, provider_word = %s,"
        " provider_status_at = %s, provider_confirmed = %s where client_id = %s",
        (status, word, NOW if status else None, status is not None, tenant.client_id),
    )


async def _live(watching: Watching) -> list[dict[str, Any]]:
    await watching.reconciler.watches()
    return [row for row in await watching.rows() if row["ended_at"] is None]


async def _hear(watching: Watching, command: WatchDue, **said: Any) -> None:
    event = WatchChecked(
        client_id=command.client_id,
        watch_id=command.watch_id,
        execution=command.execution,
        kind=WatchKind.STATUS_OF_ACCOUNT,
        account_id=command.account_id,
        checked_at=watching.world.clock.now(),
        correlation_id=command.correlation_id,
        **({"outcome": "checked"} | said),
    )
    now = watching.world.clock.now()
    await watching.settler.on_watch_checked(
        Received(event, "id", "test", now, None, "watch.checked", 0, 0)
    )


async def test_whoever_agreed_to_anything_is_looked_after(watching: Watching) -> None:
    """Signed in or out by the provider's word; nobody whom a person took out, and no decision."""
    tenant = await _tenant(watching)
    (row,) = await _live(watching)
    assert (row["kind"], row["account_id"]) == ("status_of_account", tenant.accounts[0])
    assert row["every_seconds"] == EVERY
    assert NOW <= row["next_at"] < NOW + timedelta(seconds=EVERY)
    assert "watch_began" not in await watching.world.decisions()
    await _provider_says(watching, tenant, "needs_login")
    assert len(await _live(watching)) == 1
    await _provider_says(watching, tenant, "disconnected")
    assert await _live(watching) == [], "the provider has no such account to ask about"
    await _provider_says(watching, tenant, None)
    assert len(await _live(watching)) == 1
    await watching.world.owner.execute(
        "update gateway.accounts set status = 'needs_login' where client_id = %s",
        (tenant.client_id,),
    )
    assert await _live(watching) == []


async def test_who_agreed_to_nothing_is_not_looked_at(watching: Watching) -> None:
    """INVARIANT: never for somebody who did not agree."""
    tenant = await _tenant(watching)
    await watching.world.owner.execute(
        "insert into gateway.consents (client_id, account_id, kind, granted, text_version,"
        " text_sha256, by_user_id) select client_id, id, unnest(consented_kinds), false, 'test',"
        " decode(repeat('00', 32), 'hex'), owner_user_id from gateway.accounts where id = %s",
        (tenant.accounts[0],),
    )
    assert await _live(watching) == []


async def test_a_signed_out_account_is_looked_at_and_a_paused_one_is_not(
    watching: Watching,
) -> None:
    """A person's stop holds everything; a lost sign-in is what there is to look at."""
    tenant = await _tenant(watching)
    await _live(watching)
    await _provider_says(watching, tenant, "needs_login")
    await watching.all_due()
    (command,) = await watching.look()
    await _hear(watching, command)
    (row,) = await _live(watching)
    assert row["looks"] == 1
    least, most = EVERY * 0.8, EVERY * 1.2
    assert least <= (row["next_at"] - NOW).total_seconds() <= most
    await watching.world.steering.pause(
        client_id=tenant.client_id,
        scope="account",
        scope_id=tenant.accounts[0],
        reason="On holiday.",
        actor="user:ada",
    )
    await watching.all_due()
    assert await watching.look() == []
    (row,) = await _live(watching)
    assert row["reason_code"] == "paused"


async def test_its_looks_have_a_limit(watching: Watching) -> None:
    """INVARIANT: never above a limit, however often it is asked for."""
    await _tenant(watching)
    await _live(watching)
    for _ in range(STATUS_LOOKS.count):
        await watching.all_due()
        (command,) = await watching.look()
        await _hear(watching, command)
    await watching.all_due()
    assert await watching.look() == []
    (row,) = await _live(watching)
    assert row["reason_code"] == "put_off_by_limit"


async def test_a_429_puts_the_look_off_and_rests_no_account(watching: Watching) -> None:
    """The provider's own record is not the network: acts go on."""
    tenant = await _tenant(watching)
    await _live(watching)
    await watching.all_due()
    (command,) = await watching.look()
    failure = Failure(
        error_type=ErrorType.RATE_LIMIT, message="Too many.", retryable=True, retry_after=7200.0
    )
    await _hear(watching, command, outcome="failed", failure=failure)
    (row,) = await _live(watching)
    assert (row["next_at"] - NOW).total_seconds() == 7200
    gates = await watching.world.rows(
        "select closed_until from scheduler.limit_gates where scope = %s",
        (f"account:{tenant.accounts[0]}",),
    )
    assert all(gate["closed_until"] is None for gate in gates)


async def test_another_pace_is_kept(world: World) -> None:
    """CHORUS_STATUS_EVERY, for those that look already."""
    watching = Watching(world)
    await _tenant(watching)
    await _live(watching)
    faster = Watching(world, status_every=600)
    (row,) = await _live(faster)
    assert row["every_seconds"] == 600
    assert row["next_at"] <= NOW + timedelta(seconds=600)


async def test_who_came_back_warms_up_afresh(world: World) -> None:
    """Issue 11.3: a lost sign-in is as a challenge for the limits, wherever they are asked for."""
    account = world.tenant.accounts[0]
    back = NOW - timedelta(days=1)
    await world.owner.execute(
        "update gateway.accounts set connected_at = %s, returned_at = %s where id = %s",
        (NOW - timedelta(days=400), back, account),
    )
    limits = await world.steering.limits(client_id=world.tenant.client_id, account_id=account)
    assert (limits.warm_up_share, limits.warm_up_ends_at) == (0.3, NOW + timedelta(days=6))
    async with world.pool.connection() as conn:
        standing = (await accounts.standings(conn, [account]))[account]
    assert standing.warms_from == back
