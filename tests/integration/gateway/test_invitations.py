"""Invitations over the API: made, listed, renewed, revoked; what is kept of a link."""

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from chorus_gateway.actions import invitations as actions
from chorus_gateway.actions.invitations import Guest
from chorus_gateway.problems import Problem
from tests.integration.gateway.conftest import PUBLIC_URL, Tenant, World, client_of

GUEST = Guest(email="mia@example.com", name="Mia Berg", address="192.0.2.7")


async def _invited(who: Tenant, **wanted: Any) -> dict[str, Any]:
    return dict(await who.post("/api/invitations", wanted))


def _token(made: dict[str, Any]) -> str:
    return str(made["url"]).rpartition("/")[2]


async def _refused(world: World, token: str, guest: Guest = GUEST) -> str:
    with pytest.raises(Problem) as raised:
        await actions.redeem(world.gateway, token, guest)
    return raised.value.code


async def test_an_admin_invites_and_is_shown_the_link_once(world: World, ada: Tenant) -> None:
    """Who is invited, until when; no mail is sent, and the answer says so."""
    made = await _invited(ada, email="Mia@Example.com", name="Mia Berg", days=3)
    assert made["url"].startswith(f"{PUBLIC_URL}/join/")
    assert (made["sent"], made["email"], made["state"]) == (False, "mia@example.com", "open")
    (listed,) = (await ada.get("/api/invitations"))["items"]
    assert listed == {name: made[name] for name in listed}
    assert "url" not in listed
    assert _token(made) not in str(await ada.get("/api/audit"))


async def test_a_link_is_a_digest_at_rest_and_in_no_log(world: World, ada: Tenant) -> None:
    """INVARIANT (7): neither in the database, nor in a kept answer, nor in a line of log."""
    headers = {"Idempotency-Key": "once"}
    made = await ada.post("/api/invitations", {"email": GUEST.email}, headers=headers)
    again = await ada.post("/api/invitations", {"email": GUEST.email}, headers=headers)
    assert (again["id"], again["url"]) == (made["id"], None)
    with capture_logs() as lines:
        await actions.look(world.gateway, _token(made), "192.0.2.7")
        session = await actions.redeem(world.gateway, _token(made), GUEST)
        await world.http.get(f"/join/{_token(made)}")
    kept = await world.ledger.everything()
    for secret in (_token(made).partition(".")[2], session):
        assert secret not in kept
        assert secret not in str(lines)


async def test_links_name_the_configured_address_alone(world: World, ada: Tenant) -> None:
    """e5: what a request says of its host leads no link elsewhere."""
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    made = await ada.post("/api/invitations", {}, headers=headers)
    assert made["url"].startswith(f"{PUBLIC_URL}/join/")


async def test_looking_uses_nothing_up(world: World, ada: Tenant) -> None:
    """INVARIANT (e1): mail scanners open links; the one that posts comes in, once."""
    token = _token(await _invited(ada))
    for _ in range(10):
        shown = await actions.look(world.gateway, token, "192.0.2.7")
        assert (shown.state, shown.asking.person) == ("open", "ada")
    await actions.redeem(world.gateway, token, GUEST)
    assert await _refused(world, token) == "invitation_used"
    (listed,) = (await ada.get("/api/invitations"))["items"]
    mia = next(one for one in await ada.get("/api/users") if one["email"] == GUEST.email)
    assert (listed["state"], listed["user_id"], mia["name"]) == ("used", mia["id"], "Mia Berg")


async def test_what_is_refused_says_which_it_is(world: World, ada: Tenant) -> None:
    """e2: expired, revoked, used, for somebody else and unknown are answers of their own."""
    for_mia = await _invited(ada, email=GUEST.email)
    noa = Guest(email="noa@example.com", name="Noa", address="192.0.2.8")
    assert await _refused(world, _token(for_mia), noa) == "invitation_for_another"
    await actions.redeem(world.gateway, _token(for_mia), GUEST)
    revoked = await _invited(ada)
    await ada.http.delete(f"/api/invitations/{revoked['id']}")
    assert await _refused(world, _token(revoked)) == "invitation_revoked"
    late = await _invited(ada, days=1)
    world.clock.advance(timedelta(days=1))
    assert await _refused(world, _token(late)) == "invitation_expired"
    assert await _refused(world, f"{_token(late)}x") == "invitation_not_found"


