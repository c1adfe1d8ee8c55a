"""Pods, members, voices."""

from datetime import timedelta

from tests.integration.gateway.conftest import Tenant, World, account_of, pod_with_member


async def test_a_pod_shows_its_whole_policy(ada: Tenant) -> None:
    """A1, P3: what is left out has the requirements' own defaults, and they are shown."""
    body = {"name": "Founders", "policy": {"on_publish": ["like"], "reaction": "celebrate"}}
    pod = await ada.post("/api/pods", body)
    policy = pod["policy"]
    assert policy["on_publish"] == ["like"]
    assert policy["like"]["from_seconds"] == 300
    assert policy["like"]["per_post"] == {"count": 3, "per_seconds": 3600}
    assert policy["comment"]["approval"] == "required"
    assert policy["repost"]["spread"] == "uniform"
    assert await ada.get(f"/api/pods/{pod['id']}") == pod


async def test_a_misspelt_policy_is_refused_by_name(ada: Tenant) -> None:
    """An unknown member is named, never dropped."""
    body = {"name": "x", "policy": {"likes": {}, "comment_texts": [""]}}
    response = await ada.http.post("/api/pods", json=body)
    assert response.status_code == 422
    pointers = {error["pointer"] for error in response.json()["errors"]}
    assert "/body/policy/likes" in pointers


async def test_a_pods_name_is_its_own_and_free_again_when_it_is_gone(ada: Tenant) -> None:
    """409 with what to do; a removed pod takes its members with it."""
    pod, _, member = await pod_with_member(ada)
    other = await ada.post("/api/pods", {"name": "other"})
    for response in (
        await ada.http.post("/api/pods", json={"name": pod["name"]}),
        await ada.http.patch(f"/api/pods/{other['id']}", json={"name": pod["name"]}),
    ):
        assert response.status_code == 409
        assert response.json()["code"] == "name_taken"
    assert (await ada.http.delete(f"/api/pods/{pod['id']}")).status_code == 204
    assert (await ada.http.get(f"/api/pods/{pod['id']}")).status_code == 404
    assert (await ada.http.get(f"/api/pod-members/{member['id']}")).status_code == 404
    assert (await ada.post("/api/pods", {"name": pod["name"]}))["id"] != pod["id"]


async def test_a_change_touches_what_it_names(ada: Tenant) -> None:
    """PATCH: the rest stays, policy and all."""
    pod = await ada.post("/api/pods", {"name": "a", "policy": {"reaction": "love"}})
    changed = await ada.http.patch(f"/api/pods/{pod['id']}", json={"active": False})
    assert changed.json() == pod | {"active": False, "updated_at": changed.json()["updated_at"]}
    for wrong in ({"name": None}, {"active": None}, {"policy": None}, {"nmae": "x"}):
        response = await ada.http.patch(f"/api/pods/{pod['id']}", json=wrong)
        assert response.status_code == 422, wrong


async def test_members_are_made_shown_changed_and_removed(world: World, ada: Tenant) -> None:
    """P1, P8: every field of the page; active and inactive; under the pod and by themselves."""
    pod = await ada.post("/api/pods", {"name": "a"})
    account = await account_of(ada, "Ada Lovelace")
    body = {
        "pod_id": pod["id"],
        "account_id": account["id"],
        "linkedin_url": "https://linkedin.com/in/ada?x=1",
        "phrases": ["Well said."],
        "kinds": ["repost"],
    }
    member = await ada.post("/api/pod-members", body)
    assert member["name"] == "Ada Lovelace"
    assert member["linkedin_url"] == "https://www.linkedin.com/in/ada/"
    assert member["provider_account_id"] == account["provider_account_id"]
    assert member["last_activity_at"] is None
    await world.ledger.activity(
        client_id=ada.client_id,
        post_id=ada.client_id,
        account_id=account["id"],
        at=world.clock.now() - timedelta(hours=1),
        state="executed",
        member_id=member["id"],
    )
    shown = await ada.get(f"/api/pod-members/{member['id']}")
    assert shown["last_activity_at"] == "2026-01-05T08:00:00Z"
    path = f"/api/pod-members/{member['id']}"
    changed = (await ada.http.patch(path, json={"active": False, "name": "A. L."})).json()
    assert (changed["active"], changed["name"], changed["phrases"]) == (
        False,
        "A. L.",
        ["Well said."],
    )
    listed = await ada.get("/api/pod-members", params={"active": "true"})
    assert listed["items"] == []
    assert (await ada.get(f"/api/pods/{pod['id']}/members"))["items"] == [changed]
    assert (await ada.http.delete(path)).status_code == 204
    assert (await ada.http.get(path)).status_code == 404


async def test_an_account_joins_a_pod_once(ada: Tenant) -> None:
    """P1: reusable in several pods, once in each."""
    pod, account, _ = await pod_with_member(ada)
    path = f"/api/pods/{pod['id']}/members"
    response = await ada.http.post(path, json={"account_id": account["id"]})
    assert response.status_code == 409
    assert response.json()["code"] == "member_exists"
    other = await ada.post("/api/pods", {"name": "other"})
    await ada.post(f"/api/pods/{other['id']}/members", {"account_id": account["id"]})


async def test_pages_hold_everything_once(ada: Tenant) -> None:
    """Pages by key: newest first, none twice, none left out."""
    made = [(await ada.post("/api/pods", {"name": f"pod {n}"}))["id"] for n in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await ada.get("/api/pods", params=params)
        seen += [pod["id"] for pod in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]
    for wrong in ("x", "%%%", "MQ", "ü"):
        response = await ada.http.get("/api/pods", params={"cursor": wrong})
        assert response.status_code == 400
        assert response.json()["code"] == "bad_cursor"


async def test_a_voice_has_versions_and_stays_while_it_is_used(ada: Tenant) -> None:
    """E3: a changed definition is a new version."""
    body = {"name": "warm", "definition": {"tone": "warm", "openings": ["Lovely:"]}}
    voice = await ada.post("/api/cartridges", body)
    assert voice["version"] == 1
    path = f"/api/cartridges/{voice['id']}"
    renamed = (await ada.http.patch(path, json={"name": "warmer"})).json()
    assert renamed["version"] == 1
    changed = (await ada.http.patch(path, json={"definition": {"tone": "plain"}})).json()
    assert changed["version"] == 2
    pod = await ada.post("/api/pods", {"name": "a", "cartridge_id": voice["id"]})
    response = await ada.http.delete(path)
    assert response.status_code == 409
    assert response.json()["code"] == "cartridge_in_use"
    await ada.http.patch(f"/api/pods/{pod['id']}", json={"cartridge_id": None})
    assert (await ada.http.delete(path)).status_code == 204


async def test_what_the_scheduler_plans_by_is_what_was_set(world: World, ada: Tenant) -> None:
    """The published views: pods, members, voices as the other services read them."""
    pod, account, member = await pod_with_member(ada)
    conn = world.ledger.conn
    row = await (await conn.execute("select * from gateway.api_pods")).fetchone()
    assert row is not None
    assert (str(row["pod_id"]), row["active"], row["policy"]) == (pod["id"], True, pod["policy"])
    row = await (await conn.execute("select * from gateway.api_members")).fetchone()
    assert row is not None
    assert str(row["member_id"]) == member["id"]
    assert str(row["account_id"]) == account["id"]
    assert set(row["kinds"]) == {"like", "comment", "repost"}
    await ada.http.delete(f"/api/pods/{pod['id']}")
    row = await (await conn.execute("select active from gateway.api_pods")).fetchone()
    assert row == {"active": False}
