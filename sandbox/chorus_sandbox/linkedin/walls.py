"""What stands in the way of a page: sign-in, challenges, throttling, tombstones."""

import secrets
from html import escape
from urllib.parse import quote

from chorus_sandbox.asgi import HTML_TYPE, Answer, Request, json_answer
from chorus_sandbox.linkedin.context import SiteContext
from chorus_sandbox.linkedin.templates import site_templates
from chorus_sandbox.linkedin.wording import WORDS, Words
from chorus_sandbox.world.calls import Refusal
from chorus_sandbox.world.website import Website

_REFUSED_WRITES = {
    "not_permitted": "not_permitted",
    "already_reposted": "already",
    "post_not_displayed": "tombstone",
    "resource_not_found": "tombstone",
}
_SENT_AWAY = frozenset(
    {
        "authwall",
        "login_required",
        "disconnected_account",
        "checkpoint_error",
        "checkpoint_in_place",
        "account_restricted",
    }
)
_STATUS = {
    "request_denied": 999,
    "throttled": 429,
    "too_many_requests": 429,
    "service_unavailable": 503,
    "unexpected_error": 500,
    "page_not_found": 404,
    "csrf_failed": 403,
    "malformed_request": 400,
}
ERROR_TYPES = frozenset(_REFUSED_WRITES) | _SENT_AWAY | frozenset(_STATUS)
_SIGNED_OUT = (b"set-cookie", b"li_at=delete me; Path=/; Domain=.linkedin.localhost; Max-Age=0")


def wall(refusal: Refusal, context: SiteContext) -> Answer:
    """The refusal as a page shows it, or as its scripts are told."""
    session = context.session
    if session is not None and refusal.type in {"checkpoint_error", "checkpoint_in_place"}:
        context.website.challenge(session.account)
    if session is not None and refusal.type == "disconnected_account":
        context.website.sign_out(session.account)
    language, words = context.words(None if session is None else session.account)
    if context.request.path.startswith(("/voyager/", "/flagship-web/")):
        return _for_scripts(refusal, context, words)
    return _for_people(refusal, context, language)


def _for_scripts(refusal: Refusal, context: SiteContext, words: Words) -> Answer:
    if refusal.type in _SENT_AWAY:
        return json_answer(401, {"status": 401, "location": _way_out(refusal.type, context)})
    if refusal.type in _REFUSED_WRITES:
        if context.request.method != "POST":
            return json_answer(404, {"status": 404})
        message = words[_REFUSED_WRITES[refusal.type]]
        error = {"message": message, "extensions": {"classification": "DataFetchingException"}}
        return json_answer(200, {"data": {"createShare": None}, "errors": [error]})
    status = _STATUS.get(refusal.type, 500)
    answer = json_answer(status, {"status": status, "code": refusal.type.upper()})
    return Answer(answer.status, answer.body, headers=_retry_after(refusal))


def _for_people(refusal: Refusal, context: SiteContext, language: str) -> Answer:
    if refusal.type in _REFUSED_WRITES:
        return _tombstone(language)
    if refusal.type == "checkpoint_in_place":
        return _challenge_page()
    if refusal.type in _SENT_AWAY:
        location = (b"location", _way_out(refusal.type, context).encode())
        ended = refusal.type in {"login_required", "disconnected_account"}
        return Answer(302, b"", HTML_TYPE, (location, _SIGNED_OUT) if ended else (location,))
    status = _STATUS.get(refusal.type, 500)
    answer = _page(status, f"{status} | LinkedIn", f"<h1>{status}</h1>", kind="problem")
    return Answer(answer.status, answer.body, HTML_TYPE, _retry_after(refusal))


def _retry_after(refusal: Refusal) -> tuple[tuple[bytes, bytes], ...]:
    seconds = refusal.retry_after
    return () if seconds is None else ((b"retry-after", b"%d" % seconds),)


def _way_out(error_type: str, context: SiteContext) -> str:
    """Where a browser is sent. A challenge's address carries the csrf token, as the real one's."""
    back = quote(f"http://{context.request.header(b'host')}{context.request.path}", safe="")
    if error_type == "authwall":
        return f"/authwall?trk=gf&original_referer=&sessionRedirect={back}"
    if error_type in {"login_required", "disconnected_account"}:
        return f"/login?session_redirect={back}&emailAddress="
    folder = "challengesV2" if error_type == "account_restricted" else "challenge"
    session = context.session
    token = "" if session is None else quote(session.jsessionid, safe="")
    return f"/checkpoint/{folder}/AgF{secrets.token_urlsafe(24)}?ut=1&ct={token}"


def standing(request: Request, website: Website) -> Answer | None:
    """Pages that anybody may see; None when this is not one."""
    path = request.path
    if path == "/captcha-frame":
        website.requests["frame"] += 1
        return Answer(200, b"<!DOCTYPE html><title>Verification</title><p>Puzzle</p>", HTML_TYPE)
    if not path.startswith(("/checkpoint/", "/login", "/authwall", "/uas/")):
        return None
    if request.method != "GET":
        website.requests["wall_submit"] += 1
        return Answer(403, b"", HTML_TYPE)
    website.requests["document"] += 1
    if path.startswith("/checkpoint/challengesV2/"):
        return _page(200, "Access restricted | LinkedIn", _RESTRICTED, kind="checkpoint")
    if path.startswith("/checkpoint/"):
        return _challenge_page()
    title = "Sign Up | LinkedIn" if path.startswith("/authwall") else "LinkedIn Login, Sign in"
    return _page(200, title, _LOGIN, kind="login")


def _tombstone(language: str) -> Answer:
    words = WORDS[language]
    body = f"<h1>{words['tombstone']}</h1><p>{words['tombstone_hint']}</p>"
    return _page(200, words["tombstone"], body, kind="tombstone", lang=language)


def _challenge_page() -> Answer:
    return _page(200, "Security Verification | LinkedIn", _CHALLENGE, kind="checkpoint")


def _page(status: int, title: str, body: str, *, kind: str, lang: str = "en") -> Answer:
    fields = {"lang": lang, "title": escape(title), "kind": kind, "body": body}
    return Answer(status, site_templates().fill("wall", fields).encode(), HTML_TYPE)


_CHALLENGE = """\
<h1>Let us do a quick security check</h1>
<form method="post" action="/checkpoint/challenge/verify" id="captcha-challenge">
<input type="hidden" name="captchaSiteKey" value="site-key"><input type="hidden" name="challengeId">
<iframe id="captcha-internal" title="Security verification" src="/captcha-frame"></iframe>
</form><p>Not you? <a href="/login">Sign in</a></p>"""
_RESTRICTED = """\
<h1>Access to your account has been temporarily restricted</h1>
<form method="post" action="/checkpoint/challengesV2/verify"><button type="submit">Verify</button>
</form><p><a href="/login">Sign in</a></p>"""
_LOGIN = """\
<h1>Sign in</h1><form class="login__form" method="post" action="/checkpoint/lg/login-submit">
<label for="username">Email or phone</label><input id="username" name="session_key" type="text">
<label for="password">Password</label><input id="password" name="session_password" type="password">
<button type="submit" data-litms-control-urn="login-submit">Sign in</button></form>
<p><a href="/checkpoint/rp/request-password-reset">Forgot password?</a></p>"""
