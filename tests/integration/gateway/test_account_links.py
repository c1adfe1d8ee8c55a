"""Connecting accounts: who shows control has the account, and nobody else (findings C1, E15)."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from chorus.process.rounds import Every, Rounds
from chorus.testing import eventually
from chorus_gateway.domain.account_links import LINK_LIFE, MAX_OPEN, PATIENCE
from tests.integration.gateway.conftest import HOOK, Tenant, World, connected


async def _link(who: Tenant, **wanted: Any) -> dict[str, Any]:
    return dict(await who.post("/api/accounts/links", wanted))


async def _came(who: Tenant, link: dict[str, Any]) -> dict[str, Any]:
    return dict(await who.get(f"/api/accounts/links/{link['id']}"))


async def _again(world: World, who: Tenant) -> Tenant:
    """The same person, signed in anew: the clock was moved."""
    return replace(who, http=await world.signed_in(who.email))


async def _accounts(who: Tenant) -> list[dict[str, Any]]:
    return list((await who.get("/api/accounts"))["items"])


async def test_an_account_belongs_to_who_signed_in_at_the_page(world: World, ada: Tenant) -> None:
    """Finding C1: the provider's word, held against the provider, makes an account somebody's."""
    member = await world.person(ada, "mia", "member")
    hours = {"opens": "08:30", "closes": "18:00", "days": [0, 1]}
    link = await _link(member, display_name="Mia", timezone="Europe/Berlin", hours=hours)
    assert (await _came(member, link))["state"] == "open"
    assert await _accounts(ada) == []
    world.hosted.signs_in("acc-mia", profile_id="ACoMIA")
    await member.connecting.call_back(link["url"], "acc-mia")
    (account,) = await _accounts(ada)
    assert (account["owner_user_id"], account["provider_account_id"], account["status"]) == (
        str(member.user_id),
        "acc-mia",
        "connected",
    )
    assert (account["display_name"], account["timezone"]) == ("Mia", "Europe/Berlin")
    assert account["active_hours"].items() >= hours.items()
    assert account["consented_kinds"] == []
    assert account["proven_at"] is not None
    audit = (await ada.get("/api/audit"))["items"]
    assert audit[0]["action"] == "account.connected"
    assert audit[0]["actor_id"] == str(member.user_id)


async def test_what_the_provider_does_not_confirm_is_nobodys(world: World, ada: Tenant) -> None:
    """Finding C1: a callback carries no signature, so its word alone connects nothing."""
    link = await _link(ada)
    await ada.connecting.call_back(link["url"], "acc-of-somebody")
    assert (await _came(ada, link))["state"] == "reported"
    assert await _accounts(ada) == []
    world.clock.advance(PATIENCE)
    await world.gateway.account_links.sweep()
    ada = await _again(world, ada)
    came = await _came(ada, link)
    assert (came["state"], came["code"], came["account_id"]) == ("failed", "not_usable", None)
    assert await _accounts(ada) == []


async def test_a_callback_is_kept_while_the_provider_cannot_be_asked(
    world: World, ada: Tenant
) -> None:
    """Finding C1: what comes once is not lost, though nobody can be asked about it just now."""
    link = await _link(ada)
    world.hosted.signs_in("acc-ada")
    world.hosted.available = False
    response = await ada.connecting.call_back(link["url"], "acc-ada")
    assert response.status_code == 200
    assert (await _came(ada, link))["state"] == "reported"
    world.hosted.available = True
    world.clock.advance(LINK_LIFE)
    await world.gateway.account_links.sweep()
    ada = await _again(world, ada)
    assert (await _came(ada, link))["state"] == "connected"


async def test_an_account_that_is_still_connecting_is_waited_for(world: World, ada: Tenant) -> None:
    """Finding C1: not OK is not yet; it becomes usable later, or the link ends."""
    link = await _link(ada)
    world.hosted.signs_in("acc-ada")
    world.hosted.breaks("acc-ada")
    await ada.connecting.call_back(link["url"], "acc-ada")
    assert (await _came(ada, link))["state"] == "reported"
    world.hosted.signs_in("acc-ada")
    await world.gateway.account_links.sweep()
    assert (await _came(ada, link))["state"] == "connected"


@pytest.mark.parametrize("order", [["ok", "ok"], ["fail", "ok"], ["ok", "fail"], ["odd", "ok"]])
async def test_callbacks_come_twice_and_in_any_order(
    world: World, ada: Tenant, order: list[str]
) -> None:
    """Finding C1: one account, once, whatever else is said before or after."""
    link = await _link(ada)
    world.hosted.signs_in("acc-ada")
    statuses = {"ok": "CREATION_SUCCESS", "fail": "CREATION_FAIL", "odd": "SYNC_SUCCESS"}
    for word in order:
        account_id = None if word == "fail" else "acc-ada"
        answer = await ada.connecting.call_back(link["url"], account_id, statuses[word])
        assert answer.status_code == 200
    assert (await _came(ada, link))["state"] == "connected"
    assert len(await _accounts(ada)) == 1
    entries = (await ada.get("/api/audit"))["items"]
    assert [entry["action"] for entry in entries].count("account.connected") == 1


async def test_a_page_that_failed_says_so_and_may_be_used_again(world: World, ada: Tenant) -> None:
    """Finding C1: a wrong password at the provider is not the end of the link."""
    link = await _link(ada)
    await ada.connecting.call_back(link["url"], None, "CREATION_FAIL")
    came = await _came(ada, link)
    assert (came["state"], came["code"]) == ("open", "not_finished")
    assert came["reason"]
    world.hosted.signs_in("acc-ada")
    await ada.connecting.call_back(link["url"], "acc-ada")
    assert (await _came(ada, link))["state"] == "connected"


async def test_a_link_is_good_once(world: World, ada: Tenant) -> None:
    """Finding C1: a second account through the same link is nobody's."""
    link = await _link(ada)
    for account_id in ("acc-one", "acc-two"):
        world.hosted.signs_in(account_id)
        await ada.connecting.call_back(link["url"], account_id)
    assert [account["provider_account_id"] for account in await _accounts(ada)] == ["acc-one"]


