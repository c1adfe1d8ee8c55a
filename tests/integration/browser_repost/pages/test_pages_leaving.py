"""What a page still asks for when it is left."""

import pytest

from chorus_browser_repost.pages import leave
from tests.integration.browser_repost.pages.harness import Harness

pytestmark = pytest.mark.asyncio(loop_scope="module")
RESTLESS = """() => {
  window.asked = 0;
  const ask = window.fetch;
  window.fetch = (...all) => { window.asked += 1; return ask(...all); };
  setInterval(() => window.fetch("/voyager/api/feed/updateActions?urns=").catch(() => null), 1);
}"""


async def test_a_page_that_is_left_asks_for_nothing(harness: Harness) -> None:
    """P6: a late request would show another user agent than the session's, which ends it."""
    await harness.open()
    await harness.page.evaluate(RESTLESS)
    await harness.page.wait_for_function("window.asked > 3")
    await leave(harness.page)
    asked = await harness.page.evaluate("window.asked")
    await harness.page.evaluate("new Promise((done) => setTimeout(done, 50))")
    assert await harness.page.evaluate("window.asked") == asked
    await harness.page.context.close()
    counts = harness.server.sandbox.website.accounts["account-member"]
    assert counts["user_agent_mismatches"] == 0


async def test_leaving_a_page_that_is_lost_is_no_failure(harness: Harness) -> None:
    """It asks for nothing."""
    await leave(harness.page)
    await harness.open()
    await harness.page.close()
    await leave(harness.page)
