"""Inviting many by a CSV file (P8): all of it or nothing, and twice is once."""

import asyncio
import gc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chorus.process.service import collect_garbage_rarely
from chorus.testing.loop_probe import least_held
from chorus_gateway.actions import invitations
from chorus_gateway.actions.invitations import Guest
from tests.integration.gateway.conftest import Tenant, World, client_of

LIMIT = 0.050
CSV = {"content-type": "text/csv"}
TWO = b"email,name\r\nMia@Example.com,Mia Berg\r\nnoa@example.com,\r\n"


async def _pod(tenant: Tenant, name: str = "Two") -> str:
    return str((await tenant.post("/api/pods", {"name": name}))["id"])


async def _sent(
    tenant: Tenant, pod: str, body: bytes, headers: dict[str, str] | None = None, **query: Any
) -> httpx.Response:
    path = f"/api/pods/{pod}/members/import"
    return await tenant.http.post(path, content=body, headers=CSV | (headers or {}), params=query)


async def _imported(tenant: Tenant, pod: str, body: bytes, **query: Any) -> dict[str, Any]:
    answer = await _sent(tenant, pod, body, **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def _invited(tenant: Tenant) -> list[dict[str, Any]]:
    return list((await tenant.get("/api/invitations?limit=200"))["items"])


async def test_each_row_is_an_invitation_into_the_pod(world: World, ada: Tenant) -> None:
    """P8: no account and no consent; the link, shown once, is good for its person alone."""
    pod = await _pod(ada)
    made = await _imported(ada, pod, TWO, days=3)
    assert (made["invited"], made["rows"], made["sent"]) == (2, 2, False)
    mia, noa = made["items"]
    assert (mia["line"], mia["email"], mia["outcome"]) == (2, "mia@example.com", "invited")
    assert (noa["name"], noa["pod_id"]) == (None, pod)
    listed = {one["email"]: one for one in await _invited(ada)}
    assert {one["pod_id"] for one in listed.values()} == {pod}
    assert (await ada.get(f"/api/pods/{pod}/members"))["items"] == []
    token = mia["url"].rpartition("/")[2]
    guest = Guest(email="mia@example.com", name=None, address="192.0.2.7")
    assert await invitations.redeem(world.gateway, token, guest)
    kept = await world.ledger.everything()
    assert token.partition(".")[2] not in kept
    (noted,) = [e for e in (await ada.get("/api/audit"))["items"] if "imported" in e["action"]]
    assert noted["detail"] == {"invited": 2, "rows": 2}


async def test_the_same_file_twice_changes_nothing(world: World, ada: Tenant) -> None:
    """INVARIANT: neither one after the other, nor at once, nor after one of them came."""
    pod = await _pod(ada)
    answers = await asyncio.gather(*(_imported(ada, pod, TWO) for _ in range(3)))
    assert sorted(answer["invited"] for answer in answers) == [0, 0, 2]
    before = await _invited(ada)
    first = next(answer for answer in answers if answer["invited"])
    token = first["items"][0]["url"].rpartition("/")[2]
    guest = Guest(email="mia@example.com", name=None, address="192.0.2.7")
    await invitations.redeem(world.gateway, token, guest)
    again = await _imported(ada, pod, TWO)
    assert [row["outcome"] for row in again["items"]] == ["in_team", "already_invited"]
    assert [row["url"] for row in again["items"]] == [None, None]
    assert [one["id"] for one in await _invited(ada)] == [one["id"] for one in before]


async def test_a_repeated_answer_has_no_links(ada: Tenant) -> None:
    """The same Idempotency-Key: one effect and one answer; of links digests alone are kept."""
    pod = await _pod(ada)
    key = {"idempotency-key": "once"}
    first, again = [await _sent(ada, pod, TWO, key) for _ in range(2)]
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["invited"] == first.json()["invited"] == 2
    assert all(row["url"] for row in first.json()["items"])
    assert not any(row["url"] for row in again.json()["items"])


async def test_what_was_taken_back_is_not_given_again_by_a_list(world: World, ada: Tenant) -> None:
    """An admin's no stands; one that only expired is made anew."""
    pod = await _pod(ada)
    made = await _imported(ada, pod, TWO, days=1)
    await ada.http.delete(f"/api/invitations/{made['items'][0]['invitation_id']}")
    world.clock.advance(timedelta(minutes=10))
    again = await _imported(ada, pod, TWO)
    assert [row["outcome"] for row in again["items"]] == ["taken_back", "already_invited"]
    await world.ledger.conn.execute(
        "update gateway.invitations set expires_at = created_at where revoked_at is null"
    )
    again = await _imported(ada, pod, TWO)
    assert [row["outcome"] for row in again["items"]] == ["taken_back", "invited"]


async def test_a_dry_run_says_what_would_be(ada: Tenant) -> None:
    """Nothing is stored, and no link is made."""
    pod = await _pod(ada)
    told = await _imported(ada, pod, TWO, dry_run=True)
    assert (told["dry_run"], told["invited"]) == (True, 2)
    assert [(row["url"], row["invitation_id"]) for row in told["items"]] == [(None, None)] * 2
    assert await _invited(ada) == []


async def test_columns_are_found_or_named(ada: Tenant) -> None:
    """As Excel and address books write them; what is not used is named."""
    pod = await _pod(ada)
    excel = "Vorname;Nachname;E-Mail;Ort\r\nMía;Berg;mia@example.com;Köln\r\n"
    made = await _imported(ada, pod, excel.encode("utf-16"))
    assert (made["encoding"], made["delimiter"]) == ("utf-16", ";")
    assert made["ignored_columns"] == ["Ort"]
    assert made["items"][0]["name"] == "Mía Berg"
    named = b"who,where\nNoa,noa@example.com\n"
    made = await _imported(ada, pod, named, email_column="Where", name_column="who")
    assert (made["items"][0]["email"], made["items"][0]["name"]) == ("noa@example.com", "Noa")
    refused: dict[str, dict[str, Any]] = {
        "email_column": {},
        "names no column 'x'": {"email_column": "x"},
    }
    for said, query in refused.items():
        answer = await _sent(ada, pod, named, **query)
        assert answer.status_code == 422
        assert said in answer.json()["errors"][0]["detail"]


async def test_every_fault_is_told_and_nothing_is_done(ada: Tenant) -> None:
    """INVARIANT: all of a file or nothing; where and what, and no value."""
    pod = await _pod(ada)
    body = (
        b"email,name\nmia@example.com,Mia\nnowhere,Noa\nMIA@example.com,\n"
        b"kim@example.com,\xe2\x80\xae\nlee@example.com,Lee,x\n,Pat\n"
    )
    answer = await _sent(ada, pod, body)
    assert answer.status_code == 422
    problem = answer.json()
    places = [(each["line"], each["column"]) for each in problem["errors"]]
    assert places == [(3, "email"), (4, "email"), (5, "name"), (6, None), (7, "email")]
    assert problem["errors_in_all"] == 5
    assert problem["errors"][0]["pointer"] == "/body/lines/3/email"
    assert "stands in line 2" in problem["errors"][1]["detail"]
    assert "nowhere" not in answer.text
    assert await _invited(ada) == []


async def test_nothing_is_done_where_one_is_too_many(
    ada: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A team has so many invitations that wait, however they are made."""
    monkeypatch.setattr("chorus_gateway.actions.invitation_lists.MAX_OPEN", 1)
    answer = await _sent(ada, await _pod(ada), TWO)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_invitations")
    assert await _invited(ada) == []


async def test_who_may_not_invite_imports_nothing(world: World, ada: Tenant) -> None:
    """INVARIANT: no key, no member; and a file is CSV."""
    pod = await _pod(ada)
    mia = await world.person(ada, "mia", "member")
    key = await ada.post("/api/api-keys", {"name": "crm", "scopes": ["read", "write", "approve"]})
    by_key = client_of(world.app, {"authorization": f"Bearer {key['key']}"})
    for http in (mia.http, by_key):
        path = f"/api/pods/{pod}/members/import"
        answer = await http.post(path, content=TWO, headers=CSV)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    answer = await ada.http.post(f"/api/pods/{pod}/members/import", json={"email": "x"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert "text/csv" in answer.json()["detail"]
    answer = await ada.http.post("/api/pods", content=TWO, headers=CSV)
    assert answer.status_code == 415


@pytest.fixture
def as_in_a_process() -> Iterator[None]:
    """Garbage is collected as rarely as our processes do it."""
    thresholds = gc.get_threshold()
    collect_garbage_rarely()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


HOSTILE = {
    "quotes": b'"' * 1_000_000,
    "commas": b"email" + b"," * 1_000_000,
    "one open quote": b'email\n"' + b"x\n" * 500_000,
    "empty lines": b"email\n" + b"\n" * 1_000_000,
    "json": b"[" + b"0," * 500_000 + b"0]",
    "zeros": b"\0" * 1_000_000,
    "rows": b"email\n" + b"a@b.co\n" * 140_000,
    "faults": b"email,name\n" + b"x,y,z\n" * 1_000,
    "wide": b",".join(b"c%d" % n for n in range(50)) + (b"\n" + b"x," * 49) * 1_000,
}


@pytest.mark.usefixtures("as_in_a_process")
@pytest.mark.parametrize("name", HOSTILE)
async def test_no_file_holds_the_loop(ada: Tenant, name: str) -> None:
    """INVARIANT (D5): whatever a megabyte holds."""
    pod = await _pod(ada)
    headers = {"idempotency-key": "k"}

    async def send() -> None:
        assert (await _sent(ada, pod, HOSTILE[name], headers)).status_code == 422

    assert await least_held(send, below=LIMIT) < LIMIT


@pytest.mark.usefixtures("as_in_a_process")
async def test_a_thousand_rows_do_not_hold_the_loop(world: World, ada: Tenant) -> None:
    """INVARIANT (D5): made, answered, and repeated."""
    rows = b"".join(b"person%d@example.com,Person %d\n" % (n, n) for n in range(1_000))
    pod = await _pod(ada)
    made: list[int] = []

    async def send() -> None:
        await world.ledger.conn.execute("delete from gateway.invitations")
        made.append((await _imported(ada, pod, b"email,name\n" + rows))["invited"])

    assert await least_held(send, below=LIMIT) < LIMIT
    assert set(made) == {1_000}
