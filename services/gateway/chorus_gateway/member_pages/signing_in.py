"""Signing in with a password, choosing a first one, and signing out."""

from starlette.responses import Response

from chorus_gateway.actions import onboarding
from chorus_gateway.identity.access_tokens import NotSignedIn
from chorus_gateway.identity.sign_in import require_password
from chorus_gateway.member_pages.layout import entry, summary
from chorus_gateway.member_pages.markup import Markup, el, text
from chorus_gateway.member_pages.paths import ME, SIGN_IN
from chorus_gateway.member_pages.visit import Visit
from chorus_gateway.problems import Problem
from chorus_gateway.store import users


async def show(visit: Visit) -> Response:
    """Where somebody is known already and has shown who they are: their page."""
    known = visit.visitor is not None and visit.visitor.session.proven_at is not None
    return visit.go(ME) if known else visit.show(_page(visit, {}))


async def enter(visit: Visit) -> Response:
    """A session of its own, whatever was known here before."""
    gateway = visit.gateway
    try:
        known = await gateway.sign_in.recognise(
            email=visit.said("email"),
            password=(visit.all_said("password") or [""])[0],
            address=visit.address,
            device=visit.cookies.device(visit.scope),
        )
        async with gateway.database.tenant(known.client_id) as conn:
            await require_password(conn, known)
            user = await users.find(conn, known.user_id)
            if user is None:
                raise NotSignedIn("This person may not sign in any more.")
            secret = await gateway.pages.open(conn, user, proven=not user.password_temporary)
    except NotSignedIn as error:
        return visit.show(_page(visit, {"email": str(error)}), 401)
    if visit.visitor is not None:
        await gateway.pages.close(visit.visitor.session)
    response = visit.go(ME)
    visit.cookies.keep_session(response, secret)
    if known.device is not None:
        visit.cookies.keep_device(response, known.device)
    return response


async def out(visit: Visit) -> Response:
    """The session ends, also in copies of its cookie."""
    await visit.gateway.pages.close(visit.known.session)
    response = visit.go(SIGN_IN)
    visit.cookies.forget_session(response)
    return response


async def ask_password(visit: Visit) -> Response:
    """For who has none yet, or has forgotten it."""
    if not visit.known.may_choose_password:
        return visit.go(ME)
    return visit.show(_choosing(visit, {}))


async def choose_password(visit: Visit) -> Response:
    """A first one. Other browsers are signed out."""
    new = (visit.all_said("password") or [""])[0]
    try:
        await onboarding.choose_password(visit.caller, visit.known.session, new)
    except Problem as problem:
        faults = problem.extra.get("errors")
        if not faults:
            raise
        return visit.show(_choosing(visit, {"password": str(faults[0]["detail"])}), 422)
    return visit.go(f"{ME}?said=password")


def _page(visit: Visit, faults: dict[str, str]) -> Markup:
    form = visit.frame.form(
        SIGN_IN,
        entry("email", "E-mail address", visit.said("email"), type_="email",
              fault=faults.get("email"), autocomplete="username"),
        entry("password", "Password", "", type_="password", autocomplete="current-password"),
        el("button", "Sign in", class_="go wide"),
    )  # fmt: skip
    body = [
        el("h1", "Sign in"),
        summary(faults),
        form,
        text(
            "No password, or forgotten? Ask your team for a fresh link: by it you sign your "
            "account in, and choose a new password. Nobody else manages your team? Ask whoever "
            "runs this server."
        ),
    ]
    return visit.frame.page("Error: Sign in" if faults else "Sign in", *body)


def _choosing(visit: Visit, faults: dict[str, str]) -> Markup:
    title = "Choose a password"
    form = visit.frame.form(
        "/me/password",
        entry("password", "New password", "", type_="password", fault=faults.get("password"),
              hint="12 characters or more.", autocomplete="new-password"),
        el("button", title, class_="go wide"),
    )  # fmt: skip
    body = [
        el("h1", title),
        summary(faults),
        text(
            f"With it and {visit.known.user.email} you come back to this page by yourself. Without "
            "one you ask your team for a fresh link."
        ),
        form,
        visit.frame.link(ME, "Back to My page"),
    ]
    return visit.frame.page(f"Error: {title}" if faults else title, *body)
