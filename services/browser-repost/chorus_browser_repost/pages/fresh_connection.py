"""A connection that nothing was sent on before, for one request that must go out once.

Chromium sends a request again by itself, one with POST too, when a kept connection breaks before an
answer has begun; only on a connection without earlier requests it does not. Tried with Chromium 156
and a server that resets after the effect: five effects of one click. Connections are kept for each
context, so the request is made from a page of a context of its own, with the same cookies and user
agent. That page is empty and comes from nowhere: opening it asks nothing of the site.
"""

import base64
from dataclasses import dataclass, field
from typing import Any, Final, Self

from playwright.async_api import BrowserContext, Page, Request, Route, ViewportSize

from chorus_browser_repost.domain.post_urls import path_of
from chorus_browser_repost.pages.site import seconds_of

_FIRST_SECONDS: Final = 5.0
_NOTHING_TO_SEE: Final = ViewportSize(width=64, height=64)
_ABOUT: Final = "() => ({userAgent: navigator.userAgent, locale: navigator.language})"
_SEND: Final = """async ({url, headers, body}) => {
  const bytes = Uint8Array.from(atob(body), (each) => each.charCodeAt(0));
  const answer = await fetch(url, {method: "POST", headers, body: bytes, cache: "no-store"});
  const answered = new Uint8Array(await answer.arrayBuffer());
  let text = "";
  for (let at = 0; at < answered.length; at += 32768)
    text += String.fromCharCode(...answered.subarray(at, at + 32768));
  return {
    status: answer.status,
    url: answer.redirected ? answer.url : "",
    retryAfter: answer.headers.get("retry-after") ?? "",
    body: btoa(text),
  };
}"""
_OF_THE_BROWSER: Final = frozenset(
    {"accept-encoding", "connection", "content-length", "cookie", "host", "origin", "referer"}
    | {"user-agent", "accept-language"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """An answer. `path` is where a redirect led; empty without one. `body` is bytes of a person's
    post, perhaps: not for logs.
    """

    status: int
    path: str = ""
    retry_after: float | None = None
    body: bytes = field(default=b"", repr=False)


class FreshConnection:
    """Good for one request. To be closed in any case."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self._context = context
        self._page = page

    @classmethod
    async def prepared(cls, like: Page) -> Self:
        """One with the session of another page. Raises Playwright's errors."""
        browser = like.context.browser
        if browser is None:
            raise RuntimeError("A page of a persistent context has no browser to ask.")
        about: dict[str, str] = await like.evaluate(_ABOUT)
        context = await browser.new_context(
            user_agent=about["userAgent"],
            locale=about["locale"],
            service_workers="block",
            viewport=_NOTHING_TO_SEE,
        )
        try:
            return cls(context, await _empty_page(context, like))
        except BaseException:
            await context.close()
            raise

    async def send(self, request: Request) -> Delivered:
        """The request as the page made it, with its headers and body. Raises Playwright's errors
        when no whole answer came.
        """
        headers = {
            name: value
            for name, value in request.headers.items()
            if name not in _OF_THE_BROWSER and not name.startswith(("sec-", ":"))
        }
        body = base64.b64encode(request.post_data_buffer or b"").decode()
        answer: dict[str, Any] = await self._page.evaluate(
            _SEND, {"url": request.url, "headers": headers, "body": body}
        )
        return Delivered(
            status=answer["status"],
            path=path_of(answer["url"]) if answer["url"] else "",
            retry_after=seconds_of(answer["retryAfter"]),
            body=base64.b64decode(answer["body"]),
        )

    async def aclose(self) -> None:
        await self._context.close()


async def _empty_page(context: BrowserContext, like: Page) -> Page:
    """A page at the other's address, so that origin and referrer are its."""
    cookies = await like.context.cookies(like.url)
    await context.add_cookies(cookies)  # type: ignore[arg-type]  # the same, read and written
    page = await context.new_page()
    await page.route("**/*", _nothing, times=1)
    await page.goto(like.url, wait_until="commit", timeout=_FIRST_SECONDS * 1000)
    return page


async def _nothing(route: Route) -> None:
    await route.fulfill(status=200, content_type="text/html", body="<!DOCTYPE html><title></title>")
