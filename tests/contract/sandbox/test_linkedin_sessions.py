"""Where sessions come from, and what every page checks of them."""

import httpx
import pytest

from chorus_sandbox.app import SESSION_KEY
from tests.integration.sandbox.driver import Driver
from tests.integration.sandbox.visitor import Visitor, fetch_session, page_path, path_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
KEY = {"X-API-KEY": SESSION_KEY}


async def test_a_session_has_the_four_cookies(driver: Driver) -> None:
    """P5: li_at is out of reach of scripts, the csrf token is not; all are secure."""
    session = await fetch_session(driver.client, "bob")

    cookies = {cookie["name"]: cookie for cookie in session["cookies"]}
    assert cookies.keys() == {"li_at", "JSESSIONID", "bcookie", "lidc"}
    assert {c["domain"] for c in cookies.values()} == {".linkedin.localhost"}
    assert all(c["secure"] and c["path"] == "/" for c in cookies.values())
    assert [name for name, c in cookies.items() if c["httpOnly"]] == ["li_at"]
    assert cookies["li_at"]["value"].startswith("AQED")
    assert cookies["JSESSIONID"]["value"].startswith("ajax:")
    assert "Chrome/" in session["user_agent"]


async def test_each_issue_has_values_of_its_own(driver: Driver) -> None:
    """Old sessions stay valid, and every secret is listed for whoever looks for leaks."""
    first = await Visitor.of(driver.client, "bob")
    second = await Visitor.of(driver.client, "bob")

    listed = (await driver.control("GET", "/sessions"))["items"]
    assert [item["cookies"] for item in listed] == [first.cookies, second.cookies]
    assert not set(first.cookies.values()) & set(second.cookies.values())
    assert first.user_agent == second.user_agent
    assert (await first.get("/feed/")).status_code == 200


async def test_who_asks_for_a_session_must_have_the_key(driver: Driver) -> None:
    """The unknown account is told to those alone who have it."""
    no_key = await driver.client.get("/sessions/bob", headers={"X-API-KEY": ""})
    wrong = await driver.client.get("/sessions/bob", headers={"X-API-KEY": "no"})
    unknown = await driver.client.get("/sessions/nobody", headers=KEY)
    posted = await driver.client.post("/sessions/bob", headers=KEY)

    answers = (no_key, wrong, unknown, posted)
    assert [answer.status_code for answer in answers] == [401, 401, 404, 405]


async def test_a_signed_out_account_has_no_session(driver: Driver) -> None:
    """Until its owner signs in again; the old session stays dead."""
    visitor = await Visitor.of(driver.client, "bob")

    assert await driver.control("POST", "/sessions/bob/revoke") == {"revoked": 1}
    refused = await driver.client.get("/sessions/bob", headers=KEY)
    assert (refused.status_code, refused.json()["error"]) == (409, "signed_out")
    assert (await visitor.get("/feed/")).headers["location"].startswith("/login?")

    await driver.control("POST", "/sessions/bob/restore")
    assert (await (await Visitor.of(driver.client, "bob")).get("/feed/")).status_code == 200
    assert (await visitor.get("/feed/")).status_code == 302


async def test_without_a_session_stands_the_auth_wall(driver: Driver) -> None:
    """An unknown cookie is one of a session that has ended."""
    post = await driver.post(text="Hello")
    visitor = await Visitor.of(driver.client, "bob")

    visitor.cookies["li_at"] = "AQED-unknown"
    unknown = await visitor.open(post)
    del visitor.cookies["li_at"]
    missing = await visitor.open(post)

    assert (missing.status_code, path_of(missing.headers["location"])) == (302, "/authwall")
    assert (unknown.status_code, path_of(unknown.headers["location"])) == (302, "/login")
    assert "li_at=delete me" in unknown.headers["set-cookie"]
    for location in (missing.headers["location"], unknown.headers["location"]):
        wall = await visitor.get(location)
        assert wall.status_code == 200
        assert 'action="/checkpoint/lg/login-submit"' in wall.text


async def test_a_session_is_tied_to_its_user_agent(driver: Driver) -> None:
    """Another one ends it at once and for good, and is counted."""
    visitor = await Visitor.of(driver.client, "bob")
    own = visitor.user_agent

    visitor.user_agent = "curl/8.0"
    assert path_of((await visitor.get("/feed/")).headers["location"]) == "/login"
    visitor.user_agent = own
    assert path_of((await visitor.get("/feed/")).headers["location"]) == "/login"

    site = await driver.control("GET", "/linkedin")
    assert site["accounts"]["bob"]["user_agent_mismatches"] == 1


@pytest.mark.parametrize("csrf", ["", "ajax:0"])
async def test_a_write_needs_the_csrf_token(driver: Driver, csrf: str) -> None:
    """The header must say what the cookie says, and both what was issued."""
    post = await driver.post(text="Hello")
    visitor = await Visitor.of(driver.client, "bob")

    refused = await visitor.repost(post, csrf=csrf)
    visitor.cookies["JSESSIONID"] = "ajax:0"
    other_cookie = await visitor.repost(post)

    assert (refused.status_code, refused.json()["code"]) == (403, "CSRF_FAILED")
    assert other_cookie.status_code == 403
    assert await driver.effects() == []


async def test_the_site_is_told_by_its_host(driver: Driver) -> None:
    """The other providers are not on it, and it is not on the usual address."""
    visitor = await Visitor.of(driver.client, "bob")
    post = await driver.post(text="Hello")

    assert (await visitor.get("/healthz")).status_code == 404
    assert (await visitor.get("/control/truth")).status_code == 404
    assert (await driver.client.get(page_path(post))).status_code == 404


async def test_a_wall_takes_no_answer(driver: Driver) -> None:
    """Nobody may solve a challenge here: who tries is counted."""
    host = {"host": "www.linkedin.localhost"}
    solved: httpx.Response = await driver.client.post("/checkpoint/challenge/verify", headers=host)

    assert solved.status_code == 403
    assert (await driver.control("GET", "/linkedin"))["requests"] == {"wall_submit": 1}
