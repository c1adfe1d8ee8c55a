"""Another tenant's things are not there: for every route of the OpenAPI document."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from fastapi import FastAPI

from tests.integration.gateway.conftest import POST_URL, Tenant, World, pod_with_member

_ID: Final = "{%s}"
CSV_FILE: Final = b"email\r\nmallory@example.com\r\n"

# Routes that name a thing: B's token with A's id. The body is right: only the id can be wrong.
FOREIGN: Final[dict[str, Any]] = {
    "PATCH /api/users/{user_id}": {"name": "Mallory"},
    "DELETE /api/api-keys/{key_id}": None,
    "DELETE /api/invitations/{invitation_id}": None,
    "POST /api/invitations/{invitation_id}/resend": None,
    "GET /api/accounts/links/{link_id}": None,
    "GET /api/accounts/{account_id}": None,
    "PATCH /api/accounts/{account_id}": {"display_name": "Mallory"},
    "DELETE /api/accounts/{account_id}": None,
    "GET /api/accounts/{account_id}/consents": None,
    "POST /api/accounts/{account_id}/consents": {"kinds": ["like"], "granted": False},
    "PATCH /api/accounts/{account_id}/approval-modes": {"like": "suggest"},
    "GET /api/accounts/{account_id}/why-idle": None,
    "GET /api/accounts/{account_id}/absences": None,
    "POST /api/accounts/{account_id}/absences": {
        "first_day": _ID % "day",
        "last_day": _ID % "day",
    },
    "DELETE /api/accounts/{account_id}/absences/{absence_id}": None,
    "GET /api/accounts/{account_id}/limits": None,
    "PUT /api/accounts/{account_id}/limits/{kind}": {"per_hour": 1},
    "DELETE /api/accounts/{account_id}/limits/{kind}": None,
    "GET /api/pods/{pod_id}": None,
    "PATCH /api/pods/{pod_id}": {"active": False},
    "DELETE /api/pods/{pod_id}": None,
    "GET /api/pods/{pod_id}/members": None,
    "POST /api/pods/{pod_id}/members": {"account_id": _ID % "own_account_id"},
    "POST /api/pods/{pod_id}/members/import": CSV_FILE,
    "GET /api/pods/{pod_id}/stats": None,
    "GET /api/pods/{pod_id}/fairness": None,
    "GET /api/pod-members/{member_id}": None,
    "PATCH /api/pod-members/{member_id}": {"active": False},
    "DELETE /api/pod-members/{member_id}": None,
    "GET /api/cartridges/{cartridge_id}": None,
    "PATCH /api/cartridges/{cartridge_id}": {"name": "Mallory"},
    "DELETE /api/cartridges/{cartridge_id}": None,
    "GET /api/posts/{post_id}": None,
    "GET /api/posts/{post_id}/explain": None,
    "GET /api/activities/{activity_id}": None,
    "PATCH /api/activities/{activity_id}": {"text": "Mine now."},
    "GET /api/activities/{activity_id}/timeline": None,
    "GET /api/activities/{activity_id}/evidence": None,
    "GET /api/activities/{activity_id}/evidence/{evidence_id}": None,
    "POST /api/activities/{activity_id}/approve": {},
    "POST /api/activities/{activity_id}/reject": {},
    "POST /api/activities/{activity_id}/cancel": {},
    "POST /api/activities/{activity_id}/retry": {},
    "POST /api/activities/{activity_id}/decide": {"happened": True},
    "POST /api/activities/{activity_id}/done-by-hand": {},
    "POST /api/activities/{activity_id}/postpone": {"until": "2099-01-01T00:00:00Z"},
    "POST /api/pauses/{pause_id}/resume": None,
}
# Routes that name a thing of A's in the body.
BODIES: Final[dict[str, list[Any]]] = {
    "POST /api/accounts/links": [{"account_id": _ID % "account_id"}],
    "POST /api/invitations": [{"pod_id": _ID % "pod_id"}, {"user_id": _ID % "user_id"}],
    "POST /api/pods": [{"name": "stolen voice", "cartridge_id": _ID % "cartridge_id"}],
    "POST /api/pod-members": [
        {"pod_id": _ID % "pod_id", "account_id": _ID % "own_account_id"},
        {"pod_id": _ID % "own_pod_id", "account_id": _ID % "account_id"},
        {
            "pod_id": _ID % "own_pod_id",
            "account_id": _ID % "own_account_id",
            "cartridge_id": _ID % "cartridge_id",
        },
    ],
    "POST /api/posts": [
        {"url": POST_URL, "pod_id": _ID % "pod_id"},
        {"url": POST_URL, "account_id": _ID % "account_id"},
        {"text": "Mine now.", "account_id": _ID % "account_id"},
    ],
    "POST /api/pods/trigger-amplification": [{"postId": _ID % "post_id"}],
    "POST /api/notifications/read": [{"ids": [_ID % "notification_id"]}],
    "POST /api/queue/clear": [
        {"scope": "pod", "scope_id": _ID % "pod_id"},
        {"scope": "post", "scope_id": _ID % "post_id", "dry_run": True},
        {"scope": "account", "scope_id": _ID % "account_id"},
    ],
    "POST /api/pauses": [
        {"scope": "pod", "scope_id": _ID % "pod_id", "reason": "Because."},
        {"scope": "account", "scope_id": _ID % "account_id", "reason": "Because."},
    ],
}
# Routes that list: nothing of A's may be among B's.
LISTS: Final = (
    "GET /api/me",
    "GET /api/users",
    "GET /api/api-keys",
    "GET /api/invitations",
    "GET /api/accounts",
    "GET /api/pods",
    "GET /api/pod-members",
    "GET /api/cartridges",
    "GET /api/posts",
    "GET /api/activities",
    "GET /api/pauses",
    "GET /api/notifications",
    "GET /api/audit",
    "GET /api/queue/stats",
    "GET /api/watches",
    "GET /api/limits",
    "GET /api/exports/members",
    "GET /api/exports/activities",
    "GET /api/exports/decisions",
    "GET /api/inbox",
    "GET /api/manual-queue",
    "GET /api/tier",
)
# Routes that name nothing and show nothing but one's own; the live view has a test of its own.
NOTHING_TO_STEAL: Final = (
    "POST /api/auth/sign-in",
    "POST /api/auth/refresh",
    "POST /api/auth/sign-out",
    "PUT /api/me/password",
    "POST /api/users",
    "POST /api/api-keys",
    "POST /api/cartridges",
    "GET /api/consent-texts",
    "GET /api/limits/defaults",
    "GET /api/tiers",
    "PUT /api/tier",
    "GET /api/events",
    "PUT /api/limits/{platform}/{kind}",
    "DELETE /api/limits/{platform}/{kind}",
)
# Routes that answer for each id in the body: of a foreign one that it is not found.
MANY: Final[dict[str, Any]] = {
    "POST /api/inbox/approve": {"items": [{"id": _ID % "activity_id"}]},
    "POST /api/inbox/reject": {"ids": [_ID % "activity_id"]},
    "POST /api/manual-queue/retry": {"ids": [_ID % "activity_id"]},
    "POST /api/manual-queue/postpone": {
        "ids": [_ID % "activity_id"],
        "until": "2099-01-01T00:00:00Z",
    },
    "POST /api/manual-queue/done": {"ids": [_ID % "activity_id"]},
    "POST /api/manual-queue/give-up": {"ids": [_ID % "activity_id"]},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A's things by their names in routes, and B who would like to have them."""

    ids: dict[str, str]
    thief: Tenant
    own: frozenset[str]

    def fill(self, template: Any) -> Any:
        """The ids in the place of their names."""
        if isinstance(template, dict):
            return {name: self.fill(value) for name, value in template.items()}
        if isinstance(template, list):
            return [self.fill(value) for value in template]
        if isinstance(template, str):
            return re.sub(r"\{(\w+)\}", lambda match: self.ids[match[1]], template)
        return template

    def leaked(self, text: str) -> list[str]:
        """Which of A's ids are in a text."""
        return [name for name, value in self.ids.items() if name not in self.own and value in text]


