"""Who is thrown out is out: what they had begun, what is being made of it, and what it rests on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from chorus.testing import eventually
from chorus_gateway.actions import onboarding
from chorus_gateway.set_password import give
from chorus_gateway.store import sessions
from tests.integration.gateway.browsing import browser, connects_another, forms, member_of
from tests.integration.gateway.conftest import FIRST_PASSWORD, PASSWORD, Tenant, World, client_of
from tests.integration.gateway.test_passwords_lost import (
    OWN,
    accounts_of,
    signs_in,
    waits_for_a_lock,
    with_password,
)

Ending = Callable[[], Awaitable[object]]
NEW_PERSON = {"email": "eve@example.com", "name": "Eve", "role": "admin", "password": OWN}
WRITES: list[tuple[str, str, Any]] = [
    ("POST", "/api/api-keys", {"name": "kept"}),
    ("POST", "/api/users", NEW_PERSON),
    ("PUT", "/api/limits/linkedin/like", {"per_day": 3}),
    ("POST", "/api/pauses", {"scope": "tenant", "reason": "Mine."}),
]
"""In our tables, and by the scheduler."""


async def _after(ending: Ending, body: bytes) -> AsyncIterator[bytes]:
    """A body that comes when its sender is out: who asks is judged before it is read."""
    yield body[:1]
    await ending()
    yield body[1:]


@pytest.mark.parametrize(("method", "path", "said"), WRITES)
@pytest.mark.parametrize("how", ["password", "disabled", "role"])
async def test_a_body_that_comes_late_changes_nothing(
    world: World, ada: Tenant, how: str, method: str, path: str, said: dict[str, Any]
) -> None:
    """I6: INVARIANT: an end of session, person or role holds at once, for what has begun too."""
    ned = await world.person(ada, "ned", "admin")

    async def end() -> None:
        if how == "password":
            chosen = {"present": PASSWORD, "new": OWN}
            assert (await ned.http.put("/api/me/password", json=chosen)).status_code == 204
            return
        changed = {"active": False} if how == "disabled" else {"role": "member"}
        assert (await ada.http.patch(f"/api/users/{ned.user_id}", json=changed)).is_success

    before = await _made(world)
    headers = {"content-type": "application/json"}
    sent = _after(end, orjson.dumps(said))
    answer = await ned.http.request(method, path, content=sent, headers=headers)
    assert answer.status_code == (403 if how == "role" else 401), answer.text
    assert await _made(world) == before


async def _made(world: World) -> tuple[object, ...]:
    row = await (
        await world.ledger.conn.execute(
            "select (select count(*) from gateway.api_keys where revoked_at is null) as keys,"
            " (select count(*) from gateway.users) as users"
        )
    ).fetchone()
    return (*(row or {}).values(), len(world.scheduler.calls))


async def test_a_key_that_is_revoked_meanwhile(world: World, ada: Tenant) -> None:
    """I6: the same for an API key."""
    made = await ada.post("/api/api-keys", {"name": "k", "scopes": ["write"]})
    http = client_of(world.app, {"authorization": f"Bearer {made['key']}"})

    async def end() -> None:
        assert (await ada.http.delete(f"/api/api-keys/{made['id']}")).is_success

    sent = _after(end, orjson.dumps({"name": "Founders"}))
    answer = await http.post(
        "/api/pods", content=sent, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 401
    assert (await ada.get("/api/pods"))["items"] == []


async def test_a_form_that_comes_late_deletes_nobody(world: World, ada: Tenant) -> None:
    """I6: and for a session of our pages."""
    here = await member_of(world, ada)
    await here.open("/me/delete")
    form = forms(here.page)["/me/delete"].fields

    async def end() -> None:
        await world.ledger.conn.execute("update gateway.page_sessions set ended_at = now()")

    sent = _after(end, urlencode(form, doseq=True).encode())
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await here.http.post("/me/delete", content=sent, headers=headers)
    assert answer.status_code == 401
    assert len((await ada.get("/api/accounts"))["items"]) == 1


async def _tokens(world: World, email: str) -> dict[str, str]:
    body = {"email": email, "password": PASSWORD}
    found: dict[str, str] = (await world.http.post("/api/auth/sign-in", json=body)).json()
    return found


async def _refreshed(world: World, token: str) -> Any:
    return await world.http.post("/api/auth/refresh", json={"refresh_token": token})


class _Held:
    """An exchange of a refresh token that is held after it has used the token."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.there, self.go = asyncio.Event(), asyncio.Event()
        self._use = sessions.use_refresh_token
        monkeypatch.setattr(sessions, "use_refresh_token", self._slow)

    async def _slow(self, conn: Any, token_id: Any, now: Any) -> None:
        await self._use(conn, token_id, now)
        self.there.set()
        await self.go.wait()


