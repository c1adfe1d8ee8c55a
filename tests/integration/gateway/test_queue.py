"""Clearing the queue over the API (A4): who may, what it answers, what is written down."""

from typing import Any
from uuid import UUID

from chorus.ids import new_id
from chorus.vocabulary import Kind, Lane, State
from chorus_gateway.scheduler.port import PlannedActivity
from tests.integration.gateway.conftest import (
    POST_URL,
    Tenant,
    World,
    account_of,
    client_of,
    connected,
)


def _holds(world: World, tenant: Tenant, account: dict[str, Any], post_id: UUID | None) -> None:
    activity = PlannedActivity(
        id=new_id(),
        account_id=UUID(account["id"]),
        member_id=None,
        member_name=None,
        kind=Kind.LIKE,
        lane=Lane.API,
        state=State.SCHEDULED,
        scheduled_for=world.clock.now(),
        reason_code="planned",
        reason="Planned within the window.",
    )
    world.scheduler.holds(tenant.client_id, activity, post_id)


async def _refused(tenant: Tenant, body: dict[str, Any]) -> tuple[int, str]:
    answer = await tenant.http.post("/api/queue/clear", json=body)
    return answer.status_code, answer.json()["code"]


async def test_an_admin_clears_and_is_told_how_many(world: World, ada: Tenant) -> None:
    """A4: first counted, then called off, with who and why in the audit log."""
    account = await account_of(ada)
    post = await ada.post("/api/posts", {"url": POST_URL})
    for post_id in (UUID(post["id"]), None, None):
        _holds(world, ada, account, post_id)
    of_post = {"scope": "post", "scope_id": post["id"], "reason": "The campaign is over."}
    counted = await ada.post("/api/queue/clear", of_post | {"dry_run": True})
    assert counted == {"planned": 1, "out": 0, "removed": 0, "stopped": 0, "left": 0}
    cleared = await ada.post("/api/queue/clear", of_post)
    assert cleared == {"planned": 1, "out": 0, "removed": 1, "stopped": 0, "left": 0}
    assert (await ada.post("/api/queue/clear", {"scope": "tenant"}))["removed"] == 2
    noted = [
        entry for entry in (await ada.get("/api/audit"))["items"]
        if entry["action"] == "queue.cleared"
    ]  # fmt: skip
    assert len(noted) == 2
    assert noted[1]["detail"]["reason"] == "The campaign is over."
    assert noted[1]["detail"]["counts"]["removed"] == 1


async def test_members_clear_what_is_planned_for_their_own_account(
    world: World, ada: Tenant
) -> None:
    """INVARIANT (6): no role takes away a no in one's own name; all else is for who manages."""
    mia = await world.person(ada, "mia", "member")
    own, other = await connected(mia, display_name="Mia"), await account_of(ada)
    for account in (own, other):
        _holds(world, ada, account, None)
    assert (await mia.post("/api/queue/clear", _account(own)))["removed"] == 1
    assert await _refused(mia, _account(other)) == (403, "not_allowed")
    assert await _refused(mia, {"scope": "tenant"}) == (403, "not_allowed")
    await ada.http.patch(f"/api/users/{mia.user_id}", json={"role": "viewer"})
    _holds(world, ada, own, None)
    assert (await mia.post("/api/queue/clear", _account(own)))["removed"] == 1


async def test_a_key_that_only_reads_clears_nothing(world: World, ada: Tenant) -> None:
    """A key needs `write`; the record names it."""
    await account_of(ada)
    key: dict[str, Any] = {}
    for scope, status in (("read", 403), ("write", 200)):
        key = await ada.post("/api/api-keys", {"name": scope, "scopes": [scope]})
        http = client_of(world.app, {"authorization": f"Bearer {key['key']}"})
        answer = await http.post("/api/queue/clear", json={"scope": "tenant"})
        assert answer.status_code == status
    assert any(f"by key:{key['id']}" in call for call in world.scheduler.calls)


async def test_what_is_to_be_cleared_is_named(ada: Tenant) -> None:
    """422 where the scope and its id do not go together."""
    for body in (
        {"scope": "pod"},
        {"scope": "tenant", "scope_id": str(new_id())},
        {"scope": "everything"},
        {"scope": "tenant", "reason": "  "},
    ):
        assert await _refused(ada, body) == (422, "invalid_request")


def _account(account: dict[str, Any]) -> dict[str, Any]:
    return {"scope": "account", "scope_id": account["id"]}
