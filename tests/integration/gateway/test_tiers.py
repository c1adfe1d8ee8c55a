"""Tiers (Q1): shown, used, changed by an owner; and the defaults of Q3 as data."""

from chorus.vocabulary import Platform
from tests.integration.gateway.conftest import Tenant, World, account_of


async def test_tiers_are_shown_with_what_they_hold(ada: Tenant) -> None:
    """Prices, accounts, features: data, from the smallest on."""
    tiers = await ada.get("/api/tiers")
    shown = [(one["tier"], one["monthly_price"], one["max_accounts"]) for one in tiers]
    assert shown == [
        ("starter", "29.99", 10),
        ("growth", "79.99", 50),
        ("pro", "199.99", 150),
        ("enterprise", "499.99", 500),
        ("ultra", "999.99", 1000),
    ]
    assert all("pods" in one["features"] for one in tiers)


async def test_an_owner_goes_up_and_down(world: World, ada: Tenant) -> None:
    """In force at once, and in the audit log."""
    await account_of(ada)
    used = await ada.get("/api/tier")
    assert (used["tier"], used["connected"], used["left"]) == ("starter", 1, 9)
    assert used["accounts"] == {"linkedin": 1}
    for tier, most in (("growth", 50), ("growth", 50), ("starter", 10)):
        answer = await ada.http.put("/api/tier", json={"tier": tier})
        assert answer.status_code == 200, answer.text
        assert (answer.json()["tier"], answer.json()["max_accounts"]) == (tier, most)
    entries = (await ada.get("/api/audit"))["items"]
    changed = [one["detail"] for one in entries if one["action"] == "tenant.tier_changed"]
    assert changed == [
        {"was": "growth", "tier": "starter"},
        {"was": "starter", "tier": "growth"},
    ]


async def test_a_tier_that_is_too_small_says_by_how_many(world: World, ada: Tenant) -> None:
    """Nothing is removed by it, and nothing is above a limit."""
    account = await account_of(ada)
    await ada.http.put("/api/tier", json={"tier": "growth"})
    await world.ledger.conn.execute(
        "insert into gateway.accounts (id, client_id, owner_user_id, provider, provider_account_id,"
        " platform, display_name, timezone) select gen_random_uuid(), client_id, owner_user_id,"
        " provider, 'many-' || n, platform, 'Many', 'UTC' from gateway.accounts,"
        " generate_series(1, 12) n where id = %s",
        (account["id"],),
    )
    refused = await ada.http.put("/api/tier", json={"tier": "starter"})
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "tier_too_small")
    assert (problem["max_accounts"], problem["connected"]) == (10, 13)
    assert "Remove 3" in problem["detail"]
    used = await ada.get("/api/tier")
    assert (used["tier"], used["fitting"][0]) == ("growth", "growth")


async def test_nobody_else_changes_the_tier(world: World, ada: Tenant) -> None:
    """An owner in person: no admin, no member, no key."""
    for name, role in (("Bob", "admin"), ("Noa", "member")):
        other = await world.person(ada, name, role)
        answer = await other.http.put("/api/tier", json={"tier": "pro"})
        assert answer.status_code == 403, role


async def test_every_network_and_action_has_a_default_with_its_source(ada: Tenant) -> None:
    """Q3: seven by seven; those that something does are in force."""
    found = await ada.get("/api/limits/defaults")
    assert len(found) == 49
    assert {one["platform"] for one in found} == set(Platform)
    by = {(one["platform"], one["action"]): one for one in found}
    required = {
        (platform, "post"): (hour, day)
        for platform, hour, day in (
            ("tiktok", 3, 10),
            ("instagram", 5, 15),
            ("youtube", 5, 20),
            ("twitter", 10, 50),
            ("reddit", 2, 10),
        )
    }
    for key, amounts in required.items():
        assert (by[key]["per_hour"], by[key]["per_day"]) == amounts
        assert by[key]["source"] == "required"
    in_force = {
        (one["platform"], one["kind"]): one["default"] for one in await ada.get("/api/limits")
    }
    for one in found:
        if one["kind"] is not None:
            held = in_force[one["platform"], one["kind"]]
            assert (held["per_hour"], held["per_day"], held["cooldown_seconds"]) == (
                one["per_hour"],
                one["per_day"],
                one["cooldown_seconds"],
            )
        else:
            assert one["action"] in {"follow", "reply", "upvote"}
