"""Step 2: an account is connected at the provider's page, and its person says that it is theirs."""

from uuid import UUID

from starlette.responses import RedirectResponse, Response

from chorus import linkedin
from chorus_gateway.actions import onboarding
from chorus_gateway.actions.onboarding import Way
from chorus_gateway.domain.account_links import SENTENCES, AccountLink, LinkKind, LinkState
from chorus_gateway.member_pages.layout import told
from chorus_gateway.member_pages.markup import Markup, el, text
from chorus_gateway.member_pages.paths import ME, SIGN_IN
from chorus_gateway.member_pages.visit import Visit
from chorus_gateway.problems import Problem
from chorus_gateway.store.accounts import Account

_WAIT_SECONDS = 3


async def show(visit: Visit) -> Response:
    """What has come of it so far."""
    caller, session = visit.caller, visit.known.session
    way = await onboarding.way(caller, session)
    if not way.accounts and not await onboarding.may_bring(caller, session):
        return visit.show(_nothing_to_show(visit))
    return visit.show(_page(visit, way))


async def start(visit: Visit) -> Response:
    """The provider's link is made now, when the button is pressed, and kept in no mail."""
    given = visit.said("account")
    started = await onboarding.connect(
        visit.caller, visit.known.session, _uuid(given) if given else None
    )
    return RedirectResponse(started.url, 303)


async def confirm(visit: Visit) -> Response:
    """Its person says that it is theirs."""
    link = await onboarding.confirm(visit.caller, visit.known.session, _uuid(visit.said("link")))
    if link.state == LinkState.CONNECTED and link.kind == LinkKind.CREATE:
        return visit.go(f"/me/hours?account={link.connected_account_id}")
    return visit.go(f"{ME}?said=again" if link.state == LinkState.CONNECTED else "/me/connect")


async def refuse(visit: Visit) -> Response:
    """Its person says that it is not theirs."""
    await onboarding.refuse(visit.caller, visit.known.session, _uuid(visit.said("link")))
    return visit.go("/me/connect")


def _page(visit: Visit, way: Way) -> Markup:
    link = way.link
    if link is not None and link.state == LinkState.REPORTED:
        if link.shown_at is not None and link.confirmed_at is None:
            return _is_it_yours(visit, link)
        return _waiting(visit)
    came = visit.query.get("came")
    if link is not None and link.state == LinkState.OPEN and came == "done":
        return _waiting(visit)
    return _begin(visit, way, _failure(link, came))


def _failure(link: AccountLink | None, came: str | None) -> str | None:
    """What went wrong with the last try, where something did."""
    if link is None or link.state not in {LinkState.FAILED, LinkState.OPEN}:
        return None
    code = link.code or ("not_finished" if came == "failed" else None)
    return SENTENCES.get(code or "")


def _waiting(visit: Visit) -> Markup:
    body = [
        *told("One moment", "The provider is being asked about your account. It is not connected "
              "yet, and this page goes on by itself."),
        el("h2", "It takes too long?"),
        visit.frame.press("/me/connect", "Start again"),
    ]  # fmt: skip
    return visit.frame.page("One moment", *body, again=_WAIT_SECONDS)


def _is_it_yours(visit: Visit, link: AccountLink) -> Markup:
    profile = linkedin.profile_url(link.shown_slug) if link.shown_slug else None
    title = "Is this your account?"
    body = [
        el("p", "Step 2 of 4", class_="step"),
        el("h1", title),
        el(
            "section",
            el("h2", link.shown_name or "An account without a name"),
            el("p", profile) if profile else None,
        ),
        visit.frame.press(
            "/me/connect/confirm", "Yes, it is mine", class_="go wide", link=str(link.id)
        ),
        text("You did not sign in as this person?"),
        visit.frame.press("/me/connect/refuse", "No, it is not mine", link=str(link.id)),
    ]
    return visit.frame.page(title, *body)


def _begin(visit: Visit, way: Way, failure: str | None) -> Markup:
    failed = el("p", failure, class_="stopped", role="alert") if failure else None
    if way.accounts:
        title = "Sign your account in again"
        rows = [_row(visit, account) for account in way.accounts]
        why = "At the provider's page. Only the same account is accepted."
        body = [el("h1", title), failed, text(why), el("section", rows)]
        return visit.frame.page(title, *body, visit.frame.link(ME, "Back to My page"))
    title = "Connect your LinkedIn account"
    words = (
        "On the next pages you sign in at Unipile, the service through which we reach LinkedIn. "
        "Chorus never sees your password."
    )
    then = (
        "Then you come back here, in this same browser, and say whether the account is yours. "
        "Nothing is done with it before you have agreed."
    )
    body = [
        el("p", "Step 2 of 4", class_="step"),
        el("h1", title),
        failed,
        text(words, then),
        visit.frame.press("/me/connect", "Try again" if failure else "Connect", class_="go wide"),
    ]
    return visit.frame.page(title, *body)


def _nothing_to_show(visit: Visit) -> Markup:
    """For who came back by a link and has no account by which to show who they are."""
    title = "Show that it is you"
    words = (
        "You came here by a link, and a link can be passed on. There is no account of yours here "
        "that you could sign in again, and a new one says nothing of who you are."
    )
    then = "Without a password: have yourself deleted, and ask your team for an invitation."
    body = [
        *told(title, words),
        visit.frame.link(SIGN_IN, "Sign in with a password of my own", class_="go wide"),
        text(then),
        el("a", "Delete me …", href=visit.frame.to("/me/delete")),
    ]
    return visit.frame.page(title, *body)


def _row(visit: Visit, account: Account) -> Markup:
    return el(
        "div",
        el("div", el("h3", account.display_name), el("p", account.linkedin_url, class_="meta")),
        visit.frame.press("/me/connect", "Sign in again", class_="go", account=str(account.id)),
        class_="row",
    )


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise Problem("link_not_found") from None
