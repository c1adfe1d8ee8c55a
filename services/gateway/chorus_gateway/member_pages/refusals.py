"""What is shown where a page says no, in words, with the way on."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, Response

from chorus_gateway.caller import Gateway
from chorus_gateway.identity.access_tokens import NotSignedIn
from chorus_gateway.identity.guessing import TooManyAttempts
from chorus_gateway.member_pages.layout import Frame, told
from chorus_gateway.member_pages.markup import Markup, el, text
from chorus_gateway.member_pages.paths import ME, SIGN_IN
from chorus_gateway.member_pages.visit import ForeignForm, Visit
from chorus_gateway.problems import Problem
from chorus_gateway.scheduler.port import SchedulerRefusal

_CAME_BY_A_LINK: Final = (
    "You came here by a link, and a link can be passed on. Sign your LinkedIn account in once more "
    "at the provider's page: then we know that it is you. Stopping needs no such proof."
)
_PROVE: Final = frozenset({"sign_in_again_first", "password_is_temporary", "consent_is_personal"})


@dataclass(slots=True)
class Frames:
    """The frame of an answer, also where the request could not be read."""

    gateway: Gateway
    visit: Visit | None = None

    @property
    def frame(self) -> Frame:
        if self.visit is not None:
            return self.visit.frame
        return Frame(root=urlsplit(self.gateway.public_url or "").path, form_token="")

    def show(self, page: Markup, status: int) -> Response:
        if self.visit is not None:
            return self.visit.show(page, status)
        return HTMLResponse(page, status)


def signed_out(frames: Frames) -> Response:
    """Nobody is known here."""
    frame = frames.frame
    body = [
        *told("You are not signed in here", "Your page is shown to you alone."),
        frame.link(SIGN_IN, "Sign in with a password", class_="go wide"),
        text(
            "You have no password? Then ask your team for a fresh link. You can also stop "
            "everything at LinkedIn: Settings, Sign in & security, Where you're signed in."
        ),
    ]
    return frames.show(frame.page("You are not signed in here", *body), 401)


def later(frames: Frames) -> Response:
    """A part of ours, or the provider, does not answer."""
    words = "A part that this needs does not answer. Nothing was lost. Try again shortly."
    response = frames.show(frames.frame.page("Not now", *told("Not now", words)), 503)
    response.headers["retry-after"] = "5"
    return response


def refused(
    frames: Frames, why: Problem | SchedulerRefusal | TooManyAttempts | NotSignedIn
) -> Response:
    """Whatever said no, as a page."""
    if isinstance(why, TooManyAttempts):
        words = f"Somebody has tried too often. Wait {why.retry_after} seconds, then try again."
        response = frames.show(frames.frame.page("Wait", *told("Wait a little", words)), 429)
        response.headers["retry-after"] = str(why.retry_after)
        return response
    if isinstance(why, SchedulerRefusal):
        return problem(frames, Problem("conflict", str(why)))
    if isinstance(why, NotSignedIn):
        return signed_out(frames)
    return problem(frames, why)


def problem(frames: Frames, why: Problem) -> Response:
    """A problem of the one table."""
    frame = frames.frame
    if why.code in _PROVE:
        body = [
            *told("Show that it is you", _CAME_BY_A_LINK),
            frame.link("/me/connect", "Sign my account in", class_="go wide"),
            frame.link(SIGN_IN, "Sign in with a password of my own"),
        ]
        return frames.show(frame.page("Show that it is you", *body), why.kind.status)
    title = "The form is old" if isinstance(why, ForeignForm) else why.kind.title
    back = frame.link(ME, "Go to My page") if frames.visit and frames.visit.visitor else None
    page = frame.page(title, *told(title, _sentence(why)), el("p", back) if back else None)
    response = frames.show(page, why.kind.status)
    for name, value in why.headers.items():
        response.headers[name] = value
    return response


def _sentence(why: Problem) -> str:
    faults = why.extra.get("errors") or []
    return " ".join([why.detail, *(str(one["detail"]) for one in faults)])