async def test_an_expired_link_connects_nothing(world: World, ada: Tenant) -> None:
    """Finding C1: late is too late."""
    link = await _link(ada)
    world.hosted.signs_in("acc-ada")
    world.clock.advance(LINK_LIFE)
    await ada.connecting.call_back(link["url"], "acc-ada")
    ada = await _again(world, ada)
    came = await _came(ada, link)
    assert (came["state"], came["code"]) == ("failed", "expired")
    assert await _accounts(ada) == []


async def test_a_name_that_is_not_ours_connects_nothing(world: World, ada: Tenant) -> None:
    """Finding C1: the id of a link is no secret; what it carries to the provider is."""
    link = await _link(ada)
    world.hosted.signs_in("acc-ada")
    name = ada.connecting.name(link["url"])
    for wrong in (
        link["id"],
        f"{link['id']}.guess",
        f"{ada.user_id}.{name.partition('.')[2]}",
        str(ada.user_id),
        "",
        "é.é",
        f"{name}x",
    ):
        body = {"status": "CREATION_SUCCESS", "account_id": "acc-ada", "name": wrong}
        assert (await world.http.post(HOOK, json=body)).status_code == 200, wrong
    assert await _accounts(ada) == []
    assert (await _came(ada, link))["state"] == "open"


async def test_an_account_that_is_live_elsewhere_is_not_taken_over(
    world: World, ada: Tenant, bob: Tenant
) -> None:
    """INVARIANT, finding C1: neither from a tenant nor in one, and nothing is told."""
    account = await connected(ada, "acc-ada")
    mia = await world.person(ada, "mia", "member")
    told = []
    for who in (bob, mia):
        link = await _link(who)
        await who.connecting.call_back(link["url"], "acc-ada")
        came = await _came(who, link)
        assert (came["state"], came["code"]) == ("failed", "not_accepted")
        told.append(came["reason"])
        assert "acc-ada" not in str(came)
    assert told[0] == told[1]
    assert await _accounts(bob) == []
    (still,) = await _accounts(ada)
    assert still["owner_user_id"] == str(ada.user_id) == account["owner_user_id"]


