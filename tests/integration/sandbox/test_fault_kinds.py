"""Each kind of fault, against a real client: what it sees, and what the truth says (E5, E6, E7)."""

import httpx
import pytest

from chorus_sandbox.server import SandboxServer
from chorus_sandbox.world.clock import MovableClock
from tests.integration.sandbox.driver import Driver, eventually, fresh_driver, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")
SHORT = httpx.Timeout(5, read=0.15)


async def likes(driver: Driver) -> int:
    return len(await driver.effects("?kind=like"))


@pytest.mark.parametrize(
    ("error_type", "status"),
    [
        ("too_many_requests", 429),
        ("limit_exceeded", 422),
        ("invalid_credentials", 401),
        ("insufficient_permissions", 403),
        ("provider_error", 500),
        ("service_unavailable", 503),
        ("request_timeout", 504),
    ],
)
async def test_status_gives_any_documented_error(
    driver: Driver, error_type: str, status: int
) -> None:
    """E6: every class can be provoked."""
    post = await driver.post()
    await driver.fault("status", type=error_type)
    assert problem(await driver.like("bob", post)) == (status, error_type)
    assert await likes(driver) == 0
    assert (await driver.like("bob", post)).status_code == 201


async def test_a_429_may_carry_retry_after(driver: Driver) -> None:
    """E7: a retry_after of the provider."""
    post = await driver.post()
    await driver.fault("status", type="too_many_requests", retry_after=42, times=2)
    await driver.fault("status", type="too_many_requests")
    answers = [await driver.like("bob", post) for _ in range(3)]
    assert [answer.headers.get("retry-after") for answer in answers] == ["42", "42", None]


async def test_a_504_may_come_after_the_effect(driver: Driver) -> None:
    """INVARIANT: an error on a write does not say that it had no effect (E5)."""
    post = await driver.post()
    await driver.fault("status", type="request_timeout", when="after")
    assert problem(await driver.like("bob", post)) == (504, "request_timeout")
    assert await likes(driver) == 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("checkpoint", (401, "checkpoint_error")),
        ("disconnected", (401, "disconnected_account")),
        ("restricted", (403, "account_restricted")),
        ("post_gone", (404, "resource_not_found")),
    ],
)
async def test_named_refusals(driver: Driver, kind: str, expected: tuple[int, str]) -> None:
    post = await driver.post()
    await driver.fault(kind, match={"account_id": "bob"})
    assert problem(await driver.like("bob", post)) == expected
    assert (await driver.like("ada", post)).status_code == 201
    refused = (await driver.control("GET", "/truth/refused"))["items"]
    assert [(item["account_id"], item["why"]) for item in refused] == [("bob", expected[1])]
    assert refused[0]["fault_id"] is not None


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
async def test_html_502_is_not_json(driver: Driver, when: str, effects: int) -> None:
    post = await driver.post()
    await driver.fault("html_502", when=when)
    response = await driver.like("bob", post)
    assert (response.status_code, response.headers["content-type"]) == (
        502,
        "text/html; charset=utf-8",
    )
    assert response.text.startswith("<html>")
    assert await likes(driver) == effects


@pytest.mark.parametrize(("kind", "effects"), [("timeout_before", 0), ("timeout_after", 1)])
async def test_no_answer_comes(driver: Driver, kind: str, effects: int) -> None:
    """E5: a time-out says nothing about the effect."""
    post = await driver.post()
    await driver.fault(kind)
    with pytest.raises(httpx.ReadTimeout):
        await driver.like("bob", post, timeout=SHORT)
    assert await likes(driver) == effects
    refused = (await driver.control("GET", "/truth/refused"))["items"]
    assert [item["why"] for item in refused] == ([kind] if effects == 0 else [])


@pytest.mark.parametrize(("kind", "effects"), [("reset_before", 0), ("reset_after", 1)])
async def test_the_connection_is_dropped(driver: Driver, kind: str, effects: int) -> None:
    post = await driver.post()
    await driver.fault(kind)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await driver.like("bob", post)
    assert await likes(driver) == effects


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
async def test_a_delay_lies_before_or_after_the_effect(
    driver: Driver, when: str, effects: int
) -> None:
    post = await driver.post()
    await driver.fault("delay", ms=3000, when=when)
    with pytest.raises(httpx.ReadTimeout):
        await driver.like("bob", post, timeout=SHORT)
    assert await likes(driver) == effects


async def test_a_delayed_answer_arrives(driver: Driver) -> None:
    post = await driver.post()
    await driver.fault("delay", ms=60)
    response = await driver.like("bob", post)
    assert response.status_code == 201
    assert response.elapsed.total_seconds() >= 0.06


