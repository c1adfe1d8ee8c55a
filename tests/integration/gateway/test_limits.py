"""Limits are shown and set over HTTP; the rules alone are in the unit tests."""

from typing import Any
from uuid import UUID

from tests.integration.gateway.conftest import Tenant, World, account_of


def _like(found: list[dict[str, Any]]) -> dict[str, Any]:
    (like,) = [each for each in found if (each["platform"], each["kind"]) == ("linkedin", "like")]
    return like


async def _set(
    world: World,
    client_id: UUID,
    account_id: UUID | None,
    per_hour: int,
    *,
    by_owner: bool = False,
    narrows: bool = True,
) -> None:
    """As the scheduler stores it."""
    await world.ledger.conn.execute(
        "insert into scheduler.rate_limits (client_id, account_id, platform, kind, per_hour,"
        " per_day, cooldown, narrows, by_owner, set_by)"
        " values (%s, %s, 'linkedin', 'like', %s, 500, interval '60 seconds', %s, %s, 'user:bob')",
        (client_id, account_id, per_hour, narrows, by_owner),
    )


async def test_the_teams_limits_say_what_holds_and_why(
    world: World, ada: Tenant, bob: Tenant
) -> None:
    """Q3: every network and kind; another team's limits are not seen."""
    await _set(world, bob.client_id, None, 3)
    like = _like(await ada.get("/api/limits"))
    assert (like["source"], like["in_force"]["per_hour"], like["set_by"]) == ("default", 10, None)
    like = _like(await bob.get("/api/limits"))
    assert (like["source"], like["in_force"]["per_hour"]) == ("tenant", 3)
    assert like["default"]["per_hour"] == 10


async def test_a_limit_of_the_team_is_set_with_what_was_left_out_as_it_is(
    world: World, ada: Tenant
) -> None:
    """And the record says who did."""
    answer = await ada.http.put("/api/limits/linkedin/like", json={"per_hour": 6})
    assert answer.status_code == 200, answer.text
    assert f"limit by user:{ada.user_id}: like 6" in world.scheduler.calls
    (entry,) = [
        each for each in (await ada.get("/api/audit"))["items"] if each["action"] == "limit.set"
    ]
    assert entry["detail"]["amounts"] == {
        "per_hour": 6,
        "per_day": 50,
        "cooldown_seconds": 60.0,
    }


async def test_who_may_not_set_it_is_told_what_to_do(world: World, ada: Tenant) -> None:
    """A member their own account, and less; an admin no more than everybody may."""
    mia = await world.person(ada, "mia", "member")
    account = await account_of(mia)
    own = f"/api/accounts/{account['id']}/limits/like"
    assert (
        await mia.http.put("/api/limits/linkedin/like", json={"per_hour": 6})
    ).status_code == 403
    more = await mia.http.put(own, json={"per_hour": 11})
    assert (more.status_code, more.json()["code"]) == (403, "limit_raised")
    assert "owner of the team" in more.json()["detail"]
    assert not [call for call in world.scheduler.calls if call.startswith("limit by")]


async def test_an_owners_limit_and_an_admins_stand_beside_each_other(
    world: World, ada: Tenant
) -> None:
    """INVARIANT (I6): neither undoes the other's word by setting it lower, then higher."""
    mia = await world.person(ada, "mia", "member")
    account = UUID((await account_of(mia))["id"])
    own = f"/api/accounts/{account}/limits/like"
    await _set(world, ada.client_id, account, 1)
    for per_hour in (10, 2):
        more = await mia.http.put(own, json={"per_hour": per_hour})
        assert (more.status_code, more.json()["code"]) == (403, "limit_raised"), per_hour
    assert (await mia.http.delete(own)).status_code == 403
    await _set(world, ada.client_id, account, 4, by_owner=True)
    world.scheduler.calls.clear()
    await ada.http.put(own, json={"per_hour": 10})
    (call,) = [call for call in world.scheduler.calls if call.startswith("limit by")]
    assert call == f"limit by user:{ada.user_id}: like 10"


async def test_a_raised_account_is_lowered_by_its_person_and_by_admins(
    world: World, ada: Tenant
) -> None:
    """I3: a person's own limit above the team's shuts nobody out."""
    mia = await world.person(ada, "mia", "member")
    account = UUID((await account_of(mia))["id"])
    own = f"/api/accounts/{account}/limits/like"
    await _set(world, ada.client_id, account, 40, narrows=False)
    await mia.http.put(own, json={"per_hour": 30})
    assert f"limit by user:{mia.user_id}: like 30" in world.scheduler.calls
    await _set(world, ada.client_id, account, 30, by_owner=True)
    admin = await world.person(ada, "abe", "admin")
    await admin.http.put(own, json={"per_hour": 2})
    assert f"limit by user:{admin.user_id}: like 2" in world.scheduler.calls


async def test_nonsense_and_the_unknown_are_refused(world: World, ada: Tenant) -> None:
    """Nothing is done on a network that has no limit for it; none is no way to stop."""
    for path, body, status, code in (
        ("/api/limits/reddit/repost", {"per_hour": 1}, 404, "limit_not_found"),
        ("/api/limits/linkedin/like", {"per_hour": 0}, 422, "invalid_request"),
        ("/api/limits/linkedin/like", {"hourly": 1}, 422, "invalid_request"),
        (f"/api/accounts/{UUID(int=5)}/limits/like", {"per_hour": 1}, 404, "account_not_found"),
    ):
        answer = await ada.http.put(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await ada.http.get(f"/api/accounts/{UUID(int=5)}/limits")).status_code == 404


async def test_going_back_to_what_holds_for_all(world: World, ada: Tenant) -> None:
    """Where there is nothing to go back from, nothing happens."""
    assert (await ada.http.delete("/api/limits/linkedin/like")).status_code == 200
    assert not [call for call in world.scheduler.calls if call.startswith("no limit by")]
