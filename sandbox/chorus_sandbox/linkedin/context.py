"""What a handler of the site is given: the request, whose session it is, and what it may do."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from chorus_sandbox.asgi import Answer, Request
from chorus_sandbox.linkedin.wording import WORDS, Words, language_of
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.people import Account, WebState
from chorus_sandbox.world.sandbox import Sandbox
from chorus_sandbox.world.truth import EffectKind
from chorus_sandbox.world.view import View
from chorus_sandbox.world.website import Session, Website

# What every page answers an account that is in this state.
_REFUSED_FOR: dict[WebState, str] = {
    "authwall": "authwall",
    "login": "login_required",
    "bot_999": "request_denied",
    "throttled": "throttled",
    "unavailable": "service_unavailable",
    "restricted": "account_restricted",
}
NO_TWISTS: frozenset[str] = frozenset()


def cookies_of(request: Request) -> dict[str, str]:
    pairs = (request.header(b"cookie") or "").split("; ")
    return {name: value.strip('"') for name, _, value in (pair.partition("=") for pair in pairs)}


@dataclass(slots=True)
class SiteContext:
    """One request on its route. `params` are the values of the names in the path."""

    route: str
    request: Request
    sandbox: Sandbox
    params: tuple[str, ...]
    cookies: dict[str, str]

    @property
    def website(self) -> Website:
        return self.sandbox.website

    @property
    def session(self) -> Session | None:
        """Whose request it is, by its cookie; the session may have been revoked."""
        return self.website.sessions.get(self.cookies.get("li_at", ""))

    def words(self, account: Account | None) -> tuple[str, Words]:
        usual = "en" if account is None else account.language
        language = language_of(self.cookies.get("lang"), usual)
        return language, WORDS[language]

    def read(
        self,
        run: Callable[[Session, View], Answer],
        *,
        post_id: str | None = None,
        twists: frozenset[str] = NO_TWISTS,
    ) -> Call:
        return self._call(lambda view: run(self.admitted(), view), None, post_id, twists)

    def write(
        self,
        kind: EffectKind | None,
        run: Callable[[Session, View], Answer],
        *,
        post_id: str,
        twists: frozenset[str] = NO_TWISTS,
    ) -> Call:
        """A call that needs the csrf token. `kind` is None when it is no effect of the truth."""

        def checked(view: View) -> Answer:
            session = self.admitted()
            self._check_csrf(session)
            return run(session, view)

        return self._call(checked, kind, post_id, twists)

    def _call(
        self,
        run: Callable[[View], Answer],
        kind: EffectKind | None,
        post_id: str | None,
        twists: frozenset[str],
    ) -> Call:
        session = self.session
        account_id = None if session is None else session.account.id
        return Call(self.route, self.request.method, kind, account_id, post_id, run, twists)

    def admitted(self) -> Session:
        """The session, if its account may see the site now; raises Refusal."""
        if not self.cookies.get("li_at"):
            raise Refusal("authwall", "No session.")
        session = self.session
        if session is None or session.revoked:
            raise Refusal("login_required", "The session is not valid.")
        if self.request.header(b"user-agent") != session.user_agent:
            session.revoked = True
            self.website.count(session.account, "user_agent_mismatches")
            raise Refusal("login_required", "The session is tied to another user agent.")
        if session.account.id in self.website.challenged:
            raise Refusal("checkpoint_error", "The account has an open challenge.")
        if session.account.web_state is not None:
            raise Refusal(_REFUSED_FOR[session.account.web_state], "The account's state.")
        return session

    def _check_csrf(self, session: Session) -> None:
        wanted = session.jsessionid.encode()
        given = (self.request.header(b"csrf-token") or "").encode()
        cookie = self.cookies.get("JSESSIONID", "").encode()
        if not (hmac.compare_digest(given, wanted) and hmac.compare_digest(cookie, wanted)):
            self.website.count(session.account, "csrf_failures")
            raise Refusal("csrf_failed", "CSRF check failed.")