async def test_one_person_of_the_network_is_one_account(
    world: World, ada: Tenant, bob: Tenant
) -> None:
    """INVARIANT, finding C1: under another id of the provider it is the same person still."""
    account = await connected(ada, "acc-ada")
    profile = world.hosted.accounts["acc-ada"].profile_id
    for who, account_id, state in ((bob, "acc-other", "failed"), (ada, "acc-new", "connected")):
        link = await _link(who)
        world.hosted.signs_in(account_id, profile_id=profile)
        await who.connecting.call_back(link["url"], account_id)
        assert (await _came(who, link))["state"] == state
    (only,) = await _accounts(ada)
    assert (only["id"], only["provider_account_id"]) == (account["id"], "acc-new")


async def test_a_removed_account_comes_back_to_who_shows_control(
    world: World, ada: Tenant, bob: Tenant
) -> None:
    """INVARIANT, finding C1: as the same row in its tenant, with nothing agreed to."""
    account = await connected(ada, "acc-ada")
    mia = await world.person(ada, "mia", "member")
    assert (await ada.http.delete(f"/api/accounts/{account['id']}")).is_success
    back = await connected(mia, "acc-ada", display_name="Mia", timezone="Europe/Rome")
    assert back["id"] == account["id"]
    assert (back["owner_user_id"], back["consented_kinds"]) == (str(mia.user_id), [])
    assert back["timezone"] == "Europe/Rome"
    await mia.http.delete(f"/api/accounts/{account['id']}")
    assert (await connected(bob, "acc-ada"))["id"] != account["id"]


async def test_a_link_to_reconnect_accepts_that_account_alone(world: World, ada: Tenant) -> None:
    """Finding C1: signed in as somebody else, nothing changes."""
    account = await connected(ada, "acc-ada")
    path = f"/api/accounts/{account['id']}"
    await ada.http.patch(path, json={"status": "needs_login"})
    link = await _link(ada, account_id=account["id"])
    assert world.hosted.page_of(link["url"]).reconnect == "acc-ada"
    world.hosted.signs_in("acc-else")
    await ada.connecting.call_back(link["url"], "acc-else", "RECONNECTED")
    assert (await _came(ada, link))["code"] == "other_account"
    world.hosted.signs_in("acc-ada", profile_id="ACoElse")
    link = await _link(ada, account_id=account["id"])
    await ada.connecting.call_back(link["url"], "acc-ada", "RECONNECTED")
    assert (await _came(ada, link))["code"] == "other_account"
    assert (await ada.get(path))["status"] == "needs_login"
    world.hosted.signs_in("acc-ada")
    link = await _link(ada, account_id=account["id"])
    await ada.connecting.call_back(link["url"], "acc-ada", "RECONNECTED")
    assert (await ada.get(path))["status"] == "connected"


@pytest.mark.parametrize("away", [False, True])
async def test_signing_in_again_ends_the_challenge_that_came_before(
    world: World, ada: Tenant, away: bool
) -> None:
    """INVARIANT (5): the account's person has dealt with it, and the record says so; once."""
    account = await connected(ada, "acc-ada")
    pause_id = await _challenged(world, ada, account, minutes_ago=1)
    link = await _link(ada, account_id=account["id"])
    world.scheduler.available = not away
    assert (await ada.connecting.call_back(link["url"], "acc-ada", "RECONNECTED")).is_success
    assert (await _came(ada, link))["state"] == "connected"
    world.scheduler.available = True
    for _ in range(2):
        await world.gateway.account_links.sweep()
    calls = [call for call in world.scheduler.calls if call.startswith("resume")]
    assert calls == [f"resume by user:{ada.user_id}"]
    audit = await ada.get("/api/audit", params={"limit": 20})
    (ended,) = [each for each in audit["items"] if each["action"] == "pause.ended"]
    assert (ended["subject_id"], ended["detail"]["because"]) == (str(pause_id), "signed_in_again")


