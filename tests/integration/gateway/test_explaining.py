"""B6: who acts on a post, who does not, and what moved it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.integration.gateway.conftest import POST_URL, Tenant, World, account_of, pod_with_member


async def _post(tenant: Tenant, pod: dict[str, Any]) -> dict[str, Any]:
    post: dict[str, Any] = await tenant.post("/api/posts", {"url": POST_URL, "pod_id": pod["id"]})
    return post


async def _left_out(world: World, tenant: Tenant, post: UUID, account: UUID, code: str) -> None:
    await world.ledger.conn.execute(
        "insert into scheduler.decisions"
        " (client_id, post_id, account_id, kind, code, sentence, actor)"
        " values (%s, %s, %s, 'repost', %s, 'Why not, for a person.', 'scheduler')",
        (tenant.client_id, post, account, code),
    )


async def test_who_acts_who_does_not_and_what_moved_it(
    world: World, ada: Tenant, bob: Tenant
) -> None:
    """Each account and kind once, the latest word on who was left out; page by page."""
    pod, account, member = await pod_with_member(ada)
    post = await _post(ada, pod)
    post_id, account_id = UUID(post["id"]), UUID(account["id"])
    like = await world.ledger.activity(
        client_id=ada.client_id,
        post_id=post_id,
        account_id=account_id,
        pod_id=UUID(pod["id"]),
        member_id=UUID(member["id"]),
        at=world.clock.now() + timedelta(minutes=5),
    )
    for code in ("planned", "moved_by_limit", "handed_over"):
        await world.ledger.decision(
            client_id=ada.client_id, activity_id=like, at=world.clock.now(), code=code
        )
    for code in ("no_consent", "account_not_connected"):
        await _left_out(world, ada, post_id, account_id, code)

    path = f"/api/posts/{post_id}/explain"
    first = await ada.get(path, params={"limit": 1})
    rest = await ada.get(path, params={"cursor": first["next_cursor"]})
    assert rest["next_cursor"] is None
    (acts,), (left_out,) = first["items"], rest["items"]
    assert (acts["kind"], acts["state"], acts["activity_id"]) == ("like", "scheduled", str(like))
    assert [move["code"] for move in acts["moves"]] == ["moved_by_limit"]
    assert acts["moves"][0]["limit"] == {"name": "per_hour", "value": 3, "used": 2}
    assert (left_out["kind"], left_out["state"]) == ("repost", "not_taking_part")
    assert left_out["reason_code"] == "account_not_connected"
    assert left_out["account_name"] == account["display_name"]
    assert (await bob.http.get(path)).status_code == 404


async def test_who_was_left_out_once_and_acts_now_is_shown_as_acting(
    world: World, ada: Tenant
) -> None:
    """What holds is said, not what held."""
    pod, account, member = await pod_with_member(ada)
    post_id = UUID((await _post(ada, pod))["id"])
    await _left_out(world, ada, post_id, UUID(account["id"]), "no_consent")
    await world.ledger.activity(
        client_id=ada.client_id,
        post_id=post_id,
        account_id=UUID(account["id"]),
        member_id=UUID(member["id"]),
        at=world.clock.now(),
        kind="repost",
    )
    (part,) = (await ada.get(f"/api/posts/{post_id}/explain"))["items"]
    assert (part["kind"], part["state"]) == ("repost", "scheduled")


async def test_nonsense_for_a_cursor_is_refused(world: World, ada: Tenant) -> None:
    """And a post that is not there is not there."""
    pod, _, _ = await pod_with_member(ada)
    await account_of(ada)
    post = await _post(ada, pod)
    answer = await ada.http.get(f"/api/posts/{post['id']}/explain", params={"cursor": "bm8"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")
    assert (await ada.http.get(f"/api/posts/{UUID(int=9)}/explain")).status_code == 404