async def test_a_refresh_under_way_does_not_outlive_a_change(
    world: World, ada: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I6: what is being made of a session when it is ended ends with it."""
    tokens = await _tokens(world, ada.email)
    held = _Held(monkeypatch)
    refreshing = asyncio.create_task(_refreshed(world, tokens["refresh_token"]))
    await held.there.wait()
    chosen = {"present": PASSWORD, "new": OWN}
    changing = asyncio.create_task(ada.http.put("/api/me/password", json=chosen))
    await eventually(partial(waits_for_a_lock, world))
    held.go.set()
    assert (await changing).status_code == 204
    await _is_over(world, (await refreshing).json())


async def test_a_reuse_ends_what_is_being_exchanged_too(
    world: World, ada: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I6: the second use of a token ends its family, what is made of it at that moment too."""
    first = (await _tokens(world, ada.email))["refresh_token"]
    second = (await _refreshed(world, first)).json()["refresh_token"]
    world.clock.advance(300)
    held = _Held(monkeypatch)
    exchanging = asyncio.create_task(_refreshed(world, second))
    await held.there.wait()
    reuse = asyncio.create_task(_refreshed(world, first))
    await eventually(partial(waits_for_a_lock, world))
    held.go.set()
    assert (await reuse).status_code == 401
    await _is_over(world, (await exchanging).json())


async def _is_over(world: World, tokens: dict[str, str]) -> None:
    known = {"authorization": f"Bearer {tokens['access_token']}"}
    assert (await world.http.get("/api/me", headers=known)).status_code == 401
    assert (await _refreshed(world, tokens["refresh_token"])).status_code == 401


async def test_what_the_operator_gave_is_not_overwritten(
    world: World, ada: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I7: a choice that is under way in a link's session does not undo `set-password`."""
    here = await member_of(world, ada)
    await here.open("/me/password")
    shown, giving = onboarding._still_shown, []
    given = partial(
        give,
        world.gateway.database,
        world.gateway.passwords,
        world.clock,
        client_id=ada.client_id,
        email="mia@example.com",
        password=FIRST_PASSWORD,
    )

    async def meanwhile(*known: Any) -> None:
        await shown(*known)
        giving.append(asyncio.create_task(given()))
        await eventually(partial(waits_for_a_lock, world))

    monkeypatch.setattr(onboarding, "_still_shown", meanwhile)
    await here.send("/me/password", password=OWN)
    await giving[0]
    assert [await signs_in(world, one) for one in (OWN, FIRST_PASSWORD)] == [401, 200]


async def _as_owner(world: World, ada: Tenant) -> Tenant:
    mia = await with_password(world, ada)
    assert (await ada.http.patch(f"/api/users/{mia.user_id}", json={"role": "owner"})).is_success
    return mia


async def test_an_admin_throws_no_owner_out_by_their_account(world: World, ada: Tenant) -> None:
    """I7: where an account's removal ends a password, who removes it may change its person."""
    mia = await _as_owner(world, ada)
    ned = await world.person(ada, "ned", "admin")
    (account,) = await accounts_of(mia, ada)
    assert (await ned.http.delete(f"/api/accounts/{account}")).status_code == 403
    assert await signs_in(world, OWN) == 200
    assert (await ada.http.delete(f"/api/accounts/{account}")).is_success
    assert await signs_in(world, OWN) == 401


async def test_a_key_throws_nobody_out(world: World, ada: Tenant) -> None:
    """I7: a key never administers: with `write` it ends nobody's password, sessions and keys."""
    mia = await with_password(world, ada)
    made = await ada.post("/api/api-keys", {"name": "k", "scopes": ["write"]})
    (account,) = await accounts_of(mia, ada)
    http = client_of(world.app, {"authorization": f"Bearer {made['key']}"})
    answer = await http.delete(f"/api/accounts/{account}")
    assert (answer.status_code, answer.json()["code"]) == (403, "in_person_only")
    assert await signs_in(world, OWN) == 200


async def test_the_last_owner_is_not_locked_out(world: World, ada: Tenant) -> None:
    """I7: there is always an owner who signs in."""
    mia = await _as_owner(world, ada)
    assert (await mia.http.patch(f"/api/users/{ada.user_id}", json={"role": "member"})).is_success
    (account,) = await accounts_of(mia, mia)
    answer = await mia.http.delete(f"/api/accounts/{account}")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    assert await signs_in(world, OWN) == 200


async def test_a_sign_in_in_between_keeps_no_password_of_a_link(world: World, ada: Tenant) -> None:
    """I6: taken back: what was chosen by a link ends, also where they signed in by it first."""
    thief = await member_of(world, ada, "acc-throwaway")
    await thief.open("/me/password")
    await thief.send("/me/password", password=OWN)
    later = browser(world)
    await later.open("/sign-in")
    await later.send("/sign-in", email="mia@example.com", password=OWN)
    page = await connects_another(world, later, "acc-victim")
    assert (await browser(world).http.get(f"{page}/done")).status_code == 403
    assert await signs_in(world, OWN) == 401


async def test_the_same_person_who_signs_in_anew_is_no_other_browser(
    world: World, ada: Tenant
) -> None:
    """I4: signed out and in again with a password of their own; and looking destroys nothing."""
    here = await member_of(world, ada)
    await here.open("/me/password")
    await here.send("/me/password", password=OWN)
    page = await connects_another(world, here, "acc-second")
    await here.open("/me")
    await here.send("/me/sign-out")
    assert (await here.http.head(f"{page}/done")).status_code == 200
    await here.open("/sign-in")
    await here.send("/sign-in", email="mia@example.com", password=OWN)
    await here.open(f"{page}/done")
    assert len((await ada.get("/api/accounts"))["items"]) == 2
    assert await signs_in(world, OWN) == 200


async def test_who_changes_themselves_several_times_at_once_waits(ada: Tenant) -> None:
    """I6: that they are known is asked under the lock that the change takes."""
    names = [f"Ada {number}" for number in range(4)]
    path = f"/api/users/{ada.user_id}"
    answers = await asyncio.gather(*(ada.http.patch(path, json={"name": one}) for one in names))
    assert [answer.status_code for answer in answers] == [200] * 4
