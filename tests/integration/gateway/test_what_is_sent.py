"""What clients send: changes that keep the rest, texts that can go out, times that are to come."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.integration.gateway.conftest import Tenant, World, account_of, pod_with_member

BLANK = ["\u200b", " \u2060\n", "\u3164", "\ufe0f\u200d", "\u2800\u2800"]
UNFILLED = ["Well done, {name}!", "{{first_name}} is right", "Great, [NAME]", "%NAME% said it"]


async def test_a_change_of_a_policy_keeps_what_it_does_not_name(ada: Tenant) -> None:
    """Finding E11: one member of one kind is changed, and all others stay as they were."""
    policy = {
        "like": {"from_seconds": 60, "to_seconds": 120, "per_post": {"count": 2}},
        "comment": {"from_seconds": 10, "to_seconds": 20, "enabled": False},
        "comment_texts": ["Well said."],
        "on_publish": ["like"],
    }
    pod = await ada.post("/api/pods", {"name": "a", "policy": policy})
    change = {"policy": {"like": {"to_seconds": 240, "per_post": {"count": 5}}}}
    changed = (await ada.http.patch(f"/api/pods/{pod['id']}", json=change)).json()
    wanted: dict[str, Any] = pod["policy"]
    wanted["like"] = wanted["like"] | {"to_seconds": 240.0}
    wanted["like"]["per_post"] = wanted["like"]["per_post"] | {"count": 5}
    assert changed["policy"] == wanted
    none = {"policy": {"like": {"per_post": None}, "comment_texts": []}}
    changed = (await ada.http.patch(f"/api/pods/{pod['id']}", json=none)).json()
    assert changed["policy"]["like"]["per_post"] is None
    assert changed["policy"]["comment_texts"] == []
    assert changed["policy"]["comment"]["enabled"] is False


async def test_a_change_must_fit_what_it_does_not_name(ada: Tenant) -> None:
    """Finding E11: the whole is judged, and the fault points at the member."""
    pod = await ada.post("/api/pods", {"name": "a"})
    response = await ada.http.patch(
        f"/api/pods/{pod['id']}", json={"policy": {"like": {"to_seconds": 1}}}
    )
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"].startswith("/body/policy/like")
    assert (await ada.get(f"/api/pods/{pod['id']}"))["policy"] == pod["policy"]


async def test_a_change_of_a_voice_keeps_what_it_does_not_name(ada: Tenant) -> None:
    """Finding E11, the same kind: a voice; its words and lists are replaced as a whole."""
    definition = {"tone": "warm", "openings": ["Lovely:"], "vocabulary": {"great": "fine"}}
    voice = await ada.post("/api/cartridges", {"name": "w", "definition": definition})
    path = f"/api/cartridges/{voice['id']}"
    change = {"definition": {"vocabulary": {"nice": "good"}, "emoji": {"frequency": 0.5}}}
    changed = (await ada.http.patch(path, json=change)).json()
    assert changed["definition"]["tone"] == "warm"
    assert changed["definition"]["openings"] == ["Lovely:"]
    assert changed["definition"]["vocabulary"] == {"nice": "good"}
    assert changed["version"] == 2


def _bodies(account: str, pod: str, text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Every place where a text that goes out enters."""
    return [
        ("POST", "/api/posts", {"text": text, "account_id": account}),
        ("POST", "/api/posts", {"text": "ok", "account_id": account, "comment_texts": [text]}),
        ("POST", "/api/pods", {"name": "x", "policy": {"comment_texts": [text]}}),
        ("PATCH", f"/api/pods/{pod}", {"policy": {"comment_texts": ["fine", text]}}),
        ("POST", "/api/cartridges", {"name": "x", "definition": {"openings": [text]}}),
        ("POST", "/api/cartridges", {"name": "x", "definition": {"closings": [text]}}),
        ("POST", "/api/cartridges", {"name": "x", "definition": {"vocabulary": {"a": text}}}),
    ]


@pytest.mark.parametrize("text", [*BLANK, *UNFILLED])
async def test_a_text_that_cannot_go_out_is_refused_where_it_enters(ada: Tenant, text: str) -> None:
    """Findings E13 and E16: blank, invisible or unfilled texts get 422, and a sentence says why."""
    pod, account, member = await pod_with_member(ada)
    bodies = _bodies(account["id"], pod["id"], text)
    bodies.append(("PATCH", f"/api/pod-members/{member['id']}", {"phrases": ["fine", text]}))
    for method, path, body in bodies:
        response = await ada.http.request(method, path, json=body)
        assert response.status_code == 422, (method, path, response.text)
        detail = response.json()["errors"][0]["detail"]
        assert "placeholder" in detail or "see" in detail or "least" in detail, detail


@pytest.mark.parametrize("text", BLANK)
async def test_a_name_or_reason_that_nobody_can_see_is_refused(ada: Tenant, text: str) -> None:
    """Finding E13: wherever a person's words enter, not in posts alone."""
    for path, body in (
        ("/api/pods", {"name": text}),
        ("/api/cartridges", {"name": text}),
        ("/api/api-keys", {"name": text}),
        ("/api/pauses", {"scope": "tenant", "reason": text * 3}),
    ):
        response = await ada.http.post(path, json=body)
        assert response.status_code == 422, path


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\u2066", "\ufeff", "\x1b"])
async def test_what_nobody_can_see_in_a_text_is_named_and_refused(ada: Tenant, sign: str) -> None:
    """Finding E13: in texts, names and reasons; with the code point, so that it can be found."""
    pod, account, member = await pod_with_member(ada)
    text = f"Well {sign}said."
    bodies = _bodies(account["id"], pod["id"], text)
    bodies.append(("PATCH", f"/api/pod-members/{member['id']}", {"phrases": ["fine", text]}))
    bodies.append(("PATCH", f"/api/activities/{uuid4()}", {"text": text}))
    bodies.append(("POST", f"/api/activities/{uuid4()}/approve", {"text": text}))
    bodies.append(("POST", "/api/pods", {"name": text}))
    bodies.append(("POST", "/api/pauses", {"scope": "tenant", "reason": text}))
    for method, path, body in bodies:
        response = await ada.http.request(method, path, json=body)
        assert response.status_code == 422, (method, path, response.text)
        assert f"U+{ord(sign):04X}" in response.json()["errors"][0]["detail"]


async def test_line_breaks_of_a_text_are_kept_as_they_were_meant(ada: Tenant) -> None:
    """Finding E13: a form's CRLF is one line break, and an empty line stays one."""
    account = await account_of(ada)
    body = {"text": "One\r\nTwo\r\n\r\nThree\u2028Four", "account_id": account["id"]}
    assert (await ada.post("/api/posts", body))["text"] == "One\nTwo\n\nThree\nFour"


async def test_a_time_that_has_passed_is_refused(world: World, ada: Tenant) -> None:
    """Finding E13: a minute of grace, for forms and clocks; then 422, and nothing is published."""
    account = await account_of(ada)
    now = world.clock.now()
    for minutes, status in ((-60, 422), (-1.1, 422), (-0.5, 201), (5, 201)):
        at = (now + timedelta(minutes=minutes)).isoformat()
        body = {"text": "We shipped.", "account_id": account["id"], "publish_at": at}
        response = await ada.http.post("/api/posts", json=body)
        assert response.status_code == status, minutes
        if status == 422:
            assert response.json()["errors"][0]["pointer"] == "/body/publish_at"
    past = (now - timedelta(days=1)).isoformat()
    key = await ada.http.post("/api/api-keys", json={"name": "k", "expires_at": past})
    assert key.status_code == 422
