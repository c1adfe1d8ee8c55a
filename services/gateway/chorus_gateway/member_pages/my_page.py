"""My page: what goes out in my name, and how I stop it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.responses import Response

from chorus.vocabulary import Kind
from chorus_gateway.actions import absences as absence_actions
from chorus_gateway.actions import onboarding
from chorus_gateway.domain import absences as absence_rules
from chorus_gateway.domain.absences import Absence
from chorus_gateway.domain.account_status import CHALLENGE
from chorus_gateway.member_pages import away, chosen_account, modes, suggestions
from chorus_gateway.member_pages.agreeing import NAMES
from chorus_gateway.member_pages.cards import about, post_of
from chorus_gateway.member_pages.hours import clock, shown_hours
from chorus_gateway.member_pages.layout import described, field
from chorus_gateway.member_pages.markup import Markup, el, text, together
from chorus_gateway.member_pages.visit import Visit
from chorus_gateway.store import activities
from chorus_gateway.store.accounts import Account
from chorus_gateway.store.activities import Activity, Filters, Pause

_SHOWN: Final = 50
_DONE: Final = 20
_PLANNED: Final = ["scheduled", "dispatched", "executing"]
_SAID: Final = {
    "paused": "Paused. Nothing more goes out in your name until you say so.",
    "resumed": "On again. What waited is given new times, none at once.",
    "approved": "Approved.",
    "rejected": "Rejected. It will not go out.",
    "cancelled": "Called off. It will not go out.",
    "withdrawn": "Withdrawn, and in force now.",
    "agreed": "Kept: what you ticked may be done, and nothing else.",
    "done": "Kept as done by you. Nobody does it once more.",
    "modes": "Saved, and in force now. What waits for you goes on waiting.",
    "modes-old": "It was changed meanwhile, so nothing was saved. Look at what holds, and choose.",
    "hours": "Saved. Nothing goes out outside these hours.",
    "away": "Kept. Nothing goes out in your name on these days.",
    "back": "Taken back. What waited is given new times, none at once.",
    "password": "Your password is kept. With it you come back by yourself.",
    "again": "Your account is signed in again.",
}
_OUT: Final = {
    "needs_login": "is signed out at the provider",
    "restricted": "does not work at the provider just now",
    "disconnected": "is not at the provider any more",
}
_VERBS: Final = {
    Kind.LIKE: "A like",
    Kind.COMMENT: "A comment",
    Kind.REPOST: "A repost",
    Kind.PUBLISH: "A post",
    Kind.SEND_DM: "A direct message",
}
_STATES: Final = {
    "executed": "Done",
    "failed": "Failed",
    "unknown": "Not known",
    "cancelled": "Called off",
    "skipped": "Skipped",
    "dispatched": "Under way",
    "executing": "Under way",
    "scheduled": "Planned",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Words that were typed for an activity and will not do."""

    activity_id: UUID
    text: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """What the page shows of one account."""

    account: Account
    pause: Pause | None
    """The weightiest."""
    own_pause: Pause | None
    """What its person stopped themselves."""
    absences: list[Absence]
    waits: list[Activity]
    suggested: list[Activity]
    planned: list[Activity]
    done: list[Activity]
    now: datetime

    def when(self, at: datetime | None) -> str:
        return clock(at, self.account.timezone, self.now)


async def show(visit: Visit) -> Response:
    """Whole, at one address; who has not come so far yet is led on."""
    return await _shown(visit, None)


async def show_fault(visit: Visit, activity_id: UUID, typed: str, words: str) -> Response:
    """The same, with what is wrong beside the words that were typed."""
    return await _shown(visit, Fault(activity_id=activity_id, text=typed, words=words))


async def _shown(visit: Visit, fault: Fault | None) -> Response:
    way = await onboarding.way(visit.caller, visit.known.session)
    if not way.accounts:
        return visit.go("/me/connect")
    mine = [await _mine(visit, account) for account in way.accounts]
    name = visit.known.user.name
    body = [
        el("div", _stop(visit, mine), class_="bar"),
        el("h1", name),
        _said(visit),
        _unproven(visit),
        [_state(visit, one) for one in mine],
        [_account(visit, one, fault) for one in mine],
        _about(visit),
    ]
    page = visit.frame.page(f"Error: {name}" if fault else name, *body, wide=True)
    return visit.show(page, 422 if fault else 200)


