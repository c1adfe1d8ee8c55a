"""`/connect/<token>`: the pages, for people who are not signed in at ours.

Nothing of a request is read but its address; nothing that it says is shown.
"""

from typing import Final

import psycopg
import structlog
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chorus.postgres.transient import is_transient
from chorus_gateway.connecting import pages
from chorus_gateway.connecting.visits import Shown, Visits

PREFIX: Final = "/connect/"
_BACK: Final = ("done", "failed")
"""Where the provider sends people back to; what is shown is what we know of it."""
_DISCONNECT: Final = "disconnect"
_log = structlog.get_logger(__name__)


class ConnectingSite:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, visits: Visits) -> None:
        self._app = app
        self._visits = visits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        try:
            response = await self._answer(scope)
        except psycopg.Error as error:
            if not is_transient(error):
                raise
            _log.warning("connecting.put_off", error=repr(error))
            response = HTMLResponse(pages.later(), 503, {"retry-after": "5"})
        response.headers["content-security-policy"] = pages.POLICY
        response.headers["x-robots-tag"] = "noindex"
        await response(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        token, _, rest = scope["path"].removeprefix(PREFIX).partition("/")
        posts = rest == _DISCONNECT
        if rest and not posts and rest not in _BACK:
            return HTMLResponse(pages.gone(), 404)
        if scope["method"] not in (("POST",) if posts else ("GET", "HEAD")):
            allowed = "POST" if posts else "GET, HEAD"
            return HTMLResponse(pages.gone(), 405, {"allow": allowed})
        if posts:
            found = await self._visits.disconnect(token)
            # Relative to …/disconnect, whatever stands before it at a proxy.
            return RedirectResponse("done", 303) if found else HTMLResponse(pages.gone(), 404)
        shown = await self._visits.find(token)
        return _of(shown, nested=bool(rest)) if shown else HTMLResponse(pages.gone(), 404)


def _of(shown: Shown, *, nested: bool) -> Response:
    action = _DISCONNECT if nested else f"{shown.token}/{_DISCONNECT}"
    return HTMLResponse(pages.page(shown, onward=shown.visit.page_url or "", action=action))
