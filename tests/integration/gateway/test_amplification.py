"""The main path: post, pod, trigger."""

from uuid import UUID

import orjson

from chorus.ids import new_id
from chorus_gateway.scheduler.fake_ledger import FakeMember
from tests.integration.gateway.conftest import POST_URL, Tenant, World, account_of, pod_with_member


async def _registered(world: World, tenant: Tenant) -> UUID:
    post = await tenant.post("/api/posts", {"url": POST_URL})
    post_id = UUID(post["id"])
    world.scheduler.knows_post(tenant.client_id, post_id)
    return post_id


async def _member(world: World, tenant: Tenant) -> FakeMember:
    _, account, member = await pod_with_member(tenant)
    found = FakeMember(
        account_id=UUID(account["id"]), member_id=UUID(member["id"]), name=member["name"]
    )
    world.scheduler.knows_members(tenant.client_id, [found])
    return found


async def test_a_trigger_plans_reposts_of_all_active_members(world: World, ada: Tenant) -> None:
    """P3: 200 with success, the number, the activities, the seed."""
    post_id, member = await _registered(world, ada), await _member(world, ada)
    result = await ada.post("/api/pods/trigger-amplification", {"postId": str(post_id)})
    assert result["success"] is True
    assert result["activitiesScheduled"] == 1
    assert result["dryRun"] is False
    assert result["seed"] == 7
    (activity,) = result["activities"]
    assert activity["kind"] == "repost"
    assert activity["account_id"] == str(member.account_id)
    assert activity["reason"]


async def test_a_second_trigger_adds_nothing(world: World, ada: Tenant) -> None:
    """P3: what is planned already is shown as existing."""
    post_id, _ = await _registered(world, ada), await _member(world, ada)
    body = {"postId": str(post_id), "kinds": ["repost"]}
    first = await ada.post("/api/pods/trigger-amplification", body)
    second = await ada.post("/api/pods/trigger-amplification", body)
    assert second["activitiesScheduled"] == 0
    assert second["existing"] == first["activities"]


async def test_a_dry_run_stores_nothing_and_leaves_no_audit_row(world: World, ada: Tenant) -> None:
    """P3: the preview, in the body or in the query."""
    post_id, _ = await _registered(world, ada), await _member(world, ada)
    before = await ada.get("/api/audit")
    path = "/api/pods/trigger-amplification"
    by_body = await ada.post(path, {"postId": str(post_id), "dry_run": True, "seed": 11})
    by_query = await ada.post(f"{path}?dry_run=true", {"postId": str(post_id), "seed": 11})
    assert by_body == by_query
    assert by_body["dryRun"] is True
    assert by_body["seed"] == 11
    assert await ada.get("/api/audit") == before


async def test_without_members_the_answer_is_exactly_that(world: World, ada: Tenant) -> None:
    """P3: 400 `No pod members found`."""
    post_id = await _registered(world, ada)
    response = await ada.http.post("/api/pods/trigger-amplification", json={"postId": str(post_id)})
    assert response.status_code == 400
    problem = response.json()
    assert problem["title"] == problem["detail"] == problem["error"] == "No pod members found"
    assert problem["type"] == "urn:chorus:problem:no_pod_members"
    assert response.headers["content-type"] == "application/problem+json"


async def test_an_unknown_post_is_not_found(ada: Tenant) -> None:
    """P3: 404."""
    body = {"postId": str(new_id())}
    response = await ada.http.post("/api/pods/trigger-amplification", json=body)
    assert response.status_code == 404
    assert response.json()["code"] == "post_not_found"


async def test_a_scheduler_that_does_not_answer_is_503(world: World, ada: Tenant) -> None:
    """The client is told to come back, and its key is free again."""
    post_id, _ = await _registered(world, ada), await _member(world, ada)
    world.scheduler.available = False
    request = {"json": {"postId": str(post_id)}, "headers": {"Idempotency-Key": "k1"}}
    response = await ada.http.post("/api/pods/trigger-amplification", **request)  # type: ignore[arg-type]
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    world.scheduler.available = True
    response = await ada.http.post("/api/pods/trigger-amplification", **request)  # type: ignore[arg-type]
    assert response.status_code == 200


async def test_a_registered_post_is_announced_with_its_own_time(world: World, ada: Tenant) -> None:
    """A7, P3: post.published in the outbox of the same transaction."""
    await account_of(ada)
    post = await ada.post("/api/posts", {"url": POST_URL, "comment_texts": ["Well said."]})
    assert post["state"] == "published"
    assert post["published_at"].startswith("2025-10-01T14:31:02")
    (row,) = await world.ledger.outbox()
    event = orjson.loads(row["value"])
    assert row["topic"] == "post.published"
    assert event["source"] == "registered"
    assert event["post_id"] == post["id"]
    assert dict(row["headers"])["ce_type"] == "chorus.post.published.v1"


async def test_the_same_post_is_registered_once(ada: Tenant) -> None:
    """INVARIANT: one post of the network is one row, however its address is written."""
    post = await ada.post("/api/posts", {"url": POST_URL})
    other = "https://linkedin.com/feed/update/urn:li:activity:7379160923545600000?utm_source=x"
    response = await ada.http.post("/api/posts", json={"url": other})
    assert response.status_code == 409
    assert response.json()["post_id"] == post["id"]


async def test_a_text_is_queued_for_an_account_that_consents(world: World, ada: Tenant) -> None:
    """Q2, invariant 4: post.queued; without the consent to publish: a refusal."""
    account = await account_of(ada)
    body = {"text": "We shipped.", "account_id": account["id"], "priority": 2}
    post = await ada.post("/api/posts", body)
    assert post["state"] == "queued"
    (row,) = await world.ledger.outbox()
    assert row["topic"] == "post.queued"
    consents = f"/api/accounts/{account['id']}/consents"
    await ada.post(consents, {"kinds": ["publish"], "granted": False})
    response = await ada.http.post("/api/posts", json=body)
    assert response.status_code == 409
    assert response.json()["code"] == "consent_missing"


async def test_a_text_is_queued_on_its_accounts_network(world: World, ada: Tenant) -> None:
    """Q2: nobody says the network of a text; the account that publishes it has one."""
    account = await account_of(ada)
    change = "update gateway.accounts set platform = 'tiktok' where id = %s"
    await world.ledger.conn.execute(change, (account["id"],))

    post = await ada.post("/api/posts", {"text": "We shipped.", "account_id": account["id"]})

    assert post["platform"] == "tiktok"
    (row,) = await world.ledger.outbox()
    assert orjson.loads(row["value"])["platform"] == "tiktok"
