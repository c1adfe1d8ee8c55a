"""LinkedIn's pages in a real Chromium, walked by hand: what a page object can rely on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from chorus_browser_repost.pool.chromium import find, may_use_sandbox
from chorus_sandbox.server import SandboxServer
from tests.integration.sandbox.driver import Driver, Json
from tests.integration.sandbox.visitor import fetch_session, page_path

pytestmark = pytest.mark.asyncio(loop_scope="module")
FRONT_ENDS = pytest.mark.parametrize("front_end", ["artdeco", "hashed"])
TIMEOUT_MS = 8_000
# Nothing but the site is asked for. Unlike the pool's, this browser loads images.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find(None), args=QUIET, chromium_sandbox=may_use_sandbox()
        )
        try:
            yield browser
        finally:
            await browser.close()


class Walker:
    """One account's browser context on the site."""

    def __init__(self, page: Page, driver: Driver, server: SandboxServer) -> None:
        self.page = page
        self.driver = driver
        self.url = server.linkedin_url

    async def open(self, post: Json) -> Locator:
        """The post's own update, which is the only one to act on."""
        await self.page.goto(self.url + page_path(post), wait_until="commit")
        return self.update(post)

    def update(self, post: Json) -> Locator:
        return self.page.locator(f'main [data-urn="{post["urns"]["activity"]}"]')

    async def menu(self, update: Locator, trigger: str = "Repost") -> Locator:
        await update.get_by_role("button", name=trigger, exact=True).click()
        menu = update.locator('.artdeco-dropdown__content--is-open, [role="menu"]')
        await menu.wait_for()
        return menu

    @staticmethod
    def item(menu: Locator, name: str) -> Locator:
        button = menu.get_by_role("button", name=name, exact=True)
        return button.or_(menu.get_by_role("menuitem", name=name, exact=True))

    async def repost(self, post: Json) -> Locator:
        update = await self.open(post)
        await self.item(await self.menu(update), "Repost").click()
        return update

    async def effects(self) -> list[tuple[str, str, str]]:
        return [(e["account_id"], e["post_id"], e["text"]) for e in await self.driver.effects()]


class Entrance:
    """Lets walkers in."""

    def __init__(self, chromium: Browser, driver: Driver, server: SandboxServer) -> None:
        self._chromium = chromium
        self._driver = driver
        self._server = server

    @asynccontextmanager
    async def __call__(self, front_end: str = "artdeco", **cookies: str) -> AsyncIterator[Walker]:
        await self._driver.control("PATCH", "/linkedin", {"front_end": front_end})
        session = await fetch_session(self._driver.client, "bob")
        context = await self._chromium.new_context(user_agent=session["user_agent"])
        context.set_default_timeout(TIMEOUT_MS)
        place = {"domain": ".linkedin.localhost", "path": "/"}
        extra = [{"name": name, "value": value, **place} for name, value in cookies.items()]
        try:
            await context.add_cookies(session["cookies"] + extra)
            yield Walker(await context.new_page(), self._driver, self._server)
        finally:
            await context.close()


@pytest.fixture
def walk(chromium: Browser, driver: Driver, server: SandboxServer) -> Entrance:
    return Entrance(chromium, driver, server)


@FRONT_ENDS
async def test_an_instant_repost(walk: Entrance, driver: Driver, front_end: str) -> None:
    """K4: button, menu, item, toast; the control says so at once and after a reload."""
    await driver.post(text="Another")
    post = await driver.post(text="The one")
    async with walk(front_end) as walker:
        update = await walker.repost(post)

        await expect(walker.page.get_by_role("alert")).to_contain_text("Repost successful.")
        done = update.get_by_role("button", name="Reposted", exact=True)
        await expect(done).to_have_attribute("aria-pressed", "true")
        menu = await walker.menu(await walker.open(post), "Reposted")
        await expect(update.get_by_text("You reposted this", exact=True)).to_be_visible()
        await expect(walker.item(menu, "Undo repost")).to_be_visible()
        await expect(walker.item(menu, "Repost")).to_have_count(0)
        assert await walker.effects() == [("bob", post["social_id"], "")]


