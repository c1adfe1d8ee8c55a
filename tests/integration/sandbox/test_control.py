"""The control API: making the world, and reading the truth."""

from typing import Any

import pytest

from tests.integration.sandbox.driver import Driver

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_page_explains_and_names_every_route(driver: Driver) -> None:
    page = (await driver.client.get("/control")).text
    for word in ("late_effect", "stale_reads", "POST /control/hold-points", "create_post", "voice"):
        assert word in page
    assert (await driver.client.get("/healthz")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("/faults", {"kind": "explode"}, "kind"),
        ("/faults", {}, "kind"),
        ("/faults", {"kind": "status"}, "type"),
        ("/faults", {"kind": "status", "type": "too_many"}, "type"),
        ("/faults", {"kind": "html_502", "tmes": 2}, "tmes"),
        ("/faults", {"kind": "html_502", "match": {"rout": "react"}}, "match.rout"),
        ("/faults", {"kind": "html_502", "match": {"route": "reacts"}}, "match.route"),
        ("/faults", {"kind": "html_502", "match": "react"}, "match"),
        ("/faults", {"kind": "html_502", "times": -2}, "times"),
        ("/faults", {"kind": "html_502", "probability": 1.5}, "probability"),
        ("/faults", {"kind": "html_502", "type": "too_many_requests"}, "type"),
        ("/faults", {"kind": "delay"}, "ms"),
        ("/faults", {"kind": "html_502", "ms": 5}, "ms"),
        ("/faults", {"kind": "delay", "ms": 120_001}, "ms"),
        ("/faults", {"kind": "reset_before", "when": "after"}, "before"),
        ("/hold-points", {"when": "between"}, "when"),
        ("/latency", {}, "ms"),
        ("/accounts", {"status": "FINE"}, "status"),
        ("/accounts", {"count": 0}, "count"),
        ("/posts", {"text": "nobody's"}, "account_id"),
        ("/settings", {"strict": "no"}, "strict"),
    ],
)
async def test_a_mistake_is_refused_and_named(
    driver: Driver, path: str, body: dict[str, Any], word: str
) -> None:
    """A misspelt fault that never strikes would make a test pass for nothing."""
    response = await driver.client.post(f"/control{path}", json=body)
    assert response.status_code == 400
    assert word in response.json()["error"]
    assert (await driver.control("GET", "/faults"))["items"] == []


async def test_broken_bodies_and_unknown_routes(driver: Driver) -> None:
    for content in (b"{", b"[]"):
        response = await driver.client.post("/control/faults", content=content)
        assert response.status_code == 400
    for path in ("/control/nothing", "/nothing", "/control/hold-points/hold-point-9/wait"):
        assert (await driver.client.get(path)).status_code == 404


async def test_an_id_is_taken_once(driver: Driver) -> None:
    for body in ({"id": "ada"}, {"id": "new", "public_identifier": "ada-byron"}):
        response = await driver.client.post("/control/accounts", json=body)
        assert response.status_code == 409


async def test_many_accounts_and_posts_at_once(driver: Driver) -> None:
    accounts = await driver.control("POST", "/accounts", {"count": 3, "id_prefix": "m"})
    assert [item["id"] for item in accounts["items"]] == ["m-1", "m-2", "m-3"]
    posts = (await driver.post(count=4))["items"]
    assert len({item["social_id"] for item in posts}) == 4
    assert len((await driver.control("GET", "/posts"))["items"]) == 4


async def test_what_is_seeded_is_not_in_the_truth(driver: Driver) -> None:
    post = await driver.post()
    await driver.control("POST", f"/posts/{post['id']}/comments", {"name": "Eve", "text": "Hi"})
    assert await driver.effects() == []


async def test_the_truth_is_filtered_and_paged(driver: Driver) -> None:
    one, two = await driver.post(), await driver.post()
    for post in (one, two):
        for name in ("ada", "bob"):
            await driver.like(name, post)
    await driver.comment("bob", two)
    assert [e["seq"] for e in await driver.effects("?kind=comment")] == [5]
    assert [e["seq"] for e in await driver.effects("?account_id=bob")] == [2, 4, 5]
    assert [e["seq"] for e in await driver.effects(f"?post_id={two['id']}")] == [3, 4, 5]
    first = await driver.control("GET", "/truth?limit=2")
    rest = await driver.control("GET", f"/truth?since={first['next_since']}")
    assert [e["seq"] for e in first["effects"] + rest["effects"]] == [1, 2, 3, 4, 5]
    assert rest["next_since"] is None
    times = [e["at_monotonic"] for e in rest["effects"]]
    assert times == sorted(times)
    response = await driver.client.get("/control/truth?kinds=like")
    assert response.status_code == 400


async def test_the_summary_counts_by_account(driver: Driver) -> None:
    post = await driver.post()
    await driver.like("ada", post)
    await driver.repost("bob", post)
    summary = await driver.control("GET", "/truth/summary")
    assert summary["counts"] == {"like": 1, "repost": 1}
    assert summary["by_account"] == {"ada": {"like": 1}, "bob": {"repost": 1}}
    assert summary["doubles"] == []


async def test_a_reset_forgets_everything(driver: Driver) -> None:
    await driver.like("bob", await driver.post())
    await driver.fault("html_502", times=-1)
    await driver.control("POST", "/latency", {"ms": 1000})
    await driver.control("POST", "/reset")
    assert (await driver.control("GET", "/truth/summary"))["total"] == 0
    assert (await driver.control("GET", "/accounts"))["items"] == []
    response = await driver.get("/accounts")
    assert (response.status_code, response.json()["items"]) == (200, [])
