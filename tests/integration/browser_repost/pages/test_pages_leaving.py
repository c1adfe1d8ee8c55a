"""What a page still asks for when it is left."""

import pytest

from chorus_browser_repost.pages import leave
from tests.integration.browser_repost.pages.ground import Ground

pytestmark = pytest.mark.asyncio(loop_scope="module")
RESTLESS = """() => {
  window.asked = 0;
  const ask = window.fetch;
  window.fetch = (...all) => { window.asked += 1; return ask(...all); };
  setInterval(() => window.fetch("/voyager/api/feed/updateActions?urns=").catch(() => null), 1);
}"""


async def test_a_page_that_is_left_asks_for_nothing(ground: Ground) -> None:
    """P6: a late request would show another user agent than the session's, which ends it."""
    await ground.open()
    await ground.page.evaluate(RESTLESS)
    await ground.page.wait_for_function("window.asked > 3")
    await leave(ground.page)
    asked = await ground.page.evaluate("window.asked")
    await ground.page.evaluate("new Promise((done) => setTimeout(done, 50))")
    assert await ground.page.evaluate("window.asked") == asked
    await ground.page.context.close()
    counts = ground.server.sandbox.website.accounts["account-member"]
    assert counts["user_agent_mismatches"] == 0


async def test_leaving_a_page_that_is_lost_is_no_failure(ground: Ground) -> None:
    """It asks for nothing."""
    await leave(ground.page)
    await ground.open()
    await ground.page.close()
    await leave(ground.page)
