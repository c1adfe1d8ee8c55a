"""`/join/<token>`: who asks, and the way in. Looking at it uses nothing up."""

from typing import Final

from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from chorus_gateway.actions import invitations as actions
from chorus_gateway.actions.invitations import Guest, Shown
from chorus_gateway.api.fields import Email, LongName
from chorus_gateway.domain.invitations import InvitationState, Purpose, masked
from chorus_gateway.member_pages.layout import entry, summary, told
from chorus_gateway.member_pages.markup import Markup, el, text, together
from chorus_gateway.member_pages.paths import JOIN, ME, SIGN_IN
from chorus_gateway.member_pages.visit import Visit
from chorus_gateway.problems import Problem

_EMAIL: Final[TypeAdapter[str]] = TypeAdapter(Email)
_NAME: Final[TypeAdapter[str]] = TypeAdapter(LongName)
_RISK: Final = (
    "LinkedIn does not want programs to act with an account, and may restrict one with which they "
    "do. You decide about each kind of act, and stop all of it at any time with one button."
)
_OVER: Final = {
    InvitationState.EXPIRED: (
        "This invitation has expired",
        "Its time is over. Ask whoever sent it for a new one.",
    ),
    InvitationState.REVOKED: (
        "This invitation was taken back",
        "Whoever sent it has revoked it. Ask them for a new one, if that was a mistake.",
    ),
    InvitationState.USED: (
        "This invitation was used",
        (
            "It is good once. If it was you: sign in, or ask for a fresh link. If it was not you, "
            "tell whoever sent it: somebody else has come by your link."
        ),
    ),
}


async def show(visit: Visit) -> Response:
    """The invitation, however often it is opened, and by whom."""
    shown = await actions.look(visit.gateway, _token(visit), visit.address)
    if shown.state is not InvitationState.OPEN:
        return _over(visit, shown)
    return visit.show(_page(visit, shown, {}))


async def enter(visit: Visit) -> Response:
    """Exchange the link for a session. What is wrong stands beside its field."""
    token = _token(visit)
    shown = await actions.look(visit.gateway, token, visit.address)
    if shown.state is not InvitationState.OPEN:
        return _over(visit, shown)
    faults = _faults(visit, shown)
    if faults:
        return visit.show(_page(visit, shown, faults), 422)
    guest = Guest(
        email=visit.said("email").lower(),
        name=visit.said("name") or None,
        address=visit.address,
        present=visit.visitor,
        instead=visit.said("instead") == "yes",
    )
    try:
        secret = await actions.redeem(visit.gateway, token, guest)
    except Problem as problem:
        return _refused(visit, shown, problem)
    response = visit.go(ME if shown.invitation.purpose == Purpose.RETURN else "/me/connect")
    visit.cookies.keep_session(response, secret)
    return response


def _token(visit: Visit) -> str:
    return visit.path.removeprefix(JOIN)


def _faults(visit: Visit, shown: Shown) -> dict[str, str]:
    faults = {}
    try:
        _EMAIL.validate_python(visit.said("email"))
    except ValidationError:
        faults["email"] = "Type your e-mail address, like mia@example.com."
    if shown.invitation.purpose == Purpose.JOIN:
        try:
            _NAME.validate_python(visit.said("name"))
        except ValidationError:
            faults["name"] = "Type your name, as your team knows you."
    return faults


def _refused(visit: Visit, shown: Shown, problem: Problem) -> Response:
    words = {
        "invitation_for_another": "The invitation is for another address. Type the one that it was "
        "sent to. It can still be used by its person.",
        "email_taken": "Somebody of this team has this address. Sign in instead, or type another.",
    }
    if problem.code in words:
        page = _page(visit, shown, {"email": words[problem.code]})
        return visit.show(page, problem.kind.status)
    if problem.code == "somebody_else_here":
        return visit.show(_page(visit, shown, {}), problem.kind.status)
    raise problem


def _over(visit: Visit, shown: Shown) -> Response:
    """Expired, revoked and used are three answers."""
    title, words = _OVER[shown.state]
    known = visit.visitor
    if known is not None and shown.invitation.user_id == known.user.id:
        words = f"You came by it, and are signed in here as {known.user.name}."
        way = visit.frame.link(ME, "Go to My page", class_="go wide")
    else:
        way = visit.frame.link(SIGN_IN, "Sign in", class_="go wide")
    used = shown.state is InvitationState.USED
    body = [*told(title, words), way if used else None]
    return visit.show(visit.frame.page(title, *body), 409 if used else 410)


def _page(visit: Visit, shown: Shown, faults: dict[str, str]) -> Markup:
    asking, joins = shown.asking, shown.invitation.purpose == Purpose.JOIN
    title = f"{asking.person} invites you to {asking.team}" if joins else f"Back to {asking.team}"
    form = visit.frame.form(
        visit.path,
        _somebody_else(visit),
        _fields(visit, shown, faults),
        el("button", "Go on" if joins else "Open My page", class_="go wide"),
    )
    body = [
        el("p", "Step 1 of 4", class_="step") if joins else None,
        el("h1", title),
        summary(faults),
        _what(shown) if joins else None,
        form,
    ]
    return visit.frame.page(f"Error: {title}" if faults else title, *body)


def _what(shown: Shown) -> Markup:
    pod = f" They want you in the pod {shown.asking.pod}." if shown.asking.pod else ""
    return el(
        "section",
        text(
            f"The people of {shown.asking.team} support each other's posts on LinkedIn: with "
            "likes, comments and reposts that a program makes in their name, at times they "
            f"choose.{pod}",
            _RISK,
            "Nothing is done with your account before you have connected it yourself and agreed.",
        ),
    )


def _fields(visit: Visit, shown: Shown, faults: dict[str, str]) -> Markup:
    bound = shown.invitation.email
    hint = f"The one that the invitation was sent to: {masked(bound)}" if bound else None
    joins = shown.invitation.purpose == Purpose.JOIN
    name = entry(
        "name",
        "Your name",
        visit.said("name") or (shown.invitation.name or ""),
        fault=faults.get("name"),
        autocomplete="name",
    )
    return together(
        name if joins else None,
        entry(
            "email",
            "Your e-mail address",
            visit.said("email"),
            hint=hint,
            fault=faults.get("email"),
            type_="email",
            autocomplete="email",
        ),
    )


def _somebody_else(visit: Visit) -> Markup | None:
    """An invitation that is opened where somebody is signed in: both are named, and it asks."""
    if visit.visitor is None:
        return None
    name = visit.visitor.user.name
    return el(
        "section",
        el("h2", f"{name} is signed in in this browser"),
        text(f"Are you {name}? Then this invitation is for somebody else, and stays as it is."),
        el(
            "div",
            el("input", type="checkbox", name="instead", value="yes", id="instead"),
            el("label", f"I am somebody else. Sign {name} out in this browser.", for_="instead"),
            class_="check",
        ),
    )
