"""`/connect/<token>`: the pages, for people who are not signed in at ours.

Nothing of a request is read but its address, and whether it comes from the session that started
the link; nothing that it says is shown.
"""

from typing import Final

import psycopg
import structlog
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chorus.postgres.transient import is_transient
from chorus_gateway.api.bulkheads import Bulkheads
from chorus_gateway.api.request_slots import stranger
from chorus_gateway.connecting import pages
from chorus_gateway.connecting.visits import Shown, Visits
from chorus_gateway.domain.account_links import AccountLink, LinkState
from chorus_gateway.identity.page_sessions import PageSessions, Visitor
from chorus_gateway.member_pages.cookies import Cookies
from chorus_gateway.problems import Problem

PREFIX: Final = "/connect/"
_BACK: Final = ("done", "failed")
"""Where the provider sends people back to; what is shown is what we know of it."""
_DONE: Final = "done"
_DISCONNECT: Final = "disconnect"
_log = structlog.get_logger(__name__)


class ConnectingSite:
    """ASGI middleware."""

    def __init__(
        self,
        app: ASGIApp,
        visits: Visits,
        sessions: PageSessions,
        cookies: Cookies,
        bulkheads: Bulkheads,
    ) -> None:
        self._app = app
        self._visits = visits
        self._sessions = sessions
        self._cookies = cookies
        self._bulkheads = bulkheads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        try:
            response = await self._answer(scope)
        except Problem as problem:
            response = HTMLResponse(pages.later(), problem.kind.status, problem.headers)
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
        bulkhead = self._bulkheads.stops if posts else self._bulkheads.strangers
        with bulkhead.slots.taking(stranger(scope)):
            return await self._of_link(scope, token, rest)

    async def _of_link(self, scope: Scope, token: str, rest: str) -> Response:
        if rest == _DISCONNECT:
            found = await self._visits.disconnect(token)
            # Relative to …/disconnect, whatever stands before it at a proxy.
            return RedirectResponse("done", 303) if found else HTMLResponse(pages.gone(), 404)
        shown = await self._visits.find(token)
        if shown is None:
            return HTMLResponse(pages.gone(), 404)
        if shown.link.session_id is not None:
            return await self._of_session(scope, shown, rest)
        return _of(shown, nested=bool(rest))

    async def _of_session(self, scope: Scope, shown: Shown, rest: str) -> Response:
        """A link of a session of our pages ends where it began: in that session's browser, or in
        one in which its person has signed in with their password since.
        """
        visitor = await self._sessions.find(self._cookies.session(scope))
        if visitor is not None and _is_theirs(visitor, shown.link):
            if rest or shown.link.state != LinkState.OPEN:
                up = "../../" if rest else "../"
                return RedirectResponse(f"{up}me/connect?came={rest or _DONE}", 303)
            return _of(shown, nested=False)
        if rest == _DONE and scope["method"] == "GET":
            await self._visits.refuse(shown)
        elif shown.connected:
            return _of(shown, nested=bool(rest))
        return HTMLResponse(pages.elsewhere(), 403)


def _is_theirs(visitor: Visitor, link: AccountLink) -> bool:
    session = visitor.session
    return session.id == link.session_id or (
        visitor.user.id == link.user_id and not session.by_link
    )


def _of(shown: Shown, *, nested: bool) -> Response:
    action = _DISCONNECT if nested else f"{shown.token}/{_DISCONNECT}"
    return HTMLResponse(pages.page(shown, onward=shown.visit.page_url or "", action=action))