@FRONT_ENDS
async def test_a_repost_with_thoughts(walk: Entrance, driver: Driver, front_end: str) -> None:
    """K4: the composer's button waits for a text; the toast leads to the new post."""
    post = await driver.post(text="The one")
    async with walk(front_end) as walker:
        menu = await walker.menu(await walker.open(post))
        await walker.item(menu, "Repost with your thoughts").click()
        dialog = walker.page.get_by_role("dialog")
        submit = dialog.get_by_role("button", name="Post", exact=True)
        await expect(submit).to_be_disabled()
        await dialog.get_by_role("textbox").fill("So true, é and more")
        await submit.click()

        await walker.page.get_by_role("link", name="View post", exact=True).click()
        await expect(walker.page.get_by_text("So true, é and more", exact=True)).to_be_visible()
        await expect(walker.update(post)).to_be_visible()
        assert "/feed/update/urn:li:share:" in walker.page.url
        assert await walker.effects() == [("bob", post["social_id"], "So true, é and more")]


@FRONT_ENDS
async def test_the_control_comes_late_and_has_namesakes(
    walk: Entrance, driver: Driver, front_end: str
) -> None:
    """P6: before its scripts are done the page has no control; then it has those of others too."""
    await driver.post(text="Another")
    post = await driver.post(text="The one")
    point = await driver.hold_point("before", route="action_bar")
    async with walk(front_end) as walker:
        update = await walker.open(post)
        await driver.control("GET", f"/hold-points/{point}/wait?timeout_ms=5000")
        trigger = update.get_by_role("button", name="Repost", exact=True)
        await expect(trigger).to_have_count(0)
        await driver.control("POST", f"/hold-points/{point}/release")

        await expect(trigger).to_have_count(1)
        anywhere = walker.page.get_by_role("button", name="Repost")
        assert await anywhere.count() > await trigger.count()
        named_alike = walker.page.get_by_role("button", name="Repost", exact=True)
        assert await named_alike.count() == 2


async def test_secure_cookies_go_over_loopback(walk: Entrance, driver: Driver) -> None:
    """P5: the host counts as trustworthy; scripts see the csrf token, never li_at."""
    post = await driver.post(text="The one")
    async with walk() as walker:
        await expect(await walker.open(post)).to_be_visible()
        (session,) = (await driver.control("GET", "/sessions"))["items"]
        seen: str = await walker.page.evaluate("document.cookie")

        assert await walker.page.evaluate("window.isSecureContext") is True
        assert f"JSESSIONID={session['cookies']['JSESSIONID']}" in seen
        assert "li_at" not in seen


@FRONT_ENDS
async def test_a_page_never_comes_to_rest(walk: Entrance, driver: Driver, front_end: str) -> None:
    """P6: who waits for an idle network waits in vain. Nothing leaves the site's host."""
    post = await driver.post(text="The one")
    async with walk(front_end) as walker:
        hosts: set[str | None] = set()
        walker.page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        update = await walker.open(post)
        await expect(update.get_by_role("button", name="Repost", exact=True)).to_be_visible()
        with pytest.raises(PlaywrightTimeoutError):
            await walker.page.wait_for_load_state("networkidle", timeout=1_500)

        counted = (await driver.control("GET", "/linkedin"))["requests"]
        assert {"image", "media", "tracker", "stylesheet", "realtime"} <= counted.keys()
        assert hosts == {"www.linkedin.localhost"}


@FRONT_ENDS
async def test_what_is_refused_after_the_click(
    walk: Entrance, driver: Driver, front_end: str
) -> None:
    """P6: the page says why, the control stays as it was."""
    post = await driver.post(text="The one")
    await driver.fault("not_permitted", match={"route": "repost"})
    await driver.fault("html_502", match={"route": "repost"})
    async with walk(front_end) as walker:
        for text in ("be reposted.", "Something went wrong. Please try again."):
            update = await walker.repost(post)
            await expect(walker.page.get_by_role("alert")).to_contain_text(text)
            await expect(update.get_by_role("button", name="Repost", exact=True)).to_be_visible()
        assert await walker.effects() == []


@FRONT_ENDS
async def test_a_challenge_after_the_click(walk: Entrance, driver: Driver, front_end: str) -> None:
    """P6: the page's own scripts lead to the checkpoint, with the csrf token in the address."""
    post = await driver.post(text="The one")
    await driver.fault("checkpoint", match={"route": "repost"})
    async with walk(front_end) as walker:
        await walker.repost(post)
        await walker.page.wait_for_url("**/checkpoint/challenge/**")

        assert "ct=ajax" in walker.page.url
        assert await walker.page.title() == "Security Verification | LinkedIn"
        assert await walker.effects() == []


