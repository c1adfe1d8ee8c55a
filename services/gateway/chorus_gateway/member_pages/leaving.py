"""Delete me: asked once, done at once; and everything that is kept of me, to take along."""

from datetime import date

import orjson
from starlette.responses import Response

from chorus_gateway.actions import leaving as actions
from chorus_gateway.actions import onboarding
from chorus_gateway.member_pages.layout import told
from chorus_gateway.member_pages.markup import Markup, el, text
from chorus_gateway.member_pages.paths import ME
from chorus_gateway.member_pages.visit import Visit
from chorus_gateway.store import absences, accounts, activities
from chorus_gateway.store.activities import Filters

_MOST = 1_000


async def ask(visit: Visit) -> Response:
    """What it does, before it is done: it cannot be undone."""
    if not await actions.may_leave(visit.caller):
        return visit.show(_first(visit))
    title = "Delete me?"
    body = [
        el("h1", title),
        el(
            "section",
            text(
                f"{visit.known.user.name}, this ends everything at once: all you agreed to is "
                "withdrawn, what is planned in your name is called off, your account is removed, "
                "and its sign-in at the provider is deleted.",
                "Your name, address and phrases are removed. What was done stays done on LinkedIn, "
                "and in your team's record, which may name you in what was written down then; "
                "what you agreed to and when stays as proof.",
                "It cannot be undone. You can be invited again.",
            ),
        ),
        visit.frame.press("/me/delete", "Delete me", class_="stop"),
        el("p", visit.frame.link(ME, "No, go back")),
    ]
    return visit.show(visit.frame.page(title, *body))


def _first(visit: Visit) -> Markup:
    """Whoever has a link may stop everything with it; only its person deletes."""
    title = "Sign your account in first"
    body = [
        el("h1", title),
        text(
            "Deleting cannot be undone, so show first that it is you, at the provider's page. You "
            "have no account here, and somebody else chose your password? Then ask for a new link.",
        ),
        visit.frame.link("/me/connect", "Sign my account in", class_="go wide"),
        text("You can stop everything at once, without that:"),
        visit.frame.press("/me/pause", "Pause me", class_="stop"),
        visit.frame.press("/me/withdraw", "Withdraw all", class_="grave", kind="all"),
        el("p", visit.frame.link(ME, "No, go back")),
    ]
    return visit.frame.page(title, *body)


async def delete(visit: Visit) -> Response:
    """In force when the answer is there."""
    called_off = await actions.leave(visit.caller)
    count = "What was planned is called off." if called_off is None else (
        f"{called_off} planned acts were called off."
    )  # fmt: skip
    words = (
        f"You are deleted, and signed out here. {count} Nothing more is done in your name.",
        "To be sure at LinkedIn as well: Settings, Sign in & security, Where you're signed in.",
    )
    response = visit.show(visit.frame.page("You are deleted", *told("You are deleted", *words)))
    visit.cookies.forget_session(response)
    return response


async def data(visit: Visit) -> Response:
    """Everything that is kept of me, as JSON."""
    caller, user = visit.caller, visit.known.user
    way = await onboarding.way(caller, visit.known.session)
    kept = []
    async with caller.reading() as conn:
        for account in way.accounts:
            filters = Filters(account_id=account.id)
            kept.append(
                {
                    "account": account,
                    "absences": await absences.of_account(
                        conn, account.id, since=date.min, limit=_MOST
                    ),
                    "consents": await accounts.consents(conn, account.id, before=None, limit=_MOST),
                    "activities": await activities.listing(conn, filters, before=None, limit=_MOST),
                }
            )
    document = orjson.dumps({"person": user, "accounts": kept}, option=orjson.OPT_INDENT_2)
    headers = {"content-disposition": 'attachment; filename="my-data.json"'}
    return Response(document, media_type="application/json", headers=headers)
