"""Every state of LinkedIn's pages on demand, as HTTP shows it."""

import asyncio

import httpx
import pytest

from tests.integration.sandbox.driver import Driver, Json, eventually
from tests.integration.sandbox.visitor import Visitor, boot_of, path_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
PAGE = {"route": "post_page"}
WRITE = {"route": "repost"}


async def _why(driver: Driver) -> list[str]:
    refused: list[Json] = (await driver.control("GET", "/truth/refused"))["items"]
    return [item["why"] for item in refused]


@pytest.mark.parametrize(
    ("kind", "fields", "status", "mark"),
    [
        ("bot_999", {}, 999, "999"),
        ("throttled", {"retry_after": 30}, 429, "429"),
        ("status", {"type": "service_unavailable"}, 503, "503"),
        ("status", {"type": "unexpected_error"}, 500, "500"),
        ("html_502", {}, 502, "502 Bad Gateway"),
        ("tombstone", {}, 200, "<title>This post cannot be displayed</title>"),
        ("post_gone", {}, 200, "<title>This post cannot be displayed</title>"),
        ("checkpoint_in_place", {}, 200, 'action="/checkpoint/challenge/verify"'),
        ("malformed_json", {}, 200, "<!DOCTYPE html>"),
    ],
)
async def test_what_a_page_answers(
    driver: Driver, kind: str, fields: Json, status: int, mark: str
) -> None:
    """P6: each on the next page load only, then the post is there again."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await driver.fault(kind, match=PAGE, **fields)

    page = await visitor.open(post)
    assert (page.status_code, mark in page.text) == (status, True)
    assert page.headers.get("retry-after") == ("30" if kind == "throttled" else None)
    await driver.control("POST", "/accounts/bob/clear-challenge")
    assert boot_of((await visitor.open(post)).text)["words"]["repost"] == "Repost"


@pytest.mark.parametrize(
    ("kind", "path", "stays"),
    [
        ("checkpoint", "/checkpoint/challenge/", True),
        ("restricted", "/checkpoint/challengesV2/", False),
        ("authwall", "/authwall", False),
        ("login", "/login", False),
        ("disconnected", "/login", True),
    ],
)
async def test_where_a_page_is_sent(driver: Driver, kind: str, path: str, stays: bool) -> None:
    """P6: the walls are plain pages with status 200; a challenge stays until it is cleared."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await driver.fault(kind, match=PAGE)

    answer = await visitor.open(post)
    assert answer.status_code == 302
    assert path_of(answer.headers["location"]).startswith(path)
    wall = await visitor.get(answer.headers["location"])
    assert (wall.status_code, "/login" in wall.text) == (200, True)
    assert (await visitor.open(post)).status_code == (302 if stays else 200)


async def test_a_challenge_stays_until_it_is_cleared(driver: Driver) -> None:
    """For every page and script of that account, and for no other; once counted."""
    post = await driver.post(text="One")
    bob = await Visitor.of(driver.client, "bob")
    ada = await Visitor.of(driver.client, "ada")
    await driver.control("POST", "/accounts/bob/challenge")

    location = (await bob.open(post)).headers["location"]
    write = await bob.repost(post)
    assert bob.cookies["JSESSIONID"].replace(":", "%3A") in location.partition("ct=")[2]
    assert (write.status_code, write.json()["location"][:22]) == (401, "/checkpoint/challenge/")
    assert (await ada.open(post)).status_code == 200
    site = await driver.control("GET", "/linkedin")
    assert (site["challenged"], site["accounts"]["bob"]["challenges"]) == (["bob"], 1)

    await driver.control("POST", "/accounts/bob/clear-challenge")
    assert (await bob.open(post)).status_code == 200
    assert await driver.effects() == []


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("authwall", 302),
        ("login", 302),
        ("restricted", 302),
        ("bot_999", 999),
        ("throttled", 429),
        ("unavailable", 503),
    ],
)
async def test_an_account_may_be_in_a_state_for_good(
    driver: Driver, state: str, status: int
) -> None:
    """P6: until `normal` is set again."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await driver.control("PATCH", "/accounts/bob", {"web_state": state})
    assert [(await visitor.open(post)).status_code for _ in range(2)] == [status, status]

    await driver.control("PATCH", "/accounts/bob", {"web_state": "normal"})
    assert (await visitor.open(post)).status_code == 200


@pytest.mark.parametrize(
    ("twist", "state"),
    [("not_permitted", "closed"), ("already_reposted", "reposted"), ("layout_changed", "changed")],
)
async def test_a_twist_of_the_page_holds_for_its_scripts(
    driver: Driver, twist: str, state: str
) -> None:
    """P6: struck once, at the page; on the post itself it holds until it is taken back."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await driver.fault(twist, match=PAGE)

    struck, usual = [boot_of((await visitor.open(post)).text)["page"] for _ in range(2)]
    assert await visitor.bar(post, page=struck) == state
    assert await visitor.bar(post, page=usual) == "open"

    await driver.control("PATCH", f"/posts/{post['id']}", {"twist": twist})
    assert [await visitor.bar(post) for _ in range(2)] == [state, state]
    await driver.control("PATCH", f"/posts/{post['id']}", {"twist": "none"})
    assert await visitor.bar(post) == "open"