async def _mine(visit: Visit, account: Account) -> Mine:
    async with visit.caller.reading() as conn:
        held = await activities.all_pauses_of(conn, [account.id])
        absences = await absence_actions.listing(conn, visit.caller, account)
        lists = [
            await activities.listing(
                conn, Filters(account_id=account.id, states=states), before=None, limit=most
            )
            for states, most in (
                (["awaiting_approval"], _SHOWN),
                (["suggested"], _SHOWN),
                (_PLANNED, _SHOWN),
                (["executed", "unknown", "failed"], _DONE),
            )
        ]
    actor = visit.caller.principal.actor
    late = datetime.max.replace(tzinfo=visit.gateway.clock.now().tzinfo)
    return Mine(
        account=account,
        pause=held[-1] if held else None,
        own_pause=next((one for one in held if one.paused_by == actor), None),
        absences=absences,
        waits=lists[0],
        suggested=lists[1],
        planned=sorted(lists[2], key=lambda one: one.scheduled_for or late),
        done=lists[3],
        now=visit.gateway.clock.now(),
    )


def _stop(visit: Visit, mine: list[Mine]) -> Markup:
    """The first and most visible thing: one tap, without a question."""
    if all(one.own_pause is not None for one in mine):
        return visit.frame.press("/me/resume", "Go on again", class_="wide")
    return visit.frame.press("/me/pause", "Pause me", class_="stop")


def _said(visit: Visit) -> Markup | None:
    words = _SAID.get(visit.query.get("said", ""))
    if words is None:
        return None
    count = visit.query.get("n", "")
    more = f" {count} planned were called off." if count.isdecimal() and len(count) < 7 else ""
    return el("p", words + more, class_="said", role="status")


def _unproven(visit: Visit) -> Markup | None:
    """Who came by a link looks and stops; for more they show that it is them."""
    if visit.known.session.proven_at is not None:
        return None
    return el(
        "section",
        el("h2", "You came here by a link"),
        text(
            "You see what goes out in your name, and stop it. To change anything else, sign your "
            "account in once more at the provider's page."
        ),
        visit.frame.link("/me/connect", "Sign my account in", class_="go"),
    )


def _state(visit: Visit, one: Mine) -> Markup:
    """One sentence that answers the page's question."""
    account, pause = one.account, one.pause
    if pause is not None and pause.code == CHALLENGE:
        words = f"Stopped: LinkedIn asks {account.display_name} to confirm that it is you."
        return _stopped(words, _again(visit, account))
    if pause is not None:
        by_me = pause.paused_by == visit.caller.principal.actor
        who = "you" if by_me else "your team"
        words = f"{account.display_name}: paused by {who}, {one.when(pause.paused_at)}."
        ask = "" if by_me else " Ask them to end it."
        return _stopped(words + ask, None)
    if account.standing != "connected":
        words = f"{account.display_name} {_OUT[account.standing]}, so nothing goes out."
        return _stopped(words, _again(visit, account))
    gone = absence_rules.of_day(one.absences, absence_rules.today_in(account.timezone, one.now))
    if gone is not None:
        last = away.shown_day(gone.last_day)
        return el("p", f"{account.display_name}: away until {last}; nothing goes out until then.")
    return el("p", _going_on(account, one))


def _going_on(account: Account, one: Mine) -> str:
    """Nobody stopped it: what comes next."""
    if not account.kinds_in_force:
        return f"{account.display_name}: nothing goes out, since you have agreed to nothing."
    following = next(
        (act for act in one.planned if act.state == "scheduled" and not act.held), None
    )
    if following is None:
        return f"{account.display_name}: active. Nothing is planned."
    what, at = _VERBS[Kind(following.kind)], one.when(following.scheduled_for)
    next_one = f"{what.lower()}, {at}, {account.timezone} time"
    return f"{account.display_name}: active. Next: {next_one}."


def _again(visit: Visit, account: Account) -> Markup:
    """One tap to the provider's page for this very account."""
    return visit.frame.press("/me/connect", "Sign in again", class_="go", account=str(account.id))


def _stopped(words: str, way: Markup | None) -> Markup:
    return el("div", el("p", words), way, class_="stopped")


def _account(visit: Visit, one: Mine, fault: Fault | None) -> Markup:
    return together(
        _waits(visit, one, fault),
        suggestions.section(
            visit, one.suggested, [one.when(act.approval_expires_at) for act in one.suggested]
        ),
        _planned(visit, one),
        _agreed(visit, one.account),
        modes.section(visit, one.account),
        _hours(visit, one.account),
        away.section(visit, one.account, one.absences),
        _done(one),
    )


def _waits(visit: Visit, one: Mine, fault: Fault | None) -> Markup | None:
    if not one.waits:
        return None
    cards = [_card(visit, one, act, fault) for act in one.waits]
    return el("section", el("h2", f"For your yes: {len(one.waits)}"), cards, id="yes")