@pytest.fixture
async def stage(world: World, ada: Tenant, bob: Tenant) -> Stage:
    """Ada has one of everything."""
    pod, account, member = await pod_with_member(ada)
    own_pod, own_account, _ = await pod_with_member(bob)
    cartridge = await ada.post("/api/cartridges", {"name": "warm"})
    days = dict.fromkeys(("first_day", "last_day"), "2027-12-24")
    absence = await ada.post(f"/api/accounts/{account['id']}/absences", days)
    post = await ada.post("/api/posts", {"url": POST_URL.replace("7379", "7380")})
    key = await ada.post("/api/api-keys", {"name": "robot"})
    link = await ada.post("/api/accounts/links", {})
    invitation = await ada.post("/api/invitations", {})
    world.scheduler.knows_post(ada.client_id, UUID(post["id"]))
    where = {"client_id": ada.client_id, "post_id": post["id"], "account_id": account["id"]}
    at = world.clock.now() - timedelta(minutes=1)
    activity_id = await world.ledger.activity(
        **where, at=at, state="executed", pod_id=pod["id"], member_id=member["id"]
    )
    await world.ledger.attempt(**where, activity_id=activity_id, at=at, outcome="executed")
    evidence_id = await world.ledger.evidence(
        client_id=ada.client_id, activity_id=activity_id, at=at
    )
    pause_id = await world.ledger.pause(client_id=ada.client_id, scope="tenant")
    await world.ledger.watch(client_id=ada.client_id, account_id=UUID(account["id"]), began_at=at)
    notification_id = await world.ledger.notification(client_id=ada.client_id, at=at)
    ids = {
        "user_id": ada.user_id,
        "client_id": ada.client_id,
        "account_id": account["id"],
        "pod_id": pod["id"],
        "member_id": member["id"],
        "absence_id": absence["id"],
        "cartridge_id": cartridge["id"],
        "post_id": post["id"],
        "key_id": key["id"],
        "link_id": link["id"],
        "invitation_id": invitation["id"],
        "activity_id": activity_id,
        "evidence_id": evidence_id,
        "pause_id": pause_id,
        "notification_id": notification_id,
        "own_pod_id": own_pod["id"],
        "own_account_id": own_account["id"],
        "kind": "like",
        "day": "2027-12-24",
    }
    return Stage(
        ids={name: str(value) for name, value in ids.items()},
        thief=bob,
        own=frozenset({"own_pod_id", "own_account_id", "kind", "day"}),
    )


