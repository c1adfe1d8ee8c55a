"""What an activity says: changed or dropped by a person, as long as it is not handed over (P5)."""

from typing import Any
from uuid import UUID

import pytest

from chorus.vocabulary import Kind, Lane, State
from chorus_gateway.scheduler.port import PlannedActivity
from tests.integration.gateway.conftest import Tenant, World, pod_with_member


async def _activity(
    world: World, tenant: Tenant, kind: Kind, state: State = State.SCHEDULED
) -> tuple[UUID, dict[str, Any]]:
    """An activity in the ledger and with the scheduler; and its account."""
    _, account, member = await pod_with_member(tenant)
    activity_id = await world.ledger.activity(
        client_id=tenant.client_id,
        post_id=UUID(int=1),
        account_id=UUID(account["id"]),
        member_id=UUID(member["id"]),
        at=world.clock.now(),
        state=state,
        kind=kind,
    )
    world.scheduler.holds(
        tenant.client_id,
        PlannedActivity(
            id=activity_id,
            account_id=UUID(account["id"]),
            member_id=None,
            member_name="Ada",
            kind=kind,
            lane=Lane.BROWSER,
            state=state,
            scheduled_for=world.clock.now(),
            text="Well said.",
            reason_code="planned",
            reason="Planned.",
        ),
    )
    return activity_id, account


async def test_a_text_is_changed_and_dropped(world: World, ada: Tenant) -> None:
    """P5: each leaves an audit row; the words themselves are not in it."""
    repost, _ = await _activity(world, ada, Kind.REPOST)
    for text in ("My own words.", None):
        response = await ada.http.patch(f"/api/activities/{repost}", json={"text": text})
        assert response.status_code == 200, response.text
        assert response.json()["text"] == text
        assert response.json()["state"] == "scheduled"
    audit = await ada.get("/api/audit", params={"limit": 2})
    actions = [entry["action"] for entry in audit["items"]]
    assert actions == ["activity.text_dropped", "activity.text_edited"]
    assert "My own words." not in str(audit)
    assert f"reword by user:{ada.user_id}: None" in world.scheduler.calls


@pytest.mark.parametrize(
    ("kind", "state", "text", "code"),
    [
        (Kind.COMMENT, State.SCHEDULED, None, "text_needed"),
        (Kind.LIKE, State.SCHEDULED, "Words.", "text_not_allowed"),
        (Kind.REPOST, State.DISPATCHED, "Words.", "move_not_allowed"),
        (Kind.REPOST, State.EXECUTED, None, "move_not_allowed"),
    ],
)
async def test_what_cannot_be_said_is_a_conflict_with_a_sentence(
    world: World, ada: Tenant, kind: Kind, state: State, text: str | None, code: str
) -> None:
    """409, and why."""
    activity_id, _ = await _activity(world, ada, kind, state)
    response = await ada.http.patch(f"/api/activities/{activity_id}", json={"text": text})
    assert (response.status_code, response.json()["code"]) == (409, code)
    assert response.json()["detail"]


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "  "}, {"text": "x" * 1251}, {"t": 1}])
async def test_a_text_has_bounds(world: World, ada: Tenant, body: dict[str, Any]) -> None:
    """1 to 1250 characters, or null in so many words."""
    repost, _ = await _activity(world, ada, Kind.REPOST)
    response = await ada.http.patch(f"/api/activities/{repost}", json=body)
    assert response.status_code == 422


async def test_words_are_for_the_accounts_owner_or_an_admin(world: World, ada: Tenant) -> None:
    """Roles: as with approval; a viewer never."""
    repost, account = await _activity(world, ada, Kind.REPOST)
    member = await world.person(ada, "mia", "member")
    viewer = await world.person(ada, "vic", "viewer")
    admin = await world.person(ada, "amy", "admin")
    path, body = f"/api/activities/{repost}", {"text": "Words."}
    for person, expected in ((member, 403), (viewer, 403), (admin, 200)):
        assert (await person.http.patch(path, json=body)).status_code == expected
    await world.ledger.conn.execute(
        "update gateway.accounts set owner_user_id = %s, proven_at = now() where id = %s",
        (member.user_id, account["id"]),
    )
    assert (await member.http.patch(path, json=body)).status_code == 200
