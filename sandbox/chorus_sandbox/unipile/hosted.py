"""`POST /hosted/accounts/link`, and the page that it names: a person signs in there."""

import re
from datetime import UTC, datetime
from html import escape
from urllib.parse import parse_qsl

from chorus_sandbox.asgi import HTML_TYPE, Answer, Request, json_answer
from chorus_sandbox.unipile import lookups
from chorus_sandbox.unipile.context import Context
from chorus_sandbox.unipile.fields import JsonBody, optional_text, required_text
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.hosted import HostedPage, call_back, sign_in
from chorus_sandbox.world.people import Person
from chorus_sandbox.world.sandbox import Sandbox

PAGES = "/hosted/"
_SHOWN = 200
_FIELDS = frozenset(
    {
        "type",
        "providers",
        "api_url",
        "expiresOn",
        "name",
        "notify_url",
        "success_redirect_url",
        "failure_redirect_url",
        "reconnect_account",
    }
)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_TIMES = {"once": 1, "twice": 2, "never": 0}


def create_link(context: Context) -> Call:
    body = context.json(_FIELDS)
    kind = required_text(body, "type")
    if kind not in {"create", "reconnect"}:
        raise Refusal("invalid_parameters", "type is create or reconnect.")
    reconnect = required_text(body, "reconnect_account") if kind == "reconnect" else None
    if kind == "create" and body.get("reconnect_account") is not None:
        raise Refusal("invalid_parameters", "reconnect_account goes with type reconnect.")
    _check_providers(body)
    required_text(body, "api_url")
    expires_ms = _expires_ms(required_text(body, "expiresOn"))
    host = context.request.header(b"host") or "127.0.0.1"

    def run(_view: object) -> Answer:
        sandbox = context.sandbox
        if reconnect is not None:
            lookups.known_account(sandbox.state, reconnect)
        page = HostedPage(
            token=sandbox.state.ids.token(40),
            expires_ms=expires_ms,
            name=optional_text(body, "name"),
            notify_url=optional_text(body, "notify_url"),
            success_url=optional_text(body, "success_redirect_url"),
            failure_url=optional_text(body, "failure_redirect_url"),
            reconnect=reconnect,
        )
        sandbox.hosted.add(page)
        url = f"http://{host}{PAGES}{page.token}"
        return json_answer(201, {"object": "HostedAuthUrl", "url": url})

    return context.read(None, run)


def _check_providers(body: JsonBody) -> None:
    providers = body.get("providers")
    if providers != "*" and not (isinstance(providers, list) and "LINKEDIN" in providers):
        raise Refusal("invalid_parameters", "This sandbox has accounts of LINKEDIN alone.")


def _expires_ms(text: str) -> int:
    if not _INSTANT.fullmatch(text):
        raise Refusal("invalid_parameters", "expiresOn is like 2026-01-31T12:00:00.000Z.")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal("invalid_parameters", "expiresOn is no instant.") from error
    return int(instant.astimezone(UTC).timestamp() * 1000)


class HostedSite:
    """GET shows who there is; POST `person=` (account id, provider id or slug) signs in as them.

    `person=` with nobody's name stands for a wrong password.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def answer(self, request: Request) -> Answer:
        page = self._sandbox.hosted.pages.get(request.path.removeprefix(PAGES))
        if page is None:
            return _html(404, "This page is not known.")
        if page.used or self._sandbox.now_ms() >= page.expires_ms:
            return _html(410, "This link was used, or has expired. Ask for a new one.")
        if request.method == "POST":
            return self._signed_in(page, dict(parse_qsl(request.body.decode("utf-8", "replace"))))
        return _html(200, self._form())

    def _signed_in(self, page: HostedPage, form: dict[str, str]) -> Answer:
        state = self._sandbox.state
        person = self._person(form.get("person", ""))
        now_ms = self._sandbox.now_ms()
        account = None if person is None else sign_in(state, page, person, now_ms=now_ms)
        if account is None:
            self._tell(page, "CREATION_FAIL", None)
            return _onward(401, page.failure_url, "That did not work. Try again.")
        word = "RECONNECTED" if page.reconnect else "CREATION_SUCCESS"
        self._tell(page, word, account.id)
        self._sandbox.tell_status(account.id, word)
        return _onward(200, page.success_url, "Connected. You can close this page.")

    def _person(self, named: str) -> Person | None:
        state = self._sandbox.state
        account = state.accounts.get(named)
        if account is not None:
            return account.person
        waiting = (one for one in state.people.values() if one.future_account_id == named)
        return state.people.get(named) or state.people_by_slug.get(named) or next(waiting, None)

    def _tell(self, page: HostedPage, status: str, account_id: str | None) -> None:
        sandbox = self._sandbox
        times = _TIMES[sandbox.hosted.callbacks]
        sandbox.waiting.run_behind(call_back(sandbox.waiting, page, status, account_id, times))

    def _form(self) -> str:
        people = list(self._sandbox.state.people.values())[:_SHOWN]
        options = "".join(
            f'<option value="{escape(one.provider_id)}">{escape(one.name)}</option>'
            for one in people
        )
        return (
            "<h1>Connect your LinkedIn account</h1><form method=post>"
            f"<select name=person>{options}</select> <button>Sign in</button></form>"
        )


def _onward(status: int, url: str | None, words: str) -> Answer:
    if url is None:
        return _html(status, words)
    return Answer(303, b"", HTML_TYPE, ((b"location", url.encode()),))


def _html(status: int, content: str) -> Answer:
    return Answer(status, f"<!doctype html><meta charset=utf-8>{content}".encode(), HTML_TYPE)
