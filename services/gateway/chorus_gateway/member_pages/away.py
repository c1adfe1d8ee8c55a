"""Days on which nothing goes out in my name: said, listed, taken back."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from chorus_gateway.actions import absences as actions
from chorus_gateway.api.fields import LongName
from chorus_gateway.domain.absences import Absence, fault, today_in
from chorus_gateway.member_pages import chosen_account
from chorus_gateway.member_pages.layout import entry, summary
from chorus_gateway.member_pages.markup import Markup, el, text
from chorus_gateway.member_pages.paths import ME
from chorus_gateway.member_pages.visit import Visit
from chorus_gateway.problems import Problem
from chorus_gateway.store.accounts import Account

_REASON: Final[TypeAdapter[str]] = TypeAdapter(LongName)
_FAULTS: Final = {
    "first_day": "Choose the first day.",
    "last_day": "Choose the last day; nothing goes out on it either.",
}


async def show(visit: Visit) -> Response:
    """An empty form."""
    account = await chosen_account.shown(visit)
    if isinstance(account, Response):
        return account
    return visit.show(_page(visit, account, {}, {}))


async def save(visit: Visit) -> Response:
    """In force with the answer; what is planned on these days has another time, or is skipped."""
    account = await chosen_account.said(visit)
    caller = visit.caller
    typed = {name: visit.said(name).strip() for name in ("first_day", "last_day", "reason")}
    faults: dict[str, str] = {}
    first, last = (_day(typed[name], name, faults) for name in ("first_day", "last_day"))
    reason = _reason(typed["reason"], faults)
    if first and last:
        today = today_in(account.timezone, caller.gateway.clock.now())
        wrong = fault(first, last, today)
        faults |= {wrong[0]: wrong[1]} if wrong else {}
    if faults or not (first and last):
        return visit.show(_page(visit, account, typed, faults), 422)
    async with caller.transaction() as conn:
        await actions.add(conn, caller, account.id, first_day=first, last_day=last, reason=reason)
    await actions.apply(caller, account.id)
    return visit.go(f"{ME}?said=away#away")


async def end(visit: Visit) -> Response:
    """I am back, or do not go."""
    account = await chosen_account.said(visit)
    try:
        absence_id = UUID(visit.said("absence"))
    except ValueError:
        raise Problem("absence_not_found") from None
    await actions.end(visit.caller, account.id, absence_id)
    return visit.go(f"{ME}?said=back#away")


def section(visit: Visit, account: Account, absences: list[Absence]) -> Markup:
    """On My page."""
    rows = [
        el(
            "div",
            el("div", el("h3", _days(one)), el("p", one.reason, class_="meta") if one.reason
               else None, None if one.by_owner else el("p", "Said by your team.", class_="meta")),
            visit.frame.press(
                "/me/away/end", "Take back", account=str(account.id), absence=str(one.id)
            ),
            class_="row",
        )
        for one in absences
    ]  # fmt: skip
    nothing = None if rows else el("p", "No days are kept free.")
    link = visit.frame.link(
        chosen_account.address("/me/away", account), "Keep days free", class_="go"
    )
    return el(
        "section",
        el("h2", "Days without me"),
        el("p", account.display_name, class_="meta"),
        nothing,
        rows,
        el("div", link, class_="deeds"),
        id="away",
    )


def shown_day(day: date) -> str:
    """`Thu 24 Dec 2026`."""
    return day.strftime("%a %-d %b %Y")


def _days(absence: Absence) -> str:
    first, last = shown_day(absence.first_day), shown_day(absence.last_day)
    return first if first == last else f"{first} to {last}"


def _day(typed: str, name: str, faults: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        faults[name] = _FAULTS[name]
        return None


def _reason(typed: str, faults: dict[str, str]) -> str | None:
    if not typed:
        return None
    try:
        return _REASON.validate_python(typed)
    except ValidationError as error:
        faults["reason"] = f"{error.errors()[0]['msg'].removeprefix('Value error, ')}."
        return None


def _page(
    visit: Visit, account: Account, typed: Mapping[str, str], faults: dict[str, str]
) -> Markup:
    title = "When are you away?"

    def line(name: str, words: str, hint: str | None = None, type_: str = "date") -> Markup:
        value, wrong = typed.get(name, ""), faults.get(name)
        return entry(name, words, value, hint=hint, fault=wrong, type_=type_)

    form = visit.frame.form(
        "/me/away",
        chosen_account.named(account),
        el(
            "div",
            line("first_day", "First day"),
            line("last_day", "Last day"),
            class_="pair",
        ),
        line("reason", "Why (optional)", "Your team sees it.", "text"),
        el("button", "Keep these days free", class_="go wide"),
    )
    return visit.frame.page(
        f"Error: {title}" if faults else title,
        el("h1", title),
        summary(faults),
        text(
            f"For {account.display_name}. Nothing goes out in your name on these days, the last "
            f"one included; they begin and end at midnight, {account.timezone} time. What is "
            "planned then is done afterwards, or not at all where that would be too late."
        ),
        form,
        visit.frame.link(ME, "Back to My page"),
    )