def _card(visit: Visit, one: Mine, act: Activity, fault: Fault | None) -> Markup:
    """The words, byte for byte, as they will go out."""
    wrong = fault if fault and fault.activity_id == act.id else None
    name, hidden = f"text-{act.id}", act.draft_text or ""
    control = el(
        "textarea",
        wrong.text if wrong else hidden,
        id=name,
        name="text",
        rows=4,
        aria_invalid="true" if wrong else None,
        aria_describedby=described(name, None, wrong.words if wrong else None),
    )
    words = field(name, "What it says", control, fault=wrong.words if wrong else None)
    form = visit.frame.form(
        f"/me/activities/{act.id}/approve",
        el("input", type="hidden", name="text_sha256", value=act.text_sha256),
        el("input", type="hidden", name="drafted", value=hidden),
        words if act.draft_text is not None else None,
        el("button", "Approve", class_="go"),
    )
    no = visit.frame.press(f"/me/activities/{act.id}/reject", "Reject")
    shown = el("div", _what(one, act), post_of(act), form, el("div", no, class_="buttons"))
    return el("div", shown, class_="row")


def _what(one: Mine, act: Activity) -> Markup:
    post = el("a", "the post", href=act.target_url, rel="noreferrer") if act.target_url else None
    title = together(_VERBS[Kind(act.kind)], ", " if post else "", post)
    return about(title, one.when(act.executed_at or act.scheduled_for))


def _planned(visit: Visit, one: Mine) -> Markup:
    rows = [
        el(
            "div",
            el("div", _what(one, act), el("p", act.draft_text, class_="words")
               if act.draft_text else None, el("p", act.reason, class_="meta")),
            visit.frame.press(f"/me/activities/{act.id}/cancel", "Call off"),
            class_="row",
        )
        for act in one.planned
    ]  # fmt: skip
    nothing = None if rows else el("p", "Nothing is planned in your name.")
    return el("section", el("h2", f"Planned: {len(rows)}"), nothing, rows, id="planned")


def _agreed(visit: Visit, account: Account) -> Markup:
    in_force = [kind for kind in Kind if kind in account.consented_kinds]
    rows = [
        el(
            "div",
            el("div", el("h3", NAMES[kind], " ", el("span", "agreed", class_="badge"))),
            visit.frame.press("/me/withdraw", "Withdraw", kind=str(kind), account=str(account.id)),
            class_="row",
        )
        for kind in in_force
    ]
    off = [NAMES[kind] for kind in Kind if kind not in in_force]
    return el(
        "section",
        el("h2", "What I agreed to"),
        el("p", account.display_name, class_="meta"),
        rows,
        el("p", f"Not agreed to, and not done: {', '.join(off)}.", class_="meta") if off else None,
        el(
            "div",
            visit.frame.press("/me/withdraw", "Withdraw all", class_="grave", kind="all")
            if rows
            else None,
            visit.frame.link(
                chosen_account.address("/me/agree", account), "Read and change", class_="go"
            ),
            class_="buttons",
        ),
        id="agreed",
    )


def _hours(visit: Visit, account: Account) -> Markup:
    return el(
        "section",
        el("h2", "Hours and phrases"),
        el("p", account.display_name, class_="meta"),
        el("p", shown_hours(account)),
        visit.frame.link(chosen_account.address("/me/hours", account), "Change"),
    )


def _done(one: Mine) -> Markup:
    rows = [
        el(
            "div",
            el("div", _what(one, act), el("p", act.final_text, class_="words")
               if act.final_text else None, None if act.state == "executed" else
               el("p", act.reason, class_="meta")),
            el("span", "By hand" if act.by_hand else _STATES.get(act.state, act.state),
               class_="badge" if act.state == "executed" else "badge off"),
            class_="row",
        )
        for act in one.done
    ]  # fmt: skip
    nothing = None if rows else el("p", "Nothing was done yet.")
    return el("section", el("h2", "Done, the last ones first"), nothing, rows, id="done")


def _about(visit: Visit) -> Markup:
    known = visit.known
    password = (
        el("p", "You sign in where your team does.")
        if known.outside
        else el("p", "You sign in with your password.")
        if not known.may_choose_password
        else el("p", visit.frame.link("/me/password", "Choose a password"))
    )
    return el(
        "section",
        el("h2", "About me"),
        el("p", f"{known.user.name}, {known.user.email}"),
        password,
        el("p", visit.frame.link("/me/connect", "Sign my account in again")),
        visit.frame.press("/me/connect", "Connect another account")
        if known.session.proven_at is not None
        else None,
        el("p", visit.frame.link("/me/data", "Everything that is kept of me")),
        el(
            "div",
            visit.frame.press("/me/sign-out", "Sign out"),
            el("a", "Delete me …", href=visit.frame.to("/me/delete")),
            class_="row",
        ),
    )