@pytest.mark.parametrize("how", ["somebody else", "a later challenge", "a person's stop"])
async def test_signing_in_again_ends_nothing_else(world: World, ada: Tenant, how: str) -> None:
    """INVARIANT (5, 6): neither what came after, nor what a person stopped, nor for others."""
    account = await connected(ada, "acc-ada")
    link = await _link(ada, account_id=account["id"])
    code = "paused_by_person" if how == "a person's stop" else "challenge"
    ago = -1 if how == "a later challenge" else 1
    await _challenged(world, ada, account, minutes_ago=ago, code=code)
    if how == "somebody else":
        world.hosted.signs_in("acc-ada", profile_id="ACoElse")
    await ada.connecting.call_back(link["url"], "acc-ada", "RECONNECTED")
    await world.gateway.account_links.sweep()
    assert (await _came(ada, link))["state"] == (
        "failed" if how == "somebody else" else "connected"
    )
    assert [call for call in world.scheduler.calls if call.startswith("resume")] == []


async def _challenged(
    world: World,
    tenant: Tenant,
    account: dict[str, Any],
    *,
    minutes_ago: int,
    code: str = "challenge",
) -> UUID:
    scope_id = UUID(account["id"])
    pause_id = await world.scheduler.pause(
        client_id=tenant.client_id, scope="account", scope_id=scope_id, reason="?", actor="system"
    )
    await world.ledger.pause(
        client_id=tenant.client_id, scope="account", scope_id=scope_id, code=code, pause_id=pause_id
    )
    await world.ledger.conn.execute(
        "update scheduler.pauses set paused_at = %s where id = %s",
        (world.clock.now() - timedelta(minutes=minutes_ago), pause_id),
    )
    return pause_id


async def test_only_its_owner_starts_to_reconnect_it(world: World, ada: Tenant) -> None:
    """Finding C1: not even an admin signs in for a member."""
    mia = await world.person(ada, "mia", "member")
    account = await connected(mia, "acc-mia")
    response = await ada.http.post("/api/accounts/links", json={"account_id": account["id"]})
    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")


async def test_a_key_starts_no_link(world: World, ada: Tenant) -> None:
    """Finding C1: control is shown by a person."""
    key = await ada.post("/api/api-keys", {"name": "robot", "scopes": ["write"]})
    headers = {"authorization": f"Bearer {key['key']}"}
    response = await world.http.post("/api/accounts/links", json={}, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "in_person_only")


async def test_what_nobody_proved_waits_and_gives_way(
    world: World, ada: Tenant, bob: Tenant
) -> None:
    """Finding C1: a row of before acts for nobody, and does not stand in the way of its person."""
    cursor = await world.ledger.conn.execute(
        "insert into gateway.accounts (id, client_id, owner_user_id, provider_account_id, platform,"
        " display_name, consented_kinds) values (gen_random_uuid(), %s, %s, 'acc-ada', 'linkedin',"
        " 'Ada', '{like}') returning id, status",
        (bob.client_id, bob.user_id),
    )
    squatted = await cursor.fetchone()
    assert squatted is not None
    assert squatted["status"] == "needs_login"
    response = await bob.http.patch(f"/api/accounts/{squatted['id']}", json={"status": "connected"})
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    await connected(ada, "acc-ada")
    assert await _accounts(bob) == []


