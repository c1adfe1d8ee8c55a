"""What a password rests on, what ends it, and the way back without one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from uuid import UUID

import orjson
import psycopg
import pytest
from pydantic import SecretStr

from chorus.errors import ConfigurationError
from chorus.testing import eventually
from chorus_gateway.api.application import create_app
from chorus_gateway.identity import voided_passwords
from chorus_gateway.identity.access_tokens import AccessTokens, NotSignedIn
from chorus_gateway.identity.passwords import Passwords
from chorus_gateway.identity.sign_in import SignIn
from chorus_gateway.set_password import give
from chorus_gateway.store import accounts
from tests.integration.gateway.browsing import (
    browser,
    connects_another,
    forms,
    invited,
    joined,
    member_of,
    signs_in_again,
)
from tests.integration.gateway.conftest import (
    FIRST_PASSWORD,
    PASSWORD,
    Tenant,
    World,
    client_of,
    connected,
)

OWN = "words that are my own 9"


async def _mia(ada: Tenant) -> UUID:
    people = await ada.get("/api/users")
    return next(UUID(one["id"]) for one in people if one["email"] == "mia@example.com")


async def signs_in(world: World, password: str) -> int:
    here = browser(world)
    await here.open("/sign-in")
    sent = {"email": "mia@example.com", "password": password}
    answer = await here.http.post("/api/auth/sign-in", json=sent)
    return answer.status_code


async def with_password(world: World, ada: Tenant) -> Tenant:
    """Mia came by a link, was shown by her account, and chose a password; at the API."""
    here = await member_of(world, ada)
    await here.open("/me/password")
    await here.send("/me/password", password=OWN)
    http = await world.signed_in("mia@example.com", OWN)
    return Tenant(
        client_id=ada.client_id,
        user_id=await _mia(ada),
        email="mia@example.com",
        http=http,
        connecting=world.connecting,
    )


async def _heard(world: World) -> list[tuple[str, str]]:
    """Of whose passwords the notifier hears that they ended, and why."""
    rows = [each for each in await world.ledger.outbox() if each["topic"] == "password.ended"]
    events = [orjson.loads(each["value"]) for each in rows]
    return [(each["user_id"], each["code"]) for each in events]


async def accounts_of(who: Tenant, tenant: Tenant) -> list[str]:
    found = (await tenant.get("/api/accounts"))["items"]
    return [str(one["id"]) for one in found if one["owner_user_id"] == str(who.user_id)]


async def test_a_password_ends_with_the_account_that_it_rests_on(world: World, ada: Tenant) -> None:
    """I6: INVARIANT: a throwaway account makes nobody somebody else for good: with it go the
    password that was chosen on the strength of it, its tokens and its keys.
    """
    mia = await with_password(world, ada)
    changed = await ada.http.patch(f"/api/users/{mia.user_id}", json={"role": "admin"})
    assert changed.is_success
    http = await world.signed_in("mia@example.com", OWN)
    made = await http.post("/api/api-keys", json={"name": "mine", "scopes": ["read"]})
    assert made.status_code == 201, made.text
    secret = made.json()["key"]
    known = await world.http.get("/api/me", headers={"authorization": f"Bearer {secret}"})
    assert known.status_code == 200
    (account,) = await accounts_of(mia, ada)
    assert (await ada.http.delete(f"/api/accounts/{account}")).is_success
    assert await signs_in(world, OWN) == 401
    assert (await mia.http.get("/api/me")).status_code == 401
    by_key = await world.http.get("/api/me", headers={"authorization": f"Bearer {secret}"})
    assert by_key.status_code == 401
    told = [entry["action"] for entry in (await ada.get("/api/audit"))["items"]]
    assert "user.password_ended" in told
    assert await _heard(world) == [(str(mia.user_id), "account_gone")]


async def test_a_changed_password_rests_on_the_same_account(world: World, ada: Tenant) -> None:
    """I6: who changes a password may be whoever chose it."""
    mia = await with_password(world, ada)
    chosen = {"present": OWN, "new": PASSWORD}
    assert (await mia.http.put("/api/me/password", json=chosen)).status_code == 204
    (account,) = await accounts_of(mia, ada)
    assert (await ada.http.delete(f"/api/accounts/{account}")).is_success
    assert await signs_in(world, PASSWORD) == 401


async def test_a_password_outlives_one_of_two_accounts(world: World, ada: Tenant) -> None:
    """A4: who still has an account has shown who they are."""
    here = await member_of(world, ada)
    await here.open("/me/password")
    await here.send("/me/password", password=OWN)
    await connects_another(world, here, "acc-mia-2")
    accounts = (await ada.get("/api/accounts"))["items"]
    assert len(accounts) == 2
    assert (await ada.http.delete(f"/api/accounts/{accounts[0]['id']}")).is_success
    assert await signs_in(world, OWN) == 200


async def test_a_new_account_ends_a_password_of_another_session(world: World, ada: Tenant) -> None:
    """I4: INVARIANT: who comes back by a link and connects a new account ends what was chosen in
    another link's session, with its tokens; their own session and password go on.
    """
    mia = await with_password(world, ada)
    back = await joined(world, await invited(ada, user_id=str(mia.user_id)))
    await signs_in_again(world, back, "acc-mia")
    assert (await mia.http.get("/api/me")).status_code == 200
    await connects_another(world, back, "acc-mia-2")
    assert (await mia.http.get("/api/me")).status_code == 401
    assert await signs_in(world, OWN) == 401
    (ended,) = [
        entry["detail"]
        for entry in (await ada.get("/api/audit"))["items"]
        if entry["action"] == "user.password_ended"
    ]
    assert ended == {"code": "connected_elsewhere"}
    assert await _heard(world) == [(str(mia.user_id), "connected_elsewhere")]
    await back.open("/me/password")
    await back.send("/me/password", password=PASSWORD)
    await connects_another(world, back, "acc-mia-3")
    assert await signs_in(world, PASSWORD) == 200


async def test_a_password_of_no_link_rests_on_no_account(world: World, ada: Tenant) -> None:
    """A4: who was added with a password, and chose their own with it, needs no account."""
    mia = await world.person(ada, "mia", "member")
    account = await connected(mia)
    assert (await ada.http.delete(f"/api/accounts/{account['id']}")).is_success
    assert await accounts_of(mia, ada) == []
    assert await signs_in(world, PASSWORD) == 200


async def test_a_session_whose_account_is_gone_chooses_no_password(
    world: World, ada: Tenant
) -> None:
    """I6: INVARIANT: by a link, and with nothing to show any more, it is over."""
    here = await member_of(world, ada)
    await here.open("/me/password")
    token = forms(here.page)["/me/password"].fields["form"]
    (account,) = (await ada.get("/api/accounts"))["items"]
    assert (await ada.http.delete(f"/api/accounts/{account['id']}")).is_success
    assert (await here.http.get("/me")).status_code == 401
    sent = {"form": token, "password": OWN}
    assert (await here.http.post("/me/password", data=sent)).status_code == 401
    assert await signs_in(world, OWN) == 401


async def test_an_account_that_goes_while_a_password_is_chosen(world: World, ada: Tenant) -> None:
    """I6: the same where it goes between the form and the word that is kept."""
    here = await member_of(world, ada)
    await here.open("/me/password")
    (account,) = (await ada.get("/api/accounts"))["items"]

    async def remove() -> None:
        assert (await ada.http.delete(f"/api/accounts/{account['id']}")).is_success

    changing = replace(world.gateway, passwords=_SlowToHash(remove))
    client = client_of(create_app(changing, version="0"))
    client.cookies = here.http.cookies
    form = forms(here.page)["/me/password"].fields["form"]
    sent = {"form": form, "password": OWN}
    assert (await client.post("/me/password", data=sent)).status_code == 401
    assert await signs_in(world, OWN) == 401


async def test_the_last_two_accounts_that_go_at_once(world: World, ada: Tenant) -> None:
    """I6: each of the two sees, in the end, that the other is gone too."""
    here = await member_of(world, ada)
    await here.open("/me/password")
    await here.send("/me/password", password=OWN)
    await connects_another(world, here, "acc-mia-2")
    mia = await _mia(ada)
    first, second = [UUID(one["id"]) for one in (await ada.get("/api/accounts"))["items"]]
    database, now = world.gateway.database, world.clock.now()
    gone = partial(
        voided_passwords.end_if_no_account_is_left,
        user_id=mia,
        client_id=ada.client_id,
        actor="test",
        now=now,
    )

    async def late() -> None:
        async with database.tenant(ada.client_id) as conn:
            await accounts.remove(conn, second)
            await gone(conn)

    async with database.tenant(ada.client_id) as conn:
        await accounts.remove(conn, first)
        await gone(conn)
        other = asyncio.create_task(late())
        await eventually(partial(waits_for_a_lock, world))
    await other
    assert await signs_in(world, OWN) == 401


async def waits_for_a_lock(world: World) -> bool:
    cursor = await world.ledger.conn.execute(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
        " and datname = current_database()"
    )
    return await cursor.fetchone() is not None


async def test_a_password_that_ended_is_not_changed_into_another(world: World, ada: Tenant) -> None:
    """I6: what ended while a change of it was under way does not come back by the change."""
    gateway = world.gateway

    async def end() -> None:
        await world.ledger.conn.execute(
            "update gateway.users set password_hash = null where id = %s", (ada.user_id,)
        )

    changing = replace(gateway, passwords=_Slow(end))
    client = client_of(create_app(changing, version="0"), dict(ada.http.headers))
    chosen = {"present": PASSWORD, "new": OWN}
    assert (await client.put("/api/me/password", json=chosen)).status_code == 403
    row = await (
        await world.ledger.conn.execute(
            "select password_hash from gateway.users where id = %s", (ada.user_id,)
        )
    ).fetchone()
    assert row is not None
    assert row["password_hash"] is None


async def test_who_forgot_their_password_chooses_another_one(world: World, ada: Tenant) -> None:
    """I7: by a link back, once their account has shown who they are; whoever knew the old one is
    out, and who has only the link chooses none.
    """
    mia = await with_password(world, ada)
    back = await joined(world, await invited(ada, user_id=str(mia.user_id)))
    await back.open("/me/password")
    await back.send("/me/password", 403, password=PASSWORD)
    await signs_in_again(world, back, "acc-mia")
    await back.open("/me/password")
    await back.send("/me/password", password=PASSWORD)
    assert (await back.http.get("/me")).status_code == 200
    assert (await mia.http.get("/api/me")).status_code == 401
    assert [await signs_in(world, one) for one in (OWN, PASSWORD)] == [401, 200]


async def test_who_lost_a_password_is_given_one_by_the_operator(world: World, ada: Tenant) -> None:
    """I7: a sole owner has nobody who could let them in: what was theirs ends, and they choose
    their own with what they are given.
    """
    gateway = world.gateway
    await give(
        gateway.database,
        gateway.passwords,
        world.clock,
        client_id=ada.client_id,
        email=ada.email,
        password=FIRST_PASSWORD,
    )
    assert (await ada.http.get("/api/me")).status_code == 401
    http = await world.signed_in(ada.email, FIRST_PASSWORD)
    chosen = {"present": FIRST_PASSWORD, "new": OWN}
    assert (await http.put("/api/me/password", json=chosen)).status_code == 204
    http = await world.signed_in(ada.email, OWN)
    told = [entry["action"] for entry in (await http.get("/api/audit")).json()["items"]]
    assert "user.password_given" in told


@pytest.mark.parametrize(
    ("email", "password"), [("nobody@example.com", FIRST_PASSWORD), ("ada@example.com", "short")]
)
async def test_the_operator_is_told_what_is_wrong(
    world: World, ada: Tenant, email: str, password: str
) -> None:
    """I7: nobody of that name, or a password that nobody may have: nothing is changed."""
    gateway = world.gateway
    with pytest.raises(ConfigurationError):
        await give(
            gateway.database,
            gateway.passwords,
            world.clock,
            client_id=ada.client_id,
            email=email,
            password=password,
        )
    assert (await ada.http.get("/api/me")).status_code == 200


async def test_who_is_deleted_is_named_in_no_old_row(world: World, ada: Tenant) -> None:
    """I7: the audit log keeps each fact, its time and its ids; of rows of long ago too it forgets
    name, e-mail address and where their requests came from, and of nobody else's.
    """
    here = await member_of(world, ada, email="mia@example.com", name="Mia Berg")
    mia = await _mia(ada)
    detail = '{"email": "mia@example.com", "name": "Mia Berg", "role": "member"}'
    other = '{"email": "noa@example.com", "name": "Noa"}'
    await world.ledger.conn.execute(
        "insert into gateway.audit_log"
        " (client_id, actor, actor_id, action, subject_id, detail, address)"
        " values (%(client)s, 'user:x', %(ada)s, 'user.added', %(mia)s, %(detail)s, '10.0.0.1'),"
        " (%(client)s, 'user:m', %(mia)s, 'pod.made', null, %(other)s, '10.0.0.9')",
        {
            "client": ada.client_id,
            "ada": ada.user_id,
            "mia": mia,
            "detail": detail,
            "other": other,
        },
    )
    await here.open("/me/delete")
    await here.send("/me/delete")
    cursor = await world.ledger.conn.execute(
        "select action, detail, address from gateway.audit_log"
    )
    rows = [(row["action"], row["detail"], row["address"]) for row in await cursor.fetchall()]
    assert ("user.added", {"role": "member"}, "10.0.0.1") in rows
    assert ("pod.made", {"email": "noa@example.com", "name": "Noa"}, None) in rows


async def test_nothing_else_of_the_audit_log_is_changed(world: World, ada: Tenant) -> None:
    """I7: the same door lets no other change through, whoever opens it."""
    await ada.post("/api/pods", {"name": "Pod"})
    conn = world.ledger.conn
    await conn.execute("set chorus.erasing = 'audit_log'")
    for change in (
        "update gateway.audit_log set actor = 'x'",
        """update gateway.audit_log set detail = '{"more": 1}'""",
        "update gateway.audit_log set address = '10.9.9.9'",
        "update gateway.audit_log set at = now()",
        "delete from gateway.audit_log",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            await conn.execute(change.encode())


class _Slow(Passwords):
    """Something happens after a password was found to fit, and before anything is opened by it."""

    def __init__(self, then: Callable[[], Awaitable[object]], *, memory_kib: int = 64) -> None:
        super().__init__(time_cost=1, memory_kib=memory_kib)
        self._then: Callable[[], Awaitable[object]] | None = then

    async def verify(self, password: str, digest: str | None) -> bool:
        fits = await super().verify(password, digest)
        then, self._then = (self._then, None) if fits else (None, self._then)
        if then is not None:
            await then()
        return fits


class _SlowToHash(Passwords):
    """Something happens after a new password was hashed, and before it is kept."""

    def __init__(self, then: Callable[[], Awaitable[object]]) -> None:
        super().__init__(time_cost=1, memory_kib=64)
        self._then = then

    async def hash(self, password: str) -> str:
        digest = await super().hash(password)
        await self._then()
        return digest


@pytest.mark.parametrize("memory_kib", [64, 128])
async def test_a_password_that_ends_while_it_is_verified_opens_nothing(
    world: World, ada: Tenant, memory_kib: int
) -> None:
    """I6: INVARIANT: nor does its digest come back because it was to be made anew."""

    async def end() -> None:
        await world.ledger.conn.execute(
            "update gateway.users set password_hash = null where id = %s", (ada.user_id,)
        )

    sign_in = _sign_in(world, _Slow(end, memory_kib=memory_kib))
    with pytest.raises(NotSignedIn):
        await sign_in.sign_in(email=ada.email, password=PASSWORD, address="10.0.0.1")
    cursor = await world.ledger.conn.execute(
        "select password_hash from gateway.users where id = %s", (ada.user_id,)
    )
    row = await cursor.fetchone()
    assert row is not None
    assert row["password_hash"] is None


async def test_two_who_make_a_digest_anew_are_both_let_in(world: World, ada: Tenant) -> None:
    """I6: the same password at two doors at once, as its digest is to have other parameters."""
    other = _sign_in(world, Passwords(time_cost=1, memory_kib=128))

    async def first() -> None:
        await other.sign_in(email=ada.email, password=PASSWORD, address="10.0.0.1")

    late = _sign_in(world, _Slow(first, memory_kib=128))
    signed_in = await late.sign_in(email=ada.email, password=PASSWORD, address="10.0.0.1")
    assert signed_in.tokens.refresh_token


def _sign_in(world: World, passwords: Passwords) -> SignIn:
    tokens = AccessTokens(SecretStr("s" * 32))
    return SignIn(world.gateway.database, passwords, tokens, world.clock, key=b"k" * 32)
