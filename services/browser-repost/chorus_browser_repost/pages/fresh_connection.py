"""A connection that nothing was sent on before, for one request that must go out once.

Chromium sends a request again by itself, one with POST too, when a kept connection breaks before an
answer has begun; only on a connection without earlier requests it does not. Tried with Chromium 156
and a server that resets after the effect: five effects of one click. Connections are kept for each
context, so the visit goes on in a context of its own, with the same session, and the request is
made there before anything else. Its page is empty at first: opening it asks nothing of the site.
"""

import asyncio
import base64
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from playwright.async_api import Page, Request, Route

from chorus.retry_after import retry_after
from chorus_browser_repost.domain.post_urls import path_of
from chorus_browser_repost.pages.errors import Failure, irreversible
from chorus_browser_repost.pages.site import leave
from chorus_browser_repost.pages.visit import Visit
from chorus_execution.port import Permit

LEAST_SECONDS: Final = 3.0
"""Nothing irreversible is begun with less time than this to see what becomes of it."""
_FIRST_SECONDS: Final = 5.0
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

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """An answer. `path` is where a redirect led; empty without one. `body` is bytes of a person's
    post, perhaps: not for logs.
    """

    status: int
    path: str = ""
    retry_after: float | None = None
    body: bytes = field(default=b"", repr=False)


async def deliver(
    visit: Visit, request: Request, *, permit: Permit, doing: str, answer: float, deadline: float
) -> Delivered | None:
    """The answer to a request that was called off in the visit's page, sent once from the next one.

    None when no whole answer has come within `answer` seconds. Raises IndeterminateWrite when there
    was no next page to send it from, an effectless ProviderError when there is no time left for it,
    and what the permit raises, which is asked for when all is ready: after it nothing is awaited
    but the request.
    """
    address, now = visit.page.url, asyncio.get_running_loop().time
    await leave(visit.page)
    page = await irreversible(visit.renew(), doing=doing, deadline=deadline)
    await irreversible(_enter_empty(page, address), doing=doing, deadline=deadline)
    if deadline - now() < LEAST_SECONDS:
        raise Failure.LATE.without_effect(doing)
    await permit()
    try:
        async with asyncio.timeout_at(min(now() + answer, deadline)):
            return await _send(page, request)
    except Exception as error:  # noqa: BLE001 - see errors.py; whatever it is, no answer came
        _log.info("write.unanswered", reason=type(error).__name__)
        return None


async def _enter_empty(page: Page, address: str) -> None:
    """Be at an address without asking for it, so that origin and referrer are right."""
    await page.route("**/*", _nothing, times=1)
    await page.goto(address, wait_until="commit", timeout=_FIRST_SECONDS * 1000)


async def _nothing(route: Route) -> None:
    await route.fulfill(status=200, content_type="text/html", body="<!DOCTYPE html><title></title>")


async def _send(page: Page, request: Request) -> Delivered:
    """The request as its page made it, with its headers and body."""
    headers = {
        name: value
        for name, value in request.headers.items()
        if name not in _OF_THE_BROWSER and not name.startswith(("sec-", ":"))
    }
    body = base64.b64encode(request.post_data_buffer or b"").decode()
    answer: dict[str, Any] = await page.evaluate(
        _SEND, {"url": request.url, "headers": headers, "body": body}
    )
    return Delivered(
        status=answer["status"],
        path=path_of(answer["url"]) if answer["url"] else "",
        retry_after=retry_after(answer["retryAfter"]),
        body=base64.b64decode(answer["body"]),
    )
