"""Exports (A4, P8): all of it, page by page, for who may, and no cell is a formula."""

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chorus.testing.loop_probe import least_held
from chorus_gateway.api import exporting
from chorus_gateway.caller import Caller
from chorus_gateway.domain.exports import COLUMNS, PERSONAL
from chorus_gateway.store.activities import Filters
from tests.integration.gateway.conftest import (
    PASSWORD,
    Tenant,
    World,
    client_of,
    pod_with_member,
)

KINDS = ("members", "activities", "decisions")


async def _csv(http: httpx.AsyncClient, what: str, **query: Any) -> list[dict[str, str]]:
    answer = await http.get(f"/api/exports/{what}", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    text = answer.content.decode()
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


async def _activities(world: World, tenant: Tenant, n: int) -> dict[str, Any]:
    """A pod whose member has `n` activities, one decision each."""
    pod, account, member = await pod_with_member(tenant)
    rows = await world.ledger.conn.execute(
        "insert into scheduler.activities (id, client_id, post_id, pod_id, account_id, member_id,"
        " member_name, provider_account_id, platform, kind, lane, state, reason_code, reason, seed,"
        " scheduled_for, due_at, draft_text, correlation_id)"
        " select gen_random_uuid(), %s, gen_random_uuid(), %s, %s, %s, '=Ada', 'p', 'linkedin',"
        " 'like', 'api', 'scheduled', 'planned', 'Planned within the window.', 1,"
        " now() + n * interval '1 minute', now() + n * interval '1 minute', '=cmd|x', 'c'"
        " from generate_series(1, %s) n returning id",
        (tenant.client_id, pod["id"], account["id"], member["id"], n),
    )
    ids = [row["id"] for row in await rows.fetchall()]
    await world.ledger.conn.execute(
        "insert into scheduler.decisions (client_id, activity_id, account_id, kind, code, sentence,"
        " actor) select %s, id, %s, 'like', code, 'Planned within the window.', 'scheduler'"
        " from unnest(%s::uuid[]) id, unnest('{planned,put_off}'::text[]) code",
        (tenant.client_id, account["id"], ids),
    )
    return {"pod": pod, "account": account, "member": member, "ids": [str(one) for one in ids]}


async def test_all_of_it_comes_page_by_page(
    world: World, ada: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A4: nothing twice and nothing left out, whatever a page holds; CSV and JSON say the same."""
    made = await _activities(world, ada, 25)
    rows: list[dict[str, str]] = []
    for page in (1, 4, 25, 200):
        monkeypatch.setattr(exporting, "PAGE", page)
        monkeypatch.setattr(exporting, "_DECIDED", page)
        rows = await _csv(ada.http, "activities")
        assert sorted(row["id"] for row in rows) == sorted(made["ids"])
        decided = await _csv(ada.http, "decisions")
        assert [row["code"] for row in decided] == ["planned", "put_off"] * 25
        assert [row["activity_id"] for row in decided[::2]] == [row["id"] for row in rows]
    answer = await ada.get("/api/exports/activities?format=json")
    assert [row["id"] for row in answer["items"]] == [row["id"] for row in rows]
    assert list(answer["items"][0]) == list(rows[0]) == list(COLUMNS["activities"])
    (member,) = await _csv(ada.http, "members")
    assert (member["id"], member["kinds"]) == (made["member"]["id"], "comment like repost")


async def test_no_page_holds_the_loop(world: World, ada: Tenant) -> None:
    """INVARIANT (D5): a thousand activities with their decisions, in both forms."""
    await _activities(world, ada, 1_000)

    async def take() -> None:
        for what in ("activities", "decisions"):
            for form in ("csv", "json"):
                answer = await ada.http.get(f"/api/exports/{what}?format={form}")
                assert answer.status_code == 200

    assert await least_held(take, below=0.050) < 0.050


async def test_no_cell_is_a_formula_and_instants_are_utc(world: World, ada: Tenant) -> None:
    """INVARIANT: what a spreadsheet would run stands there as text."""
    await _activities(world, ada, 1)
    await world.ledger.conn.execute("update gateway.pod_members set name = '@SUM(1)'")
    (row,) = await _csv(ada.http, "activities")
    assert (row["draft_text"], row["member_name"]) == ("'=cmd|x", "'=Ada")
    assert row["scheduled_for"].endswith("Z")
    assert (row["executed_at"], row["verified"]) == ("", "false")
    (member,) = await _csv(ada.http, "members")
    assert member["name"] == "'@SUM(1)"
    (told,) = (await ada.get("/api/exports/activities?format=json"))["items"]
    assert (told["draft_text"], told["executed_at"]) == ("=cmd|x", None)
    assert told["scheduled_for"] == row["scheduled_for"]


async def test_filters_narrow(world: World, ada: Tenant) -> None:
    """As in the lists; what is unknown is refused."""
    made = await _activities(world, ada, 3)
    other = await _activities(world, ada, 2)
    rows = await _csv(ada.http, "activities", pod_id=made["pod"]["id"])
    assert {row["id"] for row in rows} == set(made["ids"])
    assert len(await _csv(ada.http, "decisions", account_id=other["account"]["id"])) == 4
    assert await _csv(ada.http, "activities", state="executed") == []
    assert len(await _csv(ada.http, "members", pod_id=other["pod"]["id"])) == 1
    assert await _csv(ada.http, "members", active="false") == []
    late = (world.clock.now() + timedelta(days=3650)).isoformat()
    assert await _csv(ada.http, "decisions", **{"from": late}) == []
    for query in ({"format": "xls"}, {"stat": "executed"}):
        assert (await ada.http.get("/api/exports/activities", params=query)).status_code == 422


async def test_nothing_of_another_team_is_exported(world: World, ada: Tenant, bob: Tenant) -> None:
    """INVARIANT (P10): with its ids named, and without."""
    made = await _activities(world, ada, 3)
    for what in KINDS:
        assert await _csv(bob.http, what) == []
    for name in ("pod_id", "account_id", "member_id"):
        found = made[name.removesuffix("_id")]["id"]
        for what in ("activities", "decisions"):
            assert await _csv(bob.http, what, **{name: found}) == []
    answer = await bob.http.get(f"/api/exports/members?pod_id={made['pod']['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "pod_not_found")


async def test_personal_columns_are_for_who_manages(world: World, ada: Tenant) -> None:
    """INVARIANT: names and texts leave in no export of who only reads; each is written down."""
    await _activities(world, ada, 1)
    mia = await world.person(ada, "mia", "member")
    key = await ada.post("/api/api-keys", {"name": "bi", "scopes": ["read"]})
    reader = client_of(world.app, {"authorization": f"Bearer {key['key']}"})
    for what in KINDS:
        for http in (mia.http, reader):
            (row, *_) = await _csv(http, what)
            assert PERSONAL.isdisjoint(row)
        (row, *_) = await _csv(ada.http, what)
        assert PERSONAL.intersection(COLUMNS[what]) <= set(row)  # type: ignore[index]
    noted = [
        entry
        for entry in (await ada.get("/api/audit"))["items"]
        if entry["action"] == "export.begun"
    ]
    assert len(noted) == 9
    assert {entry["detail"]["personal"] for entry in noted} == {True, False}
    assert f"key:{key['id']}" in {entry["actor"] for entry in noted}


async def test_what_takes_too_long_is_broken_off(
    world: World, ada: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part is never taken for the whole: the answer ends without its end."""
    await _activities(world, ada, 5)
    monkeypatch.setattr(exporting, "PAGE", 2)
    monkeypatch.setattr(exporting, "SECONDS", -1.0)
    transport = httpx.ASGITransport(world.app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        http.headers.update(ada.http.headers)
        with pytest.raises(exporting.ExportBrokenOffError):
            await http.get("/api/exports/activities?format=json")


async def test_who_is_out_takes_nothing_more_along(
    world: World, ada: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT (I6): asked again for each page; a session that ends meanwhile ends the export."""
    await _activities(world, ada, 5)
    monkeypatch.setattr(exporting, "PAGE", 2)
    principal = await world.gateway.authenticator.principal(ada.http.headers["authorization"])
    caller = Caller(principal=principal, address=None, gateway=world.gateway)
    pages = exporting.ActivityPages(filters=Filters())
    answer = await exporting.stream(caller, "activities", pages, "csv")
    taken = aiter(answer.body_iterator)
    assert [len(await anext(taken)) > 100 for _ in range(3)] == [True] * 3
    changed = {"present": PASSWORD, "new": "another horse battery"}
    assert (await ada.http.put("/api/me/password", json=changed)).status_code == 204
    with pytest.raises(exporting.ExportBrokenOffError):
        await anext(taken)
