"""`/join/<token>`, `/me…`, `/sign-in`: pages for members, whole and without a script."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg
import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chorus import bodies
from chorus.errors import DependencyUnavailable
from chorus.postgres.transient import is_transient
from chorus_gateway.api.body_guard import problem_of
from chorus_gateway.api.bulkheads import Admitted, Bulkheads
from chorus_gateway.api.request_slots import holder_in_team, stranger
from chorus_gateway.api.throttle import Throttle
from chorus_gateway.caller import Gateway
from chorus_gateway.identity.access_tokens import NotSignedIn
from chorus_gateway.identity.guessing import TooManyAttempts
from chorus_gateway.member_pages import (
    agreeing,
    away,
    connecting,
    hours,
    joining,
    leaving,
    modes,
    my_page,
    my_page_actions,
    refusals,
    signing_in,
)
from chorus_gateway.member_pages.cookies import Cookies
from chorus_gateway.member_pages.layout import POLICY
from chorus_gateway.member_pages.paths import JOIN, ME, SCRIPT, SIGN_IN, STYLE
from chorus_gateway.member_pages.visit import NotKnown, Visit, read_form, visit_of
from chorus_gateway.problems import Problem
from chorus_gateway.scheduler.port import SchedulerRefusal

_log = structlog.get_logger(__name__)

Page = Callable[[Visit], Awaitable[Response]]
_HERE: Final = Path(__file__).parent
_FILES: Final = {STYLE: ("style.css", "text/css"), SCRIPT: ("zone.js", "text/javascript")}
_ACTIVITY: Final = re.compile(r"/me/activities/([0-9a-f-]{36})/(approve|reject|cancel|done)")

GET: Final[dict[str, Page]] = {
    ME: my_page.show,
    "/me/connect": connecting.show,
    "/me/hours": hours.show,
    "/me/away": away.show,
    "/me/agree": agreeing.show,
    "/me/delete": leaving.ask,
    "/me/password": signing_in.ask_password,
    "/me/data": leaving.data,
    SIGN_IN: signing_in.show,
}
POST: Final[dict[str, Page]] = {
    "/me/connect": connecting.start,
    "/me/connect/confirm": connecting.confirm,
    "/me/connect/refuse": connecting.refuse,
    "/me/hours": hours.save,
    "/me/away": away.save,
    "/me/away/end": away.end,
    "/me/agree": agreeing.save,
    "/me/withdraw": agreeing.withdraw,
    "/me/modes": modes.save,
    "/me/pause": my_page_actions.pause,
    "/me/resume": my_page_actions.resume,
    "/me/delete": leaving.delete,
    "/me/password": signing_in.choose_password,
    "/me/sign-out": signing_in.out,
    SIGN_IN: signing_in.enter,
}


STOPS: Final = frozenset({("GET", ME), ("POST", "/me/pause"), ("POST", "/me/withdraw")})
"""What stops something, and the page on which that is done. (And a no to an activity.)"""
_NOS: Final = frozenset({"reject", "cancel"})


class MemberPages:
    """ASGI middleware."""

    def __init__(
        self,
        app: ASGIApp,
        gateway: Gateway,
        cookies: Cookies,
        throttle: Throttle,
        bulkheads: Bulkheads,
    ) -> None:
        self._app = app
        self._gateway = gateway
        self._cookies = cookies
        self._throttle = throttle
        self._bulkheads = bulkheads
        self._files = {
            path: ((_HERE / name).read_text(), kind) for path, (name, kind) in _FILES.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_ours(scope["path"]):
            await self._app(scope, receive, send)
            return
        try:
            response = self._file(scope) or await self._answer(scope, receive)
        except bodies.ClientGone:
            return
        response.headers["content-security-policy"] = POLICY
        response.headers["x-robots-tag"] = "noindex"
        await response(scope, receive, send)

    def _admit(self, visit: Visit) -> Admitted:
        """Whose room it is read and answered in. Raises NotKnown, or Problem where they ask too
        much.
        """
        if visit.visitor is None:
            if visit.posts and not _is_open(visit.path):
                raise NotKnown
            return Admitted(bulkhead=self._bulkheads.strangers, holder=stranger(visit.scope))
        principal, stops = visit.visitor.principal, _stops(visit)
        self._throttle.count(principal, stops=stops)
        bulkhead = self._bulkheads.stops if stops else self._bulkheads.teams
        return Admitted(bulkhead=bulkhead, holder=holder_in_team(principal))

    def _file(self, scope: Scope) -> Response | None:
        if scope["path"] not in self._files or scope["method"] not in {"GET", "HEAD"}:
            return None
        content, kind = self._files[scope["path"]]
        return Response(content, media_type=kind, headers={"cache-control": "max-age=300"})

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        frame_of = refusals.Frames(self._gateway)
        try:
            with self._bulkheads.lookups.taking(stranger(scope)):
                visit = await visit_of(self._gateway, self._cookies, scope)
            admitted = self._admit(visit)
            frame_of.visit = None if visit.posts else visit
            page = _page_of(visit)
            if visit.posts:
                await read_form(visit, receive, admitted.bulkhead.bodies, admitted.holder)
                frame_of.visit = visit
            with admitted.bulkhead.slots.taking(admitted.holder):
                return await page(visit)
        except NotKnown:
            return refusals.signed_out(frame_of)
        except bodies.BodyRefused as refused:
            return refusals.problem(frame_of, problem_of(refused))
        except (Problem, SchedulerRefusal, TooManyAttempts, NotSignedIn) as refused:
            return refusals.refused(frame_of, refused)
        except DependencyUnavailable as error:
            _log.warning("member_page.put_off", error=str(error))
            return refusals.later(frame_of)
        except psycopg.Error as error:
            if not is_transient(error):
                raise
            _log.warning("member_page.put_off", error=repr(error))
            return refusals.later(frame_of)


def _is_ours(path: str) -> bool:
    return path.startswith((JOIN, f"{ME}/")) or path in {ME, SIGN_IN}


def _is_open(path: str) -> bool:
    """Whether forms are sent there by who is not known."""
    return path.startswith(JOIN) or path == SIGN_IN


def _stops(visit: Visit) -> bool:
    found = _ACTIVITY.fullmatch(visit.path)
    if found is not None:
        return visit.posts and found[2] in _NOS
    return (visit.scope["method"], visit.path) in STOPS


def _page_of(visit: Visit) -> Page:
    if visit.path.startswith(JOIN):
        return joining.enter if visit.posts else _looking(visit, joining.show)
    found = _ACTIVITY.fullmatch(visit.path)
    if found and visit.posts:
        activity_id, word = _uuid(found[1]), found[2]
        return lambda visit: my_page_actions.steer(visit, activity_id, word)
    here = {"GET": GET, "HEAD": GET, "POST": POST}.get(visit.scope["method"], {})
    page = here.get(visit.path)
    if page is None:
        known = visit.path in GET or visit.path in POST
        raise Problem("method_not_allowed" if known else "not_found")
    return page


def _looking(visit: Visit, page: Page) -> Page:
    if visit.scope["method"] not in {"GET", "HEAD"}:
        raise Problem("method_not_allowed")
    return page


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Problem("activity_not_found") from None