async def test_a_blank_page_has_no_scripts_that_work(driver: Driver) -> None:
    """P6: no post, no control; the script's address answers 404."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await driver.fault("blank", match=PAGE)

    page = (await visitor.open(post)).text
    assert post["urns"]["activity"] not in page
    assert (await visitor.get("/static/gone/core.js")).status_code == 404
    assert "/static/gone/core.js" in page


async def test_a_toast_that_lies(driver: Driver) -> None:
    """INVARIANT: the site says success and links to a repost; the truth has none, and says why."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await driver.fault("toast_lies", match=WRITE)

    toast = (await visitor.repost(post, "So true")).json()["data"]["createShare"]["toast"]
    assert toast["text"] == "Repost successful."
    assert "This post cannot be displayed" in (await visitor.get(toast["link"]["href"])).text
    assert (await driver.effects(), await _why(driver)) == ([], ["toast_lies"])
    assert await visitor.bar(post) == "open"


async def test_a_toast_that_is_missing(driver: Driver) -> None:
    """The effect is there all the same; struck at the page, it holds for its write."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await driver.fault("toast_missing", match=PAGE)

    page = boot_of((await visitor.open(post)).text)["page"]
    share = (await visitor.repost(post, page=page)).json()["data"]["createShare"]
    assert (share["silent"], "toast" in share) == (True, False)
    assert len(await driver.effects()) == 1


@pytest.mark.parametrize(
    ("kind", "status", "effects"),
    [
        ("checkpoint", 401, 0),
        ("login", 401, 0),
        ("throttled", 429, 0),
        ("bot_999", 999, 0),
        ("html_502", 502, 0),
        ("already_reposted", 200, 0),
        ("not_permitted", 200, 0),
        ("tombstone", 200, 0),
        ("malformed_json", 200, 1),
    ],
)
async def test_what_a_write_answers(driver: Driver, kind: str, status: int, effects: int) -> None:
    """P6: what is refused is told apart in the truth."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await driver.fault(kind, match=WRITE)

    answer = await visitor.repost(post)
    assert answer.status_code == status
    assert len(await driver.effects()) == effects
    assert len(await _why(driver)) == 1 - effects
    if status == 200 and not effects:
        assert answer.json()["errors"]


@pytest.mark.parametrize(
    ("kind", "effects"),
    [("timeout_before", 0), ("timeout_after", 1), ("reset_before", 0), ("reset_after", 1)],
)
async def test_a_write_without_an_answer(driver: Driver, kind: str, effects: int) -> None:
    """E2: the effect is there or not; the client cannot tell."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await driver.fault(kind, match=WRITE)

    with pytest.raises(httpx.TransportError):
        async with asyncio.timeout(5):
            await _impatient(visitor, post)
    assert len(await driver.effects()) == effects


async def _impatient(visitor: Visitor, post: Json) -> None:
    client = visitor._client
    async with httpx.AsyncClient(base_url=client.base_url, timeout=0.3) as impatient:
        hurried = Visitor(impatient, {"cookies": [], "user_agent": visitor.user_agent})
        hurried.cookies = visitor.cookies
        await hurried.repost(post)


async def test_a_gate_holds_a_repost_between_its_effect_and_its_answer(driver: Driver) -> None:
    """E2: whoever is killed meanwhile finds the repost when it looks again."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    point = await driver.hold_point("after", **WRITE)

    held = asyncio.create_task(visitor.repost(post))
    await driver.control("GET", f"/hold-points/{point}/wait?timeout_ms=5000")
    assert await visitor.bar(post) == "reposted"
    assert not held.done()
    await driver.control("POST", f"/hold-points/{point}/release")
    assert (await held).status_code == 200


async def test_a_slow_page_and_a_late_effect(driver: Driver) -> None:
    """The usual kinds work here as well."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await driver.fault("delay", ms=80, match=PAGE)
    await driver.fault("late_effect", ms=80, type="service_unavailable", match=WRITE)

    assert (await visitor.open(post)).elapsed.total_seconds() >= 0.08
    assert (await visitor.repost(post)).status_code == 503

    async def landed() -> bool:
        return len(await driver.effects()) == 1

    await eventually(landed)


async def test_the_open_connection_ends_with_its_client_alone(driver: Driver) -> None:
    """So that no page ever comes to rest on the network; it counts as `realtime`."""
    host = {"host": "www.linkedin.localhost"}
    with pytest.raises(httpx.ReadTimeout):
        await driver.client.get("/realtime/connect", headers=host, timeout=0.2)
    assert (await driver.control("GET", "/linkedin"))["requests"] == {"realtime": 1}


async def test_faults_of_the_site_leave_the_other_provider_alone(driver: Driver) -> None:
    """And those of Unipile's own types leave the site alone: they wait for a call that fits."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    for kind in ("toast_lies", "authwall"):
        await driver.fault(kind)
    await driver.fault("status", type="no_client_session")

    assert (await visitor.get("/feed/")).headers["location"].startswith("/authwall")
    assert (await visitor.open(post)).status_code == 200
    refused = await driver.like("bob", post)
    assert (refused.status_code, refused.json()["type"]) == (503, "errors/no_client_session")


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "tombstoned"},
        {"kind": "tombstone", "match": {"route": "post-page"}},
        {"kind": "toast_lies", "when": "after"},
        {"kind": "blank", "ms": 5},
        {"kind": "authwall", "type": "login_required"},
        {"kind": "status", "type": "login"},
    ],
)
async def test_a_misspelt_fault_is_refused(driver: Driver, fault: Json) -> None:
    """A test that injects nothing would prove nothing."""
    answer = await driver.client.post("/control/faults", json=fault)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/linkedin", {"front_end": "ember"}),
        ("/linkedin", {"tombstone_forms": "share"}),
        ("/linkedin", {"actions_delay_ms": 600_000}),
        ("/accounts/bob", {"web_state": "checkpoint"}),
        ("/accounts/bob", {}),
    ],
)
async def test_a_misspelt_setting_is_refused(driver: Driver, path: str, change: Json) -> None:
    """With its name."""
    answer = await driver.client.patch(f"/control{path}", json=change)
    assert answer.status_code == 400
