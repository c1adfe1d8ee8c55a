"""Screenshots of failures: listed, shown, linked from the timeline, to whom they concern."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chorus.ids import new_id
from tests.integration.gateway.conftest import Tenant, World, pod_with_member
from tests.integration.gateway.ledger import JPEG


@pytest.fixture
async def failed(world: World, ada: Tenant) -> UUID:
    """A failed repost of Ada's."""
    _, account, _ = await pod_with_member(ada)
    where: dict[str, Any] = {
        "client_id": ada.client_id,
        "post_id": UUID(int=1),
        "account_id": UUID(account["id"]),
        "at": world.clock.now(),
    }
    activity_id = await world.ledger.activity(**where, state="failed", kind="repost")
    await world.ledger.attempt(**where, activity_id=activity_id, outcome="failed")
    return activity_id


async def _shot(world: World, tenant: Tenant, activity_id: UUID) -> UUID:
    at = world.clock.now() + timedelta(seconds=1)
    return await world.ledger.evidence(client_id=tenant.client_id, activity_id=activity_id, at=at)


async def test_a_failure_can_be_seen(world: World, ada: Tenant, failed: UUID) -> None:
    """P6: from the timeline to the picture; no cache keeps it."""
    evidence_id = await _shot(world, ada, failed)
    timeline = await ada.get(f"/api/activities/{failed}/timeline")
    (url,) = {entry["evidence_url"] for entry in timeline["entries"]} - {None}
    assert timeline["entries"][-1]["code"] == "attempt_failed"
    assert timeline["entries"][-1]["evidence_url"] == url
    (listed,) = await ada.get(f"/api/activities/{failed}/evidence")
    assert listed["url"] == url
    assert listed["id"] == str(evidence_id)
    assert listed["state"] == "layout_changed"
    assert listed["size"] == len(JPEG)
    assert "image" not in listed
    response = await ada.http.get(url)
    assert response.status_code == 200
    assert response.content == JPEG
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["cache-control"] == "private, no-store"
    assert response.headers["content-disposition"].startswith("inline")
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_without_evidence_nothing_is_linked(ada: Tenant, failed: UUID) -> None:
    """A link leads somewhere, or is not there."""
    timeline = await ada.get(f"/api/activities/{failed}/timeline")
    assert {entry["evidence_url"] for entry in timeline["entries"]} == {None}
    assert await ada.get(f"/api/activities/{failed}/evidence") == []


async def test_a_screenshot_that_is_gone_says_so(world: World, ada: Tenant, failed: UUID) -> None:
    """404 with a sentence; also under another activity's address."""
    evidence_id = await _shot(world, ada, failed)
    _, account, _ = await pod_with_member(ada)
    other = await world.ledger.activity(
        client_id=ada.client_id,
        post_id=UUID(int=2),
        account_id=UUID(account["id"]),
        at=world.clock.now(),
    )
    for activity_id, wanted in ((failed, new_id()), (other, evidence_id)):
        response = await ada.http.get(f"/api/activities/{activity_id}/evidence/{wanted}")
        assert (response.status_code, response.json()["code"]) == (404, "evidence_not_found")
        assert "7 days" in response.json()["detail"]


async def test_only_who_answers_for_the_account_sees_it(
    world: World, ada: Tenant, failed: UUID
) -> None:
    """P10: the picture is of somebody's network; another tenant finds nothing."""
    evidence_id = await _shot(world, ada, failed)
    bob = await world.tenant("bob")
    people = {
        "member": (await world.person(ada, "mia", "member"), 403),
        "viewer": (await world.person(ada, "vic", "viewer"), 403),
        "admin": (await world.person(ada, "amy", "admin"), 200),
        "foreign": (bob, 404),
    }
    for person, expected in people.values():
        for path in ("evidence", f"evidence/{evidence_id}"):
            response = await person.http.get(f"/api/activities/{failed}/{path}")
            assert response.status_code == expected