async def test_another_link_ends_the_one_before(world: World, ada: Tenant) -> None:
    """Sent again: one link of an invitation is good, also after it has expired."""
    made = await _invited(ada, days=1)
    world.clock.advance(timedelta(days=2))
    ada = Tenant(
        client_id=ada.client_id,
        user_id=ada.user_id,
        email=ada.email,
        http=await world.signed_in(ada.email),
        connecting=ada.connecting,
    )
    again = await ada.post(f"/api/invitations/{made['id']}/resend")
    assert await _refused(world, _token(made)) == "invitation_not_found"
    assert await actions.redeem(world.gateway, _token(again), GUEST)
    path = f"/api/invitations/{made['id']}"
    for answer in (await ada.http.post(f"{path}/resend"), await ada.http.delete(path)):
        assert (answer.status_code, answer.json()["code"]) == (409, "invitation_used")


async def test_nobody_is_invited_in_somebodys_place(world: World, ada: Tenant) -> None:
    """INVARIANT (4): a link for an address of the team would make its bearer that person."""
    mia = await world.person(ada, "mia", "member")
    answer = await ada.http.post("/api/invitations", json={"email": mia.email})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    open_one = await _invited(ada)
    assert await _refused(world, _token(open_one)) == "email_taken"
    assert (await mia.http.post("/api/invitations", json={})).status_code == 403


async def test_tries_cost_a_wait(world: World, ada: Tenant) -> None:
    """Addresses that are tried at one link, and made-up tokens, are slowed down."""
    token = _token(await _invited(ada, email=GUEST.email))
    codes = []
    for number in range(8):
        guest = Guest(email=f"{number}@example.com", name=None, address="192.0.2.9")
        try:
            await actions.redeem(world.gateway, token, guest)
        except Exception as error:  # noqa: BLE001 - both kinds are counted here
            codes.append(getattr(error, "code", type(error).__name__))
    assert codes[:5] == ["invitation_for_another"] * 5
    assert "TooManyAttempts" in codes


async def test_who_leaves_the_team_can_be_invited_anew(world: World, ada: Tenant) -> None:
    """e2: a disabled person is let in again; their sessions of before stay ended."""
    token = _token(await _invited(ada, email=GUEST.email))
    secret = await actions.redeem(world.gateway, token, GUEST)
    visitor = await world.gateway.pages.find(secret)
    assert visitor is not None
    assert visitor.principal.temporary, "a link proves nobody"
    path = f"/api/users/{visitor.user.id}"
    await ada.http.patch(path, json={"active": False})
    assert await world.gateway.pages.find(secret) is None
    back = {"user_id": str(visitor.user.id)}
    assert (await ada.http.post("/api/invitations", json=back)).status_code == 409
    await ada.http.patch(path, json={"active": True})
    assert await world.gateway.pages.find(secret) is None
    returning = await _invited(ada, **back)
    secret = await actions.redeem(world.gateway, _token(returning), GUEST)
    again = await world.gateway.pages.find(secret)
    assert again is not None
    assert (again.user.id, again.principal.temporary) == (visitor.user.id, True)


async def test_only_owners_bring_owners_back(world: World, ada: Tenant) -> None:
    """INVARIANT (4): whoever may not change somebody has no link to be them, nor another one."""
    admin = await world.person(ada, "eve", "admin")
    back = {"user_id": str(ada.user_id)}
    answer = await admin.http.post("/api/invitations", json=back)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    made = await _invited(ada, **back)
    answer = await admin.http.post(f"/api/invitations/{made['id']}/resend")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    mia = await world.person(ada, "mia", "member")
    made = await admin.post("/api/invitations", {"user_id": str(mia.user_id)})
    await ada.http.patch(f"/api/users/{mia.user_id}", json={"role": "owner"})
    assert await _refused(world, _token(made)) == "invitation_revoked"


async def test_a_key_invites_nobody(world: World, ada: Tenant) -> None:
    """INVARIANT: whoever finds a key makes no people by it, and no way to be one."""
    made = await _invited(ada)
    key = await ada.post("/api/api-keys", {"name": "crm", "scopes": ["read", "write", "approve"]})
    http = client_of(world.app, {"authorization": f"Bearer {key['key']}"})
    path = f"/api/invitations/{made['id']}"
    for method, where in (
        ("POST", "/api/invitations"),
        ("GET", "/api/invitations"),
        ("POST", f"{path}/resend"),
        ("DELETE", path),
    ):
        body: dict[str, Any] | None = (
            {} if where == "/api/invitations" and method == "POST" else None
        )
        answer = await http.request(method, where, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), (method, where)
