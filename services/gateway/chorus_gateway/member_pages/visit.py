"""One request to our pages: who it is from, what it says, and the frame of the answer."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope

from chorus import bodies
from chorus.bodies import BodyBounds
from chorus_gateway.api.incoming_bodies import IncomingBodies
from chorus_gateway.api.request_slots import Holder
from chorus_gateway.caller import Caller, Gateway
from chorus_gateway.identity import secrets
from chorus_gateway.identity.page_sessions import Visitor
from chorus_gateway.member_pages.cookies import Cookies
from chorus_gateway.member_pages.layout import Frame
from chorus_gateway.member_pages.markup import Markup
from chorus_gateway.problems import Problem

BOUNDS: Final = BodyBounds(size=64 * 1024)
_MOST_FIELDS: Final = 200


class ForeignForm(Problem):
    """A form that was not shown in this browser, or before somebody signed in or out in it."""

    def __init__(self) -> None:
        super().__init__("not_allowed", "This form is old, or is not ours. Load the page again.")


class NotKnown(Problem):
    """The page is somebody's, and nobody is known in this browser."""

    def __init__(self) -> None:
        super().__init__("not_signed_in")


@dataclass(slots=True, kw_only=True)
class Visit:
    """Handlers get this alone."""

    gateway: Gateway
    cookies: Cookies
    scope: Scope
    visitor: Visitor | None
    holder: str
    """The secret of the session, or the name of a browser in which nobody is known."""
    fields: dict[str, list[str]] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return str(self.scope["path"])

    @property
    def posts(self) -> bool:
        return bool(self.scope["method"] == "POST")

    @property
    def address(self) -> str:
        """Where the request comes from, as far as the server knows."""
        client = self.scope.get("client")
        return str(client[0]) if client else "unknown"

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.scope["query_string"].decode("latin-1")[:2000]))

    @property
    def frame(self) -> Frame:
        root = urlsplit(self.gateway.public_url or "").path
        return Frame(root=root, form_token=self.gateway.pages.form_token(self.holder))

    @property
    def known(self) -> Visitor:
        """Who is here. NotKnown where nobody is."""
        if self.visitor is None:
            raise NotKnown
        return self.visitor

    @property
    def caller(self) -> Caller:
        """The same as use cases know them."""
        return Caller(principal=self.known.principal, address=self.address, gateway=self.gateway)

    def said(self, name: str) -> str:
        """A field of the form; empty where it was not sent."""
        first = (self.fields.get(name) or [""])[0]
        return first.replace("\0", "").replace("\r\n", "\n").strip()

    def all_said(self, name: str) -> list[str]:
        """Every value of a field that may stand there more than once."""
        return self.fields.get(name, [])

    def show(self, page: Markup, status: int = 200) -> Response:
        """A page. A browser in which nobody is known yet is given a name for its forms."""
        response = HTMLResponse(page, status)
        if self.visitor is None and self.cookies.browser(self.scope) != self.holder:
            self.cookies.keep_browser(response, self.holder)
        return response

    def go(self, path: str) -> Response:
        """To another page of ours, by GET."""
        return RedirectResponse(self.frame.to(path), 303)


async def visit_of(gateway: Gateway, cookies: Cookies, scope: Scope) -> Visit:
    """Whose request it is. Nothing of its body is read."""
    secret = cookies.session(scope)
    visitor = await gateway.pages.find(secret)
    browser = cookies.browser(scope) or secrets.new_link_secret()
    return Visit(
        gateway=gateway,
        cookies=cookies,
        scope=scope,
        visitor=visitor,
        holder=secret if visitor is not None and secret else browser,
    )


async def read_form(
    visit: Visit, receive: Receive, incoming: IncomingBodies, slot_holder: Holder
) -> None:
    """What it says. Raises ForeignForm, Problem, and BodyRefused or ClientGone of
    `chorus.bodies`.
    """
    _require_ours(visit.scope, visit.gateway)
    body = await incoming.read(visit.scope, receive, BOUNDS, slot_holder)
    visit.fields = _fields(visit.scope, body)
    if not visit.gateway.pages.fits(visit.holder, visit.said("form")):
        raise ForeignForm


def _require_ours(scope: Scope, gateway: Gateway) -> None:
    """What browsers say of where a form comes from; those that say nothing have the token alone.

    Our pages send no referrer, for which browsers call their origin `null`.
    """
    fetched = bodies.header(scope, b"sec-fetch-site")
    if fetched not in {b"", b"same-origin", b"none"}:
        raise ForeignForm
    origin = bodies.header(scope, b"origin").decode("latin-1")
    ours = urlsplit(gateway.public_url or "")
    if origin not in {"", "null", f"{ours.scheme}://{ours.netloc}".lower()}:
        raise ForeignForm


def _fields(scope: Scope, body: bytes) -> dict[str, list[str]]:
    kind = bodies.header(scope, b"content-type").partition(b";")[0].strip()
    if body and kind != b"application/x-www-form-urlencoded":
        raise Problem("unsupported_media_type", "This is no form of ours.")
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise Problem("malformed_request", "The form has too many fields.") from error
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