@FRONT_ENDS
async def test_a_changed_layout_has_no_control_of_the_old_name(
    walk: Entrance, driver: Driver, front_end: str
) -> None:
    """P6: the bar is there, the control is something else; the namesakes beside it are not."""
    await driver.post(text="Another")
    post = await driver.post(text="The one")
    await driver.fault("layout_changed", match={"route": "post_page"})
    async with walk(front_end) as walker:
        update = await walker.open(post)
        await expect(update.get_by_text("Amplify now", exact=True)).to_be_visible()

        assert await update.get_by_role("button", name="Repost", exact=True).count() == 0
        assert await walker.page.get_by_role("button", name="Repost", exact=True).count() == 1


@FRONT_ENDS
async def test_a_closed_post(walk: Entrance, driver: Driver, front_end: str) -> None:
    """P6: no control in one front end, one that cannot be pressed in the other."""
    post = await driver.post(text="The one")
    await driver.control("PATCH", f"/posts/{post['id']}", {"can_share": False})
    async with walk(front_end) as walker:
        update = await walker.open(post)
        await expect(update.get_by_text("Send", exact=True)).to_be_visible()

        enabled = update.get_by_role("button", name="Repost", exact=True, disabled=False)
        assert await enabled.count() == 0


@FRONT_ENDS
async def test_the_language_can_be_forced(walk: Entrance, driver: Driver, front_end: str) -> None:
    """P6: a German account, with and without the cookie that asks for English."""
    post = await driver.post(text="The one")
    await driver.control("PATCH", "/accounts/bob", {"language": "de"})
    async with walk(front_end) as walker:
        update = await walker.open(post)
        menu = await walker.menu(update, "Reposten")
        await expect(walker.item(menu, "Mit eigenen Gedanken reposten")).to_be_visible()
    async with walk(front_end, lang="v=2&lang=en-us") as walker:
        menu = await walker.menu(await walker.open(post))
        await expect(walker.item(menu, "Repost with your thoughts")).to_be_visible()


@pytest.mark.parametrize(
    ("kind", "status", "path"),
    [
        ("bot_999", 999, "/feed/update/"),
        ("authwall", 200, "/authwall"),
        ("login", 200, "/login"),
        ("checkpoint", 200, "/checkpoint/challenge/"),
        ("checkpoint_in_place", 200, "/feed/update/"),
        ("tombstone", 200, "/feed/update/"),
    ],
)
async def test_where_a_browser_ends_up(
    walk: Entrance, driver: Driver, kind: str, status: int, path: str
) -> None:
    """P6: status and final path, as a browser reports them."""
    post = await driver.post(text="The one")
    await driver.fault(kind, match={"route": "post_page"})
    async with walk() as walker:
        response = await walker.page.goto(walker.url + page_path(post))

        assert response is not None
        assert response.status == status
        assert urlsplit(walker.page.url).path.startswith(path)


@FRONT_ENDS
async def test_a_toast_may_be_missing_or_lie(
    walk: Entrance, driver: Driver, front_end: str
) -> None:
    """P6: only the page, loaded anew, tells what has happened."""
    silent = await driver.post(text="Silent")
    lying = await driver.post(text="Lying")
    await driver.control("PATCH", f"/posts/{silent['id']}", {"twist": "toast_missing"})
    await driver.control("PATCH", f"/posts/{lying['id']}", {"twist": "toast_lies"})
    async with walk(front_end) as walker:
        async with walker.page.expect_response("**/normShares"):
            await walker.repost(silent)
        assert await walker.page.get_by_role("alert").count() == 0
        reloaded = await walker.open(silent)
        await expect(reloaded.get_by_text("You reposted this", exact=True)).to_be_visible()

        update = await walker.repost(lying)
        await expect(walker.page.get_by_role("alert")).to_contain_text("Repost successful.")
        await expect(update.get_by_role("button", name="Reposted", exact=True)).to_be_visible()
        reloaded = await walker.open(lying)
        await expect(reloaded.get_by_role("button", name="Repost", exact=True)).to_be_visible()
        assert [post for _, post, _ in await walker.effects()] == [silent["social_id"]]
