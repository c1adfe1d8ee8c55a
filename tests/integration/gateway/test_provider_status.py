"""The provider calls about an account's sign-in (issue 11.5; invariant 5)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chorus.events import AccountStatusChanged, SeenAccount, WatchChecked
from chorus.kafka.envelope import Received
from chorus.vocabulary import WatchKind
from chorus_gateway.detection import Detector, NotAskedFor
from chorus_gateway.domain.provider_status import AGAIN, APART
from chorus_gateway.watch_answers import WatchAnswers
from tests.integration.gateway.conftest import (
    STATUS_HOOK,
    Tenant,
    World,
    account_of,
    connected,
)


@pytest.fixture
async def account(ada: Tenant) -> dict[str, Any]:
    """An account that works."""
    return await account_of(ada)


async def _in_force(world: World, account: dict[str, Any]) -> str:
    """As the scheduler and the executors see it."""
    cursor = await world.ledger.conn.execute(
        "select status from gateway.api_accounts where account_id = %s", (account["id"],)
    )
    row = await cursor.fetchone()
    assert row is not None
    return str(row["status"])


async def _column(world: World, account: dict[str, Any], name: str) -> Any:
    cursor = await world.ledger.conn.execute(
        "select to_jsonb(a) as row from gateway.accounts a where id = %s", (account["id"],)
    )
    row = await cursor.fetchone()
    assert row is not None
    return row["row"][name]


async def _told(world: World) -> list[AccountStatusChanged]:
    cursor = await world.ledger.conn.execute(
        "select value from gateway.outbox where topic like '%account.status_changed' order by id"
    )
    rows = await cursor.fetchall()
    return [AccountStatusChanged.model_validate_json(row["value"]) for row in rows]


async def _shown(ada: Tenant, account: dict[str, Any]) -> dict[str, Any]:
    return dict(await ada.get(f"/api/accounts/{account['id']}"))


async def test_a_lost_sign_in_stops_the_account_and_people_hear_once(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """Issue 11.5: in force when the call is answered, with its reason and the way back."""
    name = account["provider_account_id"]
    world.hosted.breaks(name)
    for _ in range(3):
        response = await ada.connecting.says(name, "CREDENTIALS")
        assert response.status_code == 200
        assert await _in_force(world, account) == "needs_login"
    (told,) = await _told(world)
    assert (told.status, told.word, told.my_page) == (
        "needs_login",
        "CREDENTIALS",
        "http://chorus.test/me",
    )
    assert told.account_id == UUID(account["id"])
    shown = await _shown(ada, account)
    assert shown["status"] == "needs_login"
    assert shown["provider_status"]["word"] == "CREDENTIALS"
    assert shown["provider_status"]["confirmed"] is True
    assert "sign-in" in shown["provider_status"]["sentence"]
    actions = [each["action"] for each in (await ada.get("/api/audit"))["items"]]
    assert actions.count("account.provider_status") == 2, "stopped, and confirmed"


async def test_it_comes_back_when_the_provider_asked_says_so(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """Issue 11.5: a call that it is well is a reason to ask; what was lost warms up afresh."""
    name = account["provider_account_id"]
    world.hosted.breaks(name)
    await ada.connecting.says(name, "CREDENTIALS")
    world.clock.advance(APART)
    await ada.connecting.says(name, "OK")
    assert await _in_force(world, account) == "needs_login", "it says so, and the provider does not"
    world.hosted.breaks(name, "OK")
    world.clock.advance(APART)
    await ada.connecting.says(name, "RECONNECTED")
    assert await _in_force(world, account) == "connected"
    assert [each.status for each in await _told(world)] == ["needs_login", "connected"]
    assert await _column(world, account, "returned_at") is not None


async def test_an_old_call_holds_no_longer_than_until_the_provider_was_asked(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """A burst of an outage of before: the account stops, is asked about, and goes on; nobody is
    told, and nothing warms up.
    """
    name = account["provider_account_id"]
    for word in ("CREDENTIALS", "OK", "ERROR", "CREATION_SUCCESS", "CREDENTIALS"):
        assert (await ada.connecting.says(name, word)).status_code == 200
    world.clock.advance(APART)
    await world.gateway.provider_status.sweep()
    assert await _in_force(world, account) == "connected"
    assert await _told(world) == []
    assert await _column(world, account, "returned_at") is None
    assert await _column(world, account, "provider_look_at") is None


async def test_the_last_word_is_the_providers_answer_not_the_last_call(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """INVARIANT: an OK of before a CREDENTIALS that comes after it brings nothing back."""
    name = account["provider_account_id"]
    world.hosted.breaks(name)
    for word in ("CREDENTIALS", "OK", "SYNC_SUCCESS", "OK"):
        world.clock.advance(APART)
        await ada.connecting.says(name, word)
        assert await _in_force(world, account) == "needs_login"
    assert len(await _told(world)) == 1


async def test_while_the_provider_cannot_be_asked_it_stands_still(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """What was said is kept, also over a restart, and asked about until there is an answer."""
    name = account["provider_account_id"]
    world.hosted.available = False
    assert (await ada.connecting.says(name, "STOPPED")).status_code == 200
    assert await _in_force(world, account) == "restricted"
    shown = await _shown(ada, account)
    assert shown["provider_status"]["confirmed"] is False
    world.hosted.available = True
    await world.gateway.provider_status.sweep()
    assert await _in_force(world, account) == "restricted", "not before its time"
    world.clock.advance(AGAIN)
    await world.gateway.provider_status.sweep()
    assert await _in_force(world, account) == "connected"
    assert await _told(world) == []


async def test_what_people_stopped_stays_stopped(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """INVARIANT: the provider's OK ends nobody's pause and no challenge, and lifts no status that
    was set by hand.
    """
    name = account["provider_account_id"]
    await ada.http.patch(f"/api/accounts/{account['id']}", json={"status": "restricted"})
    world.hosted.breaks(name)
    await ada.connecting.says(name, "CREDENTIALS")
    world.hosted.breaks(name, "OK")
    world.clock.advance(APART)
    await ada.connecting.says(name, "OK")
    assert await _in_force(world, account) == "restricted"
    assert [each for each in world.scheduler.calls if each.startswith("resume")] == []
    assert (await _shown(ada, account))["provider_status"] is None


async def test_changing_a_lost_account_keeps_what_is_whose(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """What the provider says never becomes what a person said."""
    name = account["provider_account_id"]
    world.hosted.breaks(name)
    await ada.connecting.says(name, "CREDENTIALS")
    await ada.http.patch(f"/api/accounts/{account['id']}", json={"display_name": "Ada L."})
    world.hosted.breaks(name, "OK")
    world.clock.advance(APART)
    await ada.connecting.says(name, "OK")
    assert await _in_force(world, account) == "connected"


async def test_signing_in_again_by_a_link_ends_it(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """The way back that people are told; it warms up afresh."""
    name = account["provider_account_id"]
    world.hosted.breaks(name)
    await ada.connecting.says(name, "CREDENTIALS")
    link = await ada.post("/api/accounts/links", {"account_id": account["id"]})
    world.clock.advance(APART)
    world.hosted.breaks(name, "OK")
    await ada.connecting.call_back(link["url"], name, "RECONNECTED")
    assert await _in_force(world, account) == "connected"
    assert await _column(world, account, "returned_at") is not None
    assert (await _shown(ada, account))["provider_status"] is None


async def test_somebody_else_signed_in_under_its_id(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """INVARIANT: never for somebody who did not agree, whatever the provider calls them."""
    name = account["provider_account_id"]
    world.hosted.signs_in(name, profile_id="ACoSomebodyElse")
    await ada.connecting.says(name, "RECONNECTED")
    assert await _in_force(world, account) == "disconnected"
    (told,) = await _told(world)
    assert told.word == "OTHER_PERSON"


async def test_an_account_that_is_gone_there_is_disconnected(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """The operator deleted it at the provider."""
    name = account["provider_account_id"]
    del world.hosted.accounts[name]
    await ada.connecting.says(name, "WHATEVER_COMES_NEXT")
    assert await _in_force(world, account) == "disconnected"


async def test_who_is_not_known_changes_nothing_and_is_answered_alike(
    world: World, ada: Tenant, bob: Tenant, account: dict[str, Any]
) -> None:
    """Another tenant's, a removed one, nobody's: as one that works."""
    other = await connected(bob)
    gone = await connected(bob)
    await bob.http.delete(f"/api/accounts/{gone['id']}")
    said = [
        await ada.connecting.says(name, "CREDENTIALS")
        for name in ("nobody", gone["provider_account_id"], account["provider_account_id"])
    ]
    assert {(each.status_code, each.content) for each in said} == {(200, b"{}")}
    assert await _in_force(world, other) == "connected"
    assert await _told(world) == []


@pytest.mark.parametrize("secret", [None, "", "h" * 39, "H" * 40, "h" * 41])
async def test_without_the_secret_nothing_is_read(
    world: World, ada: Tenant, account: dict[str, Any], secret: str | None
) -> None:
    """Refused as an address that is not there, whatever the body."""
    name = account["provider_account_id"]
    response = await ada.connecting.says(name, "CREDENTIALS", secret=secret)
    assert response.status_code == 404
    large = await world.http.post(STATUS_HOOK, content=b"x" * 100_000)
    assert large.status_code == 404
    assert await _in_force(world, account) == "connected"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b'{"AccountStatus": {"account_id": "a"}}', 400),
        (b'{"AccountStatus": {"account_id": "a b", "message": "OK"}}', 400),
        (b'{"AccountStatus": {"account_id": "' + b"a" * 20_000 + b'", "message": "OK"}}', 413),
        (b'{"AccountStatus": {"account_id": "a", "message": "OK", "more": 1}, "x": []}', 200),
    ],
)
async def test_what_is_no_such_call_is_refused(world: World, body: bytes, status: int) -> None:
    """Bounded, and in the form that is documented; the provider may say more."""
    headers = {"unipile-auth": "h" * 40}
    response = await world.http.post(STATUS_HOOK, content=body, headers=headers)
    assert response.status_code == status
    assert (await world.http.get(STATUS_HOOK, headers=headers)).status_code == 405


async def test_a_sweep_bears_a_provider_that_is_away(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """What it owes stays owed."""
    name = account["provider_account_id"]
    world.hosted.available = False
    await ada.connecting.says(name, "CONNECTING")
    assert await _in_force(world, account) == "connected", "not against it"
    world.clock.advance(AGAIN)
    await world.gateway.provider_status.sweep()
    assert await _column(world, account, "provider_look_at") is not None


async def test_a_watchs_answer_counts_as_one_of_the_gateways_own(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """What no call told; late and twice, and beside what the gateway was answered meanwhile."""
    looked = await _watched(world, ada, account)
    for _ in range(2):
        await looked("CREDENTIALS", seconds=0)
    assert await _in_force(world, account) == "needs_login"
    assert len(await _told(world)) == 1
    await looked("OK", seconds=-60)
    assert await _in_force(world, account) == "needs_login", "asked before"
    world.clock.advance(60)
    await looked("OK", seconds=0)
    assert await _in_force(world, account) == "connected"
    await looked("CREDENTIALS", seconds=-30)
    assert await _in_force(world, account) == "connected", "an answer of before"
    await looked("OK", seconds=1, profile_id="ACoSomebodyElse")
    assert await _in_force(world, account) == "disconnected"


async def test_an_unclear_answer_of_a_watch_is_asked_about_again(
    world: World, ada: Tenant, account: dict[str, Any]
) -> None:
    """The gateway asks each minute until it is clear."""
    looked = await _watched(world, ada, account)
    await looked("CONNECTING", seconds=0)
    assert await _in_force(world, account) == "connected"
    world.hosted.breaks(account["provider_account_id"])
    world.clock.advance(AGAIN)
    await world.gateway.provider_status.sweep()
    assert await _in_force(world, account) == "needs_login"


async def test_nobody_tells_of_another_tenants_account(
    world: World, ada: Tenant, bob: Tenant, account: dict[str, Any]
) -> None:
    """INVARIANT: an answer is believed of what the ledger asked, and of nothing else."""
    other = await account_of(bob)
    looked = await _watched(world, ada, account)
    with pytest.raises(NotAskedFor):
        await looked("CREDENTIALS", seconds=0, account_id=UUID(other["id"]))
    with pytest.raises(NotAskedFor):
        await looked("CREDENTIALS", seconds=0, execution=9)
    assert await _in_force(world, other) == "connected"


async def _watched(
    world: World, ada: Tenant, account: dict[str, Any]
) -> Callable[..., Awaitable[None]]:
    """A watch of the account's sign-in, and how it is answered: asked so many seconds from now."""
    watch_id = await world.ledger.watch(
        client_id=ada.client_id,
        account_id=UUID(account["id"]),
        began_at=world.clock.now(),
        kind="status_of_account",
    )
    database = world.gateway.database
    answers = WatchAnswers(database, Detector(database, world.clock), world.gateway.provider_status)

    async def looked(
        word: str, *, seconds: float, profile_id: str | None = None, **other: Any
    ) -> None:
        at = world.clock.now() + timedelta(seconds=seconds)
        said = {"client_id": ada.client_id, "account_id": UUID(account["id"]), "execution": 1}
        event = WatchChecked(
            watch_id=watch_id,
            kind=WatchKind.STATUS_OF_ACCOUNT,
            outcome="checked",
            checked_at=at,
            account=SeenAccount(word=word, profile_id=profile_id, asked_at=at),
            correlation_id=str(watch_id),
            **(said | other),
        )
        received = Received(event, "id", "test", at, None, "watch.checked", 0, 0)
        await answers.on_watch_checked(received)

    return looked
