"""Roles: who may do what, over HTTP."""

from tests.integration.gateway.conftest import (
    PASSWORD,
    POST_URL,
    Tenant,
    World,
    account_of,
    client_of,
    pod_with_member,
)


async def test_a_viewer_reads_and_changes_nothing(world: World, ada: Tenant) -> None:
    """Roles: viewer."""
    pod, account, _ = await pod_with_member(ada)
    viewer = await world.person(ada, "vera", "viewer")
    assert (await viewer.get("/api/pods"))["items"][0]["id"] == pod["id"]
    attempts = [
        ("POST", "/api/pods", {"name": "x"}),
        ("PATCH", f"/api/pods/{pod['id']}", {"active": False}),
        ("DELETE", f"/api/pods/{pod['id']}", None),
        ("POST", "/api/posts", {"url": POST_URL}),
        ("POST", "/api/accounts/links", {}),
        ("PATCH", f"/api/accounts/{account['id']}", {"display_name": "x"}),
        ("POST", "/api/pauses", {"scope": "tenant", "reason": "Because."}),
        ("GET", "/api/audit", None),
        ("POST", "/api/api-keys", {"name": "x"}),
    ]
    for method, path, body in attempts:
        response = await viewer.http.request(method, path, json=body)
        assert response.status_code == 403, f"{method} {path}"
        assert response.json()["code"] == "not_allowed"


async def test_a_member_handles_their_own_account_alone(world: World, ada: Tenant) -> None:
    """Roles: member."""
    pod, foreign, _ = await pod_with_member(ada)
    member = await world.person(ada, "mia", "member")
    own = await account_of(member, "Mia")
    assert own["owner_user_id"] == str(member.user_id)
    mine = await member.get("/api/accounts", params={"mine": "true"})
    assert [account["id"] for account in mine["items"]] == [own["id"]]
    changes = {"timezone": "Europe/Berlin"}
    response = await member.http.patch(f"/api/accounts/{own['id']}", json=changes)
    assert response.json()["timezone"] == "Europe/Berlin"
    for path, body in (
        (f"/api/accounts/{foreign['id']}", changes),
        (f"/api/pods/{pod['id']}", {"active": False}),
        (f"/api/accounts/{own['id']}", {"status": "needs_login"}),
    ):
        assert (await member.http.patch(path, json=body)).status_code == 403
    pause = {"scope": "account", "scope_id": own["id"], "reason": "On holiday."}
    assert (await member.http.post("/api/pauses", json=pause)).status_code == 201
    other = {"scope": "account", "scope_id": foreign["id"], "reason": "Not mine."}
    assert (await member.http.post("/api/pauses", json=other)).status_code == 403


async def test_an_admin_changes_no_owner_and_makes_none(world: World, ada: Tenant) -> None:
    """Roles: only owners touch owners."""
    admin = await world.person(ada, "carol", "admin")
    body = {"email": "x@example.com", "name": "X", "role": "owner", "password": "correct horse 12"}
    assert (await admin.http.post("/api/users", json=body)).status_code == 403
    for change in ({"role": "viewer"}, {"active": False}, {"name": "x"}):
        response = await admin.http.patch(f"/api/users/{ada.user_id}", json=change)
        assert response.status_code == 403
    response = await admin.http.patch(f"/api/users/{admin.user_id}", json={"role": "owner"})
    assert response.status_code == 403


async def test_a_team_keeps_an_owner(world: World, ada: Tenant) -> None:
    """The last active owner neither leaves nor is demoted."""
    for change in ({"role": "admin"}, {"active": False}):
        response = await ada.http.patch(f"/api/users/{ada.user_id}", json=change)
        assert response.status_code == 409
        assert response.json()["code"] == "last_owner"
    second = await world.person(ada, "olga", "owner")
    response = await second.http.patch(f"/api/users/{ada.user_id}", json={"role": "admin"})
    assert response.json()["role"] == "admin"


async def test_a_changed_role_holds_at_once(world: World, ada: Tenant) -> None:
    """The token says who, the database says what they may."""
    admin = await world.person(ada, "carol", "admin")
    assert (await admin.http.get("/api/audit")).status_code == 200
    await ada.http.patch(f"/api/users/{admin.user_id}", json={"role": "viewer"})
    assert (await admin.http.get("/api/audit")).status_code == 403


async def test_a_key_does_what_its_scopes_and_its_maker_may(world: World, ada: Tenant) -> None:
    """API keys: read, write, never administer; shown once; revoked at once."""
    keys = {}
    for scope in ("read", "write"):
        made = await ada.post("/api/api-keys", {"name": scope, "scopes": [scope]})
        keys[scope] = client_of(world.app, {"authorization": f"Bearer {made['key']}"})
    assert (await keys["read"].get("/api/pods")).status_code == 200
    assert (await keys["read"].post("/api/pods", json={"name": "x"})).status_code == 403
    assert (await keys["write"].post("/api/pods", json={"name": "x"})).status_code == 201
    assert (await keys["write"].post("/api/api-keys", json={"name": "x"})).status_code == 403
    listed = await ada.get("/api/api-keys")
    assert all("key" not in key for key in listed)
    revoked = await ada.http.delete(f"/api/api-keys/{listed[0]['id']}")
    assert revoked.json()["revoked_at"]
    assert (await keys["write"].get("/api/pods")).status_code == 401


async def test_that_an_e_mail_is_used_elsewhere_is_told_to_nobody(
    world: World, ada: Tenant, bob: Tenant
) -> None:
    """Finding E15: the answer is that to an e-mail nobody has; each signs in with their own."""
    secret = "another horse battery"
    body = {"email": bob.email, "name": "B", "role": "member", "password": secret}
    fresh = {**body, "email": "nobody@example.com"}
    for one in (body, fresh):
        response = await ada.http.post("/api/users", json=one)
        assert response.status_code == 201, response.text
    assert (await ada.http.post("/api/users", json=body)).json()["code"] == "email_taken"
    for password, tenant in ((secret, ada), (PASSWORD, bob)):
        sent = {"email": bob.email, "password": password}
        tokens = (await world.http.post("/api/auth/sign-in", json=sent)).json()
        client = client_of(world.app, {"authorization": f"Bearer {tokens['access_token']}"})
        me = (await client.get("/api/me")).json()
        assert me["tenant"]["id"] == str(tenant.client_id)


async def test_me_shows_the_plan_and_its_usage(ada: Tenant) -> None:
    """Q1: tier, max_accounts, usage per platform, feature flags."""
    await account_of(ada)
    me = await ada.get("/api/me")
    assert me["tenant"]["tier"] == "starter"
    assert me["tenant"]["max_accounts"] == 10
    assert me["tenant"]["accounts"] == {"linkedin": 1}
    assert me["tenant"]["feature_flags"] == {}
    assert me["permissions"] == ["administer", "approve", "manage", "own_accounts", "read", "stop"]
