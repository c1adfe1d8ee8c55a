"""Where a session of an account is fetched: its cookies, and the user agent they are tied to."""

import hmac

from chorus_sandbox.asgi import Answer, Request, json_answer
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.sandbox import Sandbox
from chorus_sandbox.world.view import View
from chorus_sandbox.world.website import Session

PREFIX = "/sessions/"
_DOMAIN = ".linkedin.localhost"
_YEAR_S = 365 * 24 * 3600
_STATUS_OF = {
    "missing_credentials": 401,
    "invalid_credentials": 401,
    "resource_not_found": 404,
    "method_not_allowed": 405,
    "signed_out": 409,
    "too_many_requests": 429,
    "unexpected_error": 500,
    "service_unavailable": 503,
}


class SessionApi:
    """A provider, see `chorus_sandbox.world.calls.Provider`."""

    prefix = PREFIX
    error_types = frozenset(_STATUS_OF)
    route_names = frozenset({"session"})

    def __init__(self, sandbox: Sandbox, *, api_key: str) -> None:
        self._sandbox = sandbox
        self._key = api_key.encode()

    def prepare(self, request: Request) -> Call:
        given = request.headers.get(b"x-api-key")
        if not given:
            raise Refusal("missing_credentials", "The header X-API-KEY is missing.")
        if not hmac.compare_digest(given, self._key):
            raise Refusal("invalid_credentials", "The key in X-API-KEY is not valid.")
        if request.method != "GET":
            raise Refusal("method_not_allowed", "Sessions are read with GET.")
        account_id = request.path.removeprefix(PREFIX)

        def run(_view: View) -> Answer:
            return self._issue(account_id)

        return Call("session", request.method, None, account_id, None, run)

    def _issue(self, account_id: str) -> Answer:
        account = self._sandbox.state.accounts.get(account_id)
        if account is None:
            raise Refusal("resource_not_found", "No such account.")
        if account_id in self._sandbox.website.signed_out:
            raise Refusal("signed_out", "The account has been signed out; its owner must sign in.")
        session = self._sandbox.website.issue(account)
        self._sandbox.website.count(account, "sessions")
        expires = self._sandbox.now_ms() // 1000 + _YEAR_S
        return json_answer(
            200, {"cookies": cookies(session, expires), "user_agent": session.user_agent}
        )

    def render(self, refusal: Refusal, request: Request) -> Answer:  # noqa: ARG002 - the port's
        status = _STATUS_OF.get(refusal.type, 500)
        answer = json_answer(status, {"error": refusal.type, "detail": refusal.detail})
        if refusal.retry_after is None:
            return answer
        retry_after = (b"retry-after", b"%d" % refusal.retry_after)
        return Answer(answer.status, answer.body, headers=(retry_after,))


def cookies(session: Session, expires: int) -> list[dict[str, object]]:
    """In the form in which a browser takes them. JSESSIONID ends with the browser."""
    return [
        _cookie("li_at", session.li_at, http_only=True) | {"expires": expires},
        _cookie("JSESSIONID", session.jsessionid, http_only=False),
        _cookie("bcookie", session.bcookie, http_only=False) | {"expires": expires},
        _cookie("lidc", session.lidc, http_only=False) | {"expires": expires},
    ]


def _cookie(name: str, value: str, *, http_only: bool) -> dict[str, object]:
    return {
        "name": name,
        "value": value,
        "domain": _DOMAIN,
        "path": "/",
        "secure": True,
        "httpOnly": http_only,
    }