async def test_the_database_lets_nobody_act_who_is_not_proven(world: World, ada: Tenant) -> None:
    """INVARIANT, finding C1: neither connected without a proof nor handed on without a new one."""
    account = await connected(ada)
    mia = await world.person(ada, "mia", "member")
    for change in (
        "proven_at = null",
        f"owner_user_id = '{mia.user_id}'",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            await world.ledger.conn.execute(
                f"update gateway.accounts set {change} where id = %s",  # noqa: S608 - ours
                (account["id"],),
            )


async def test_the_plan_is_asked_again_when_the_account_comes(world: World, ada: Tenant) -> None:
    """Q1: links that were started before the plan was full do not go above it."""
    started = [await _link(ada) for _ in range(12)]
    for number, link in enumerate(started):
        world.hosted.signs_in(f"acc-{number}")
        await ada.connecting.call_back(link["url"], f"acc-{number}")
    assert len(await _accounts(ada)) == 10
    assert (await _came(ada, started[-1]))["code"] == "account_limit_reached"


async def test_who_was_disabled_meanwhile_gets_no_account(world: World, ada: Tenant) -> None:
    """Finding C2: a link ends with its person."""
    mia = await world.person(ada, "mia", "member")
    link = await _link(mia)
    await ada.http.patch(f"/api/users/{mia.user_id}", json={"active": False})
    world.hosted.signs_in("acc-mia")
    await mia.connecting.call_back(link["url"], "acc-mia")
    assert await _accounts(ada) == []


async def test_many_open_links_are_refused(ada: Tenant) -> None:
    """A person has so many at once, and no more."""
    for _ in range(MAX_OPEN):
        await _link(ada)
    response = await ada.http.post("/api/accounts/links", json={})
    assert (response.status_code, response.json()["code"]) == (429, "too_many_links")


async def test_the_hook_is_shut_without_its_secret(world: World, ada: Tenant) -> None:
    """Finding C1: guarded before anything of the body is read."""
    link = await _link(ada)
    world.hosted.signs_in("acc-ada")
    name = ada.connecting.name(link["url"])
    body = {"status": "CREATION_SUCCESS", "account_id": "acc-ada", "name": name}
    for path in ("/hooks/unipile/accounts/", f"{HOOK}x", "/hooks/unipile/accounts", "/hooks/x"):
        response = await world.http.post(path, json=body)
        assert (response.status_code, response.json()["code"]) == (404, "not_found"), path
    assert (await world.http.get(HOOK)).status_code == 405
    assert await _accounts(ada) == []


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b"\xff", 400),
        (b'{"status": "CREATION_SUCCESS", "account_id": "..", "name": "x"}', 400),
        (b'{"status": "CREATION_SUCCESS", "account_id": 1, "name": "x"}', 400),
        (b"[" * 20_000, 413),
        (b"x" * 16_385, 413),
    ],
)
async def test_a_hostile_callback_is_refused(world: World, content: bytes, status: int) -> None:
    """Finding C1: bounded and checked, whatever it holds."""
    response: httpx.Response = await world.http.post(HOOK, content=content)
    assert response.status_code == status


async def test_a_callback_needs_no_content_type(world: World, ada: Tenant) -> None:
    """A webhook of the provider has none, and may say more than we read."""
    link = await _link(ada)
    world.hosted.signs_in("acc-ada")
    name = ada.connecting.name(link["url"])
    content = f'{{"status":"CREATION_SUCCESS","account_id":"acc-ada","name":"{name}","more":1}}'
    response = await world.http.post(HOOK, content=content.encode())
    assert response.status_code == 200
    assert (await _came(ada, link))["state"] == "connected"


async def test_the_loop_settles_by_itself(world: World, ada: Tenant) -> None:
    """Finding C1: nobody has to call twice."""
    link = await _link(ada)
    world.hosted.available = False
    world.hosted.signs_in("acc-ada")
    await ada.connecting.call_back(link["url"], "acc-ada")
    world.hosted.available = True
    settling = Rounds(Every(0.01, world.gateway.account_links.sweep))

    async def done() -> bool:
        return bool((await _came(ada, link))["state"] == "connected")

    task = asyncio.create_task(settling.run())

    await eventually(done, timeout=5)
    await settling.stop()
    await task


async def test_links_of_long_ago_are_forgotten(world: World, ada: Tenant) -> None:
    """Growth: a link is kept for 30 days."""
    link = await _link(ada)
    world.clock.advance(timedelta(days=31))
    await world.gateway.account_links.sweep()
    ada = await _again(world, ada)
    response = await ada.http.get(f"/api/accounts/links/{link['id']}")
    assert (response.status_code, response.json()["code"]) == (404, "link_not_found")
