"""Accounts, their limit, and consent."""

from typing import Any
from uuid import UUID

from chorus_gateway.domain.tiers import MAX_ACCOUNTS, Tier
from tests.integration.gateway.conftest import (
    Tenant,
    World,
    account_of,
    connected,
    consent,
    pod_with_member,
)


async def _published(world: World, account: dict[str, Any]) -> dict[str, Any]:
    """The account as the other services see it."""
    cursor = await world.ledger.conn.execute(
        "select * from gateway.api_accounts where account_id = %s", (account["id"],)
    )
    row = await cursor.fetchone()
    assert row is not None
    return row


async def test_consent_is_in_force_where_others_look(world: World, ada: Tenant) -> None:
    """Invariant 4: the latest word on each kind counts."""
    account = await account_of(ada)
    assert set((await _published(world, account))["consented_kinds"]) == {
        "like",
        "comment",
        "repost",
        "publish",
    }
    path = f"/api/accounts/{account['id']}/consents"
    world.scheduler.withdraws(UUID(account["id"]))
    result = await ada.post(path, {"kinds": ["like", "repost", "publish"], "granted": False})
    assert result["consented_kinds"] == ["comment"]
    assert result["cancelled_activities"] == 0
    assert (await _published(world, account))["consented_kinds"] == ["comment"]
    assert any(call.startswith("recheck") for call in world.scheduler.calls)


async def test_a_withdrawal_holds_though_the_scheduler_is_away(world: World, ada: Tenant) -> None:
    """INVARIANT (invariant 4): revoking never waits for anybody."""
    account = await account_of(ada)
    world.scheduler.available = False
    path = f"/api/accounts/{account['id']}/consents"
    result = await ada.post(path, {"kinds": ["like"], "granted": False})
    assert result["cancelled_activities"] is None
    assert "like" not in (await _published(world, account))["consented_kinds"]


async def test_the_consent_log_keeps_every_answer(ada: Tenant) -> None:
    """Invariant 4: versioned, with the digest of the text."""
    account = await account_of(ada)
    path = f"/api/accounts/{account['id']}/consents"
    await ada.post(path, {"kinds": ["like"], "granted": False})
    first = await ada.get(path, params={"limit": 2})
    rest = await ada.get(path, params={"cursor": first["next_cursor"]})
    entries = first["items"] + rest["items"]
    assert [(entry["kind"], entry["granted"]) for entry in entries] == [
        ("like", False),
        ("publish", True),
        ("repost", True),
        ("comment", True),
        ("like", True),
    ]
    texts = {text["kind"]: text for text in await ada.get("/api/consent-texts")}
    assert entries[0]["text_version"] == texts["like"]["version"]
    assert len(entries[0]["text_sha256"]) == 64


async def test_only_the_owner_grants(world: World, ada: Tenant) -> None:
    """INVARIANT (invariant 4): no admin, no key, nobody else; an admin may withdraw."""
    member = await world.person(ada, "mia", "member")
    account = await account_of(member)
    path = f"/api/accounts/{account['id']}/consents"
    response = await ada.http.post(path, json={"kinds": ["send_dm"], "granted": True})
    assert response.status_code == 403
    assert response.json()["code"] == "consent_is_personal"
    assert (await ada.post(path, {"kinds": ["like"], "granted": False}))["consented_kinds"] == [
        "comment",
        "repost",
        "publish",
    ]
    own = await account_of(ada, "Ada")
    key = await ada.post("/api/api-keys", {"name": "robot", "scopes": ["write"]})
    headers = {"authorization": f"Bearer {key['key']}"}
    response = await world.http.post(
        f"/api/accounts/{own['id']}/consents",
        json={"kinds": ["send_dm"], "granted": True},
        headers=headers,
    )
    assert response.status_code == 403


async def test_an_outdated_text_is_not_agreed_to(ada: Tenant) -> None:
    """Invariant 4: consent is to the present wording."""
    account = await account_of(ada)
    body = consent("like") | {"text_version": "2020-01"}
    response = await ada.http.post(f"/api/accounts/{account['id']}/consents", json=body)
    assert response.status_code == 409


async def test_a_removed_account_is_disconnected_and_comes_back_as_itself(
    world: World, ada: Tenant
) -> None:
    """INVARIANT (invariant 1): coming back is no way to act twice; consent is asked anew."""
    account = await account_of(ada)
    response = await ada.http.delete(f"/api/accounts/{account['id']}")
    assert response.json()["consented_kinds"] == []
    seen = await _published(world, account)
    assert (seen["status"], seen["consented_kinds"]) == ("disconnected", [])
    assert (await ada.http.get(f"/api/accounts/{account['id']}")).status_code == 404
    back = await connected(ada, account["provider_account_id"], display_name="Ada again")
    assert back["id"] == account["id"]
    assert back["consented_kinds"] == []


