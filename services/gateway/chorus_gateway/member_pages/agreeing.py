"""Step 4: each consent in full, kind by kind; and its end, at once."""

from typing import Final

from starlette.responses import Response

from chorus.vocabulary import Kind
from chorus_gateway.actions import consents as actions
from chorus_gateway.actions import onboarding
from chorus_gateway.domain.consent import ConsentText, current_text
from chorus_gateway.member_pages import chosen_account
from chorus_gateway.member_pages.markup import Markup, el, text
from chorus_gateway.member_pages.paths import ME
from chorus_gateway.member_pages.visit import Visit
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts
from chorus_gateway.store.accounts import Account

NAMES: Final[dict[Kind, str]] = {
    Kind.LIKE: "Likes",
    Kind.COMMENT: "Comments",
    Kind.REPOST: "Reposts",
    Kind.PUBLISH: "Posts of my own",
    Kind.SEND_DM: "Direct messages",
    Kind.SCAN_COMMENTS: "Reading comments",
    Kind.READ_REPLIES: "Reading replies",
    Kind.DETECT_POSTS: "Finding my new posts",
}


_OLD: Final = (
    "What you agreed to was changed after this page was shown, so nothing was kept of it. This is "
    "what holds: look at it again."
)


async def show(visit: Visit) -> Response:
    """Every wording in full; nothing is ticked that was not agreed to."""
    account = await chosen_account.shown(visit)
    if isinstance(account, Response):
        return account
    if account.active_hours is None:
        return visit.go(chosen_account.address("/me/hours", account))
    return visit.show(_page(visit, account))


async def save(visit: Visit) -> Response:
    """A yes to what is ticked, by the wording that was shown; a no to what is ticked no more.

    Where something else is in force than the form was made of, nothing changes: it is shown anew.
    """
    account = await chosen_account.said(visit)
    present = set(visit.said("present").split())
    if account.active_hours is None:
        return visit.go(chosen_account.address("/me/hours", account))
    ticked = [kind for kind in Kind if str(kind) in visit.all_said("kinds")]
    new = [kind for kind in ticked if kind not in present]
    gone = [kind for kind in Kind if kind in present and kind not in ticked]
    shown = {kind: visit.said(f"sha256-{kind}") for kind in new}
    async with visit.caller.transaction() as conn:
        held = await accounts.lock(conn, account.id)
        if held is None:
            raise Problem("account_not_found")
        if set(held.consented_kinds) != present:
            return visit.show(_page(visit, held, old=True), 409)
        for kinds, granted in ((gone, False), (new, True)):
            if kinds:
                await actions.answer(
                    conn, visit.caller, account.id, kinds=kinds, granted=granted, shown=shown
                )
    if gone:
        await actions.recheck(visit.caller, account.id)
    return visit.go(f"{ME}?said=agreed")


async def withdraw(visit: Visit) -> Response:
    """One kind of one account, or all kinds of all: in force at once."""
    caller, kind = visit.caller, visit.said("kind")
    way = await onboarding.way(caller, visit.known.session)
    called_off = 0
    for account in way.accounts:
        if visit.said("account") not in {"", str(account.id)}:
            continue
        kinds = [one for one in Kind if kind in {"all", one} and one in account.consented_kinds]
        if not kinds:
            continue
        async with caller.transaction() as conn:
            await actions.answer(conn, caller, account.id, kinds=kinds, granted=False, shown={})
        called_off += await actions.recheck(caller, account.id) or 0
    if kind != "all" and kind not in set(Kind):
        raise Problem("malformed_request", "This is no kind of act.")
    return visit.go(f"{ME}?said=withdrawn&n={called_off}")


def _page(visit: Visit, account: Account, *, old: bool = False) -> Markup:
    title = "What may be done with your account?"
    kinds = [_kind(current_text(kind), ticked=kind in account.consented_kinds) for kind in Kind]
    body = [
        el("p", "Step 4 of 4", class_="step"),
        el("h1", title),
        el("p", _OLD, class_="stopped", role="alert") if old else None,
        text(
            f"For {account.display_name}. Read each, and tick what you agree to. None is fine. "
            "What you do not tick is not done; you take back any of it on My page, at any time."
        ),
        visit.frame.form(
            "/me/agree",
            chosen_account.named(account),
            el("input", type="hidden", name="present", value=" ".join(account.consented_kinds)),
            kinds,
            el("button", "That is what I agree to", class_="go wide"),
        ),
        visit.frame.link(ME, "Not now"),
    ]
    return visit.frame.page(title, *body)


def _kind(words: ConsentText, *, ticked: bool) -> Markup:
    name = f"kind-{words.kind}"
    box = el("input", type="checkbox", name="kinds", value=str(words.kind), id=name, checked=ticked)
    label = el("label", el("b", NAMES[words.kind]), words.text, for_=name)
    digest = el("input", type="hidden", name=f"sha256-{words.kind}", value=words.sha256.hex())
    return el("section", el("div", box, label, class_="check"), digest)