async def test_a_late_effect_happens_though_the_client_has_gone(driver: Driver) -> None:
    """INVARIANT: an effect may come after its client gave up and looked (E5)."""
    post = await driver.post()
    await driver.fault("late_effect", ms=1000)
    with pytest.raises(httpx.ReadTimeout):
        await driver.like("bob", post, timeout=SHORT)
    assert await likes(driver) == 0
    await eventually(lambda: _has(driver, 1))


async def test_a_late_effect_may_be_answered_with_an_error_at_once(driver: Driver) -> None:
    post = await driver.post()
    await driver.fault("late_effect", ms=800, type="request_timeout")
    assert problem(await driver.like("bob", post)) == (504, "request_timeout")
    assert await likes(driver) == 0
    await eventually(lambda: _has(driver, 1))


async def test_a_late_effect_that_is_refused_is_recorded(driver: Driver) -> None:
    post = await driver.post()
    await driver.fault("late_effect", ms=300, type="request_timeout")
    await driver.like("bob", post)
    await driver.control("PATCH", f"/posts/{post['id']}", {"gone": True})

    async def refused() -> bool:
        return len((await driver.control("GET", "/truth/refused"))["items"]) == 1

    await eventually(refused)
    assert await likes(driver) == 0


async def _has(driver: Driver, count: int) -> bool:
    return await likes(driver) == count


async def test_malformed_json_comes_after_the_effect(driver: Driver) -> None:
    post = await driver.post()
    await driver.fault("malformed_json")
    response = await driver.comment("bob", post)
    assert response.status_code == 201
    with pytest.raises(ValueError, match=r"JSON|Expecting|Unterminated"):
        response.json()
    assert len(await driver.effects("?kind=comment")) == 1


async def test_the_next_reads_do_not_show_the_newest_write(driver: Driver) -> None:
    """E5: a look at a listing may come too early."""
    post = await driver.post()
    await driver.comment("ada", post, "first")
    await driver.comment("bob", post, "second")
    await driver.like("bob", post)
    await driver.fault("stale_reads", match={"route": "list_comments"}, times=2)
    path = f"/posts/{post['social_id']}/comments"
    seen = [
        [item["text"] for item in (await driver.get(path, account_id="bob")).json()["items"]]
        for _ in range(3)
    ]
    assert seen == [["first"], ["first"], ["second", "first"]]
    await driver.fault("stale_reads", match={"route": "get_post"})
    stale = (await driver.get(f"/posts/{post['id']}", account_id="bob")).json()
    fresh = (await driver.get(f"/posts/{post['id']}", account_id="bob")).json()
    assert ("user_reacted" in stale, stale["reaction_counter"]) == (False, 0)
    assert (fresh["user_reacted"], fresh["reaction_counter"]) == ("LIKE", 1)


async def test_a_write_can_stay_unseen_for_a_while() -> None:
    """E5: the listing has not caught up when the first look is taken."""
    clock = MovableClock()
    async with (
        SandboxServer(clock=clock) as server,
        httpx.AsyncClient(base_url=server.url, timeout=10) as client,
    ):
        driver = await fresh_driver(client)
        await driver.fault("stale_reads", ms=2000)
        await driver.repost("bob", await driver.post())
        path = f"/users/{(await driver.get('/users/me', account_id='bob')).json()['provider_id']}"
        seen = []
        for _ in range(3):
            response = await driver.get(f"{path}/posts", account_id="bob")
            seen.append(len(response.json()["items"]))
            clock.move(1.0)
    assert seen == [0, 0, 1]


async def test_latency_lies_around_the_effect(driver: Driver) -> None:
    post = await driver.post()
    await driver.control("POST", "/latency", {"ms": 80})
    response = await driver.like("bob", post)
    assert response.elapsed.total_seconds() >= 0.08
    await driver.control("POST", "/latency", {"ms": 0})


async def test_faults_are_listed_with_hits_and_removed(driver: Driver) -> None:
    post = await driver.post()
    fault = await driver.fault("html_502", times=-1, match={"route": "react"})
    for _ in range(3):
        await driver.like("bob", post)
    listed = (await driver.control("GET", "/faults"))["items"]
    assert [(item["id"], item["hits"], item["times_left"]) for item in listed] == [
        (fault["id"], 3, -1)
    ]
    await driver.control("DELETE", f"/faults/{fault['id']}")
    assert (await driver.like("bob", post)).status_code == 201
    assert (await driver.control("GET", "/faults"))["items"] == []