def _labels(app: FastAPI) -> set[str]:
    paths = app.openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def _body(body: Any) -> dict[str, Any]:
    """As a client is given it: a file, or JSON."""
    if isinstance(body, bytes):
        return {"content": body, "headers": {"content-type": "text/csv"}}
    return {"json": body}


async def test_every_route_is_in_one_of_the_lists(world: World) -> None:
    """INVARIANT (P10): a new route is not released before somebody tried to steal through it."""
    known = {*FOREIGN, *BODIES, *LISTS, *NOTHING_TO_STEAL, *MANY}
    assert _labels(world.app) == known
    assert len(known) == len(FOREIGN) + len(BODIES) + len(LISTS) + len(NOTHING_TO_STEAL) + len(MANY)


async def test_a_foreign_id_in_the_path_is_not_found(stage: Stage) -> None:
    """INVARIANT (P10): 404, never 403, which would tell that the thing exists."""
    for label, body in FOREIGN.items():
        method, path = stage.fill(label).split(" ")
        response = await stage.thief.http.request(method, path, **_body(stage.fill(body)))
        assert response.status_code == 404, f"{label}: {response.status_code} {response.text}"
        assert response.headers["content-type"] == "application/problem+json", label
        assert not stage.leaked(response.text), label


async def test_a_foreign_id_in_the_body_is_not_found(stage: Stage) -> None:
    """INVARIANT (P10): the same for things that a body names."""
    for label, bodies in BODIES.items():
        method, path = label.split(" ")
        for body in bodies:
            response = await stage.thief.http.request(method, path, json=stage.fill(body))
            assert response.status_code == 404, f"{label}: {response.status_code} {response.text}"
            assert not stage.leaked(response.text), label


async def test_a_foreign_id_among_many_is_not_found(stage: Stage) -> None:
    """INVARIANT (P10): item by item, and nothing is told but the id that was sent."""
    for label, body in MANY.items():
        response = await stage.thief.http.post(label.split(" ")[1], json=stage.fill(body))
        (said,) = response.json()["items"]
        assert (said["outcome"], said["code"]) == ("refused", "activity_not_found"), label
        assert stage.leaked(response.text) == ["activity_id"], label


async def test_a_foreign_voice_cannot_be_put_on(stage: Stage) -> None:
    """P10: neither on a pod nor on a member, by a change."""
    body = stage.fill({"cartridge_id": _ID % "cartridge_id"})
    pod = stage.ids["own_pod_id"]
    members = await stage.thief.get(f"/api/pods/{pod}/members")
    member = members["items"][0]["id"]
    for path in (f"/api/pods/{pod}", f"/api/pod-members/{member}"):
        response = await stage.thief.http.patch(path, json=body)
        assert response.status_code == 404, path


async def test_lists_hold_nothing_foreign(stage: Stage) -> None:
    """INVARIANT (P10): no list, count or filter shows another tenant's rows."""
    for label in LISTS:
        path = label.split(" ")[1]
        response = await stage.thief.http.get(path)
        assert response.status_code == 200, label
        assert not stage.leaked(response.text), label
    stats = await stage.thief.get("/api/queue/stats")
    assert stats["total"] == 0
    for name in ("post_id", "account_id", "pod_id", "member_id"):
        found = await stage.thief.get("/api/activities", params={name: stage.ids[name]})
        assert found["items"] == []


async def test_an_idempotency_key_is_a_tenants_own(ada: Tenant, bob: Tenant) -> None:
    """INVARIANT (P10): the same key and body of two tenants are two requests."""
    headers = {"Idempotency-Key": "same"}
    made = [await who.post("/api/pods", {"name": "pod"}, headers=headers) for who in (ada, bob)]
    assert made[0]["id"] != made[1]["id"]