async def test_above_the_limit_is_a_clear_refusal(ada: Tenant) -> None:
    """Q1: 10 accounts at Starter."""
    for number in range(MAX_ACCOUNTS[Tier.STARTER]):
        await connected(ada, f"a{number}")
    response = await ada.http.post("/api/accounts/links", json={})
    assert response.status_code == 409
    problem = response.json()
    assert problem["code"] == "account_limit_reached"
    assert (problem["tier"], problem["max_accounts"], problem["connected"]) == ("starter", 10, 10)
    assert "Remove one or change the plan" in problem["detail"]


async def test_nobody_types_the_id_of_an_account(ada: Tenant) -> None:
    """Finding C1: the only way in is the provider's page."""
    body = {"provider_account_id": "acc-of-somebody", "display_name": "Mine"}
    response = await ada.http.post("/api/accounts", json=body)
    assert response.status_code == 405
    response = await ada.http.post("/api/accounts/links", json=body)
    assert response.status_code == 422


async def test_active_hours_and_zone_reach_the_scheduler(world: World, ada: Tenant) -> None:
    """Time: local hours in the account's own zone."""
    account = await account_of(ada)
    hours = {"opens": "08:30", "closes": "18:00", "days": [0, 1, 2, 3, 4]}
    path = f"/api/accounts/{account['id']}"
    body = {"active_hours": hours, "timezone": "Europe/Berlin"}
    assert (await ada.http.patch(path, json=body)).status_code == 200
    seen = await _published(world, account)
    assert (seen["active_hours"], seen["timezone"]) == (hours, "Europe/Berlin")
    night = {"opens": "22:00", "closes": "06:00", "days": [4]}
    assert (await ada.http.patch(path, json={"active_hours": night})).status_code == 200
    assert (await _published(world, account))["active_hours"] == night
    changed = await ada.http.patch(path, json={"active_hours": "any_time"})
    assert changed.json()["active_hours"] == changed.json()["hours_in_force"] == "any_time"
    assert (await _published(world, account))["active_hours"] == "any_time"
    cleared = (await ada.http.patch(path, json={"active_hours": None})).json()
    assert cleared["active_hours"] is None
    in_force = {"opens": "07:00", "closes": "22:00", "days": list(range(7)), "windows": []}
    assert cleared["hours_in_force"] == in_force, "what nobody chose is shown as it is in force"
    for wrong in (
        {"timezone": "Mars/Olympus"},
        {"timezone": None},
        {"active_hours": {"opens": "18:00", "closes": "18:00"}},
        {"active_hours": "never"},
        {"active_hours": {"opens": "08:00", "closes": "18:00", "days": []}},
        {"display_name": "a\u0000b"},
    ):
        assert (await ada.http.patch(path, json=wrong)).status_code == 422, wrong


async def test_a_challenged_account_says_so_until_it_is_resumed(world: World, ada: Tenant) -> None:
    """Invariant 5: on the account, in lists and among members, with the pause and its reason."""
    _, account, member = await pod_with_member(ada)
    path = f"/api/accounts/{account['id']}"
    assert (account["status"], account["pause"]) == ("connected", None)
    scope: dict[str, Any] = {
        "client_id": ada.client_id,
        "scope": "account",
        "scope_id": UUID(account["id"]),
    }
    pause_id = await world.ledger.pause(**scope, code="challenge")
    for shown in (await ada.get(path), (await ada.get("/api/accounts"))["items"][0]):
        assert shown["status"] == "challenged"
        assert shown["pause"]["id"] == str(pause_id)
        assert shown["pause"]["reason"] == "Because."
    changed = await ada.http.patch(path, json={"display_name": "Ada L."})
    assert changed.json()["status"] == "challenged"
    members = f"/api/pod-members/{member['id']}"
    assert (await ada.get(members))["account_status"] == "challenged"
    await world.ledger.conn.execute("update scheduler.pauses set resumed_at = now()")
    assert (await ada.get(path))["status"] == "connected"
    assert (await ada.get(members))["account_status"] == "connected"


async def test_an_account_that_somebody_paused_is_not_challenged(world: World, ada: Tenant) -> None:
    """Invariant 6: it shows the pause; what is worse than a challenge is shown as it is."""
    _, account, _ = await pod_with_member(ada)
    path = f"/api/accounts/{account['id']}"
    scope: dict[str, Any] = {
        "client_id": ada.client_id,
        "scope": "account",
        "scope_id": UUID(account["id"]),
    }
    await world.ledger.pause(**scope)
    shown = await ada.get(path)
    assert (shown["status"], shown["pause"]["code"]) == ("connected", "paused_by_person")
    await world.ledger.conn.execute("update scheduler.pauses set code = 'challenge'")
    response = await ada.http.patch(path, json={"status": "restricted"})
    assert response.json()["status"] == "restricted"
