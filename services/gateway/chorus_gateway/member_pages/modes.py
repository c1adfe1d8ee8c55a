"""How much is left to Chorus, kind by kind: shown on My page, and changed there."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from chorus.vocabulary import ApprovalMode, Kind
from chorus_gateway.actions import approval_modes as actions
from chorus_gateway.domain.approval_modes import KINDS, is_wider, modes_of
from chorus_gateway.member_pages import chosen_account
from chorus_gateway.member_pages.agreeing import NAMES
from chorus_gateway.member_pages.layout import choice, field
from chorus_gateway.member_pages.markup import Markup, el
from chorus_gateway.member_pages.paths import ME
from chorus_gateway.member_pages.visit import Visit
from chorus_gateway.problems import Problem
from chorus_gateway.store.accounts import Account

WORDS: Final[Mapping[ApprovalMode, str]] = {
    ApprovalMode.AUTO: "Do it for me",
    ApprovalMode.APPROVE_EACH: "Ask me each time",
    ApprovalMode.SUGGEST: "Only suggest it, I do it myself",
}


def section(visit: Visit, account: Account) -> Markup:
    """One choice for each kind. Who came by a link is offered what is narrower alone."""
    present = modes_of(account.approval_modes)
    form = visit.frame.form(
        "/me/modes",
        chosen_account.named(account),
        [_choice(visit, account, kind, present[kind]) for kind in KINDS],
        el("button", "Save", class_="go"),
    )
    return el(
        "section",
        el("h2", "How it is done"),
        el("p", account.display_name, class_="meta"),
        el(
            "p", "Where your team asks for a yes first, it is asked for in any case.", class_="meta"
        ),
        form,
        id="modes",
    )


def _choice(visit: Visit, account: Account, kind: Kind, present: ApprovalMode) -> Markup:
    proven = visit.known.session.proven_at is not None
    offered = [mode for mode in ApprovalMode if proven or not is_wider(mode, present)]
    name = f"mode-{kind}-{account.id}"
    control = el(
        "select",
        [choice(mode, WORDS[mode], [present]) for mode in offered],
        id=name,
        name=f"mode_{kind}",
    )
    seen = el("input", type="hidden", name=f"seen_{kind}", value=str(present))
    return el("div", field(name, NAMES[kind], control), seen)


async def save(visit: Visit) -> Response:
    """What was changed in the form, and nothing else; another's change meanwhile is shown first."""
    account = await chosen_account.said(visit)
    seen, wanted = _read(visit, "seen"), _read(visit, "mode")
    changed = {kind: wanted[kind] for kind in seen if wanted.get(kind, seen[kind]) != seen[kind]}
    if not changed:
        return visit.go(f"{ME}#modes")
    try:
        await actions.choose(visit.caller, account.id, changed, seen=seen)
    except Problem as problem:
        if problem.code != "conflict":
            raise
        return visit.go(f"{ME}?said=modes-old#modes")
    return visit.go(f"{ME}?said=modes#modes")


def _read(visit: Visit, what: str) -> dict[Kind, ApprovalMode]:
    try:
        return {
            kind: ApprovalMode(said) for kind in KINDS if (said := visit.said(f"{what}_{kind}"))
        }
    except ValueError:
        raise Problem("malformed_request", "This is no way to do it.") from None
