"""Step 3: when the account acts, in which zone, and the words that are its person's own."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from chorus.documents import CONSIDERATE
from chorus_gateway.actions import accounts as actions
from chorus_gateway.actions import members as member_actions
from chorus_gateway.api.fields import Zone
from chorus_gateway.api.schemas.accounts import ActiveHours
from chorus_gateway.api.schemas.pods import Phrases
from chorus_gateway.member_pages import chosen_account
from chorus_gateway.member_pages.layout import choice, described, entry, field, summary
from chorus_gateway.member_pages.markup import Markup, el, text, together
from chorus_gateway.member_pages.paths import ME
from chorus_gateway.member_pages.visit import Visit
from chorus_gateway.store import members
from chorus_gateway.store.accounts import Account
from chorus_gateway.store.members import Member

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ZONE: Final[TypeAdapter[str]] = TypeAdapter(Zone)
_PHRASES: Final[TypeAdapter[list[str]]] = TypeAdapter(Phrases)
ANY: Final = "any_time"
_USUAL: Final[Mapping[str, Any]] = {"opens": "09:00", "closes": "17:30", "days": [0, 1, 2, 3, 4]}
_NIGHTS: Final = (
    "One that ends before it begins goes on until then on the next morning, and belongs to the day "
    "on which it begins."
)
_FURTHER: Final = 6
"""So many windows beside the first one; see `ActiveHours`."""
_WRONG_FURTHER: Final = (
    "Type when it begins and when it ends, two different times; or leave both empty."
)
_FAULTS: Final = {
    "opens": "Type when it begins, like 09:00.",
    "closes": "Type when it ends, like 17:30: another time than the one at which it begins.",
    "days": "Choose one day at least. To stop altogether, use Pause me on My page.",
    "zone": "Choose the time zone in which you live.",
}


async def show(visit: Visit) -> Response:
    """As it is now; before the first choice nothing but a usual day is drawn."""
    account = await chosen_account.shown(visit)
    if isinstance(account, Response):
        return account
    parts = await _parts(visit, account)
    chosen = account.active_hours
    hours = chosen if isinstance(chosen, dict) else dict(_USUAL)
    typed = {
        "any": "yes" if chosen == ANY else "",
        "opens": hours["opens"],
        "closes": hours["closes"],
        "further": [(one["opens"], one["closes"]) for one in hours.get("windows", [])],
        "days": [str(day) for day in hours.get("days", range(7))],
        "zone": account.timezone if account.active_hours else "",
        "phrases": "\n".join(parts[0].phrases) if parts else "",
    }
    return visit.show(_page(visit, account, typed, {}, words=parts))


async def save(visit: Visit) -> Response:
    """In force for what is planned next, and for what is planned already."""
    account = await chosen_account.said(visit)
    parts = await _parts(visit, account)
    first = account.active_hours is None
    typed = {name: visit.said(name) for name in ("opens", "closes", "zone", "phrases", "any")}
    hours, phrases, faults = _read(visit)
    if faults or hours is None:
        shown = typed | {"days": visit.all_said("days"), "further": _typed_further(visit)}
        return visit.show(_page(visit, account, shown, faults, words=parts), 422)
    changes = {"timezone": typed["zone"], "active_hours": hours}
    caller = visit.caller
    async with caller.transaction() as conn:
        await actions.change_within(conn, caller, account.id, changes)
        for part in parts:
            if phrases != part.phrases:
                words = {"phrases": phrases}
                await member_actions.change_within(conn, caller, part.id, words)
    return visit.go(chosen_account.address("/me/agree", account) if first else f"{ME}?said=hours")


async def _parts(visit: Visit, account: Account) -> list[Member]:
    """Where the account takes part."""
    caller = visit.caller
    async with caller.reading() as conn:
        parts = await members.of_owner(conn, caller.principal.user_id)
    return [part for part in parts if part.account_id == account.id]


def _read(visit: Visit) -> tuple[dict[str, Any] | str | None, list[str], dict[str, str]]:
    """Hours, phrases, and what is wrong with either, by field."""
    faults: dict[str, str] = {}
    phrases: list[str] = []
    hours = _hours(visit, faults)
    try:
        _ZONE.validate_python(visit.said("zone"))
    except ValidationError:
        faults["zone"] = _FAULTS["zone"]
    try:
        lines = [line.strip() for line in visit.said("phrases").splitlines() if line.strip()]
        phrases = _PHRASES.validate_python(lines)
    except ValidationError as error:
        line = next((fault["loc"][0] for fault in error.errors() if fault["loc"]), None)
        where = f"Line {int(line) + 1}: " if isinstance(line, int) else ""
        faults["phrases"] = f"{where}{error.errors()[0]['msg'].removeprefix('Value error, ')}."
    return hours, phrases, faults


def _hours(visit: Visit, faults: dict[str, str]) -> dict[str, Any] | str | None:
    """What was chosen; None where it is no time, which `faults` says by field."""
    if visit.said("any") == "yes":
        return ANY
    days = sorted({int(day) for day in visit.all_said("days") if day in set("0123456")})
    given = [(place, each) for place, each in enumerate(_typed_further(visit)) if any(each)]
    document = {
        "opens": visit.said("opens"),
        "closes": visit.said("closes"),
        "days": days,
        "windows": [{"opens": opens, "closes": closes} for _, (opens, closes) in given],
    }
    try:
        return ActiveHours.model_validate(document).model_dump()
    except ValidationError as error:
        places = [fault["loc"] or ("closes",) for fault in error.errors()]
        named = {str(place[0]) for place in places}
        faults |= {name: words for name, words in _FAULTS.items() if name in named}
        wrong = [int(place[1]) for place in places if place[0] == "windows" and place[1:]]
        faults |= {f"opens-{given[index][0]}": _WRONG_FURTHER for index in wrong}
        return None


def _typed_further(visit: Visit) -> list[tuple[str, str]]:
    """The further windows as they were typed, empty ones too."""
    return [
        (visit.said(f"opens-{place}").strip(), visit.said(f"closes-{place}").strip())
        for place in range(_FURTHER)
    ]


def _page(
    visit: Visit,
    account: Account,
    typed: Mapping[str, Any],
    faults: dict[str, str],
    *,
    words: list[Member],
) -> Markup:
    title, first = "When may your account act?", account.active_hours is None
    form = visit.frame.form(
        "/me/hours",
        chosen_account.named(account),
        el(
            "div",
            entry("opens", "From", typed["opens"], type_="time", fault=faults.get("opens")),
            entry("closes", "To", typed["closes"], type_="time", fault=faults.get("closes")),
            class_="pair",
        ),
        text(_NIGHTS),
        _further(typed["further"], faults),
        _days(typed["days"], faults.get("days")),
        el(
            "div",
            el(
                "input",
                type="checkbox",
                name="any",
                value="yes",
                id="any",
                checked=typed["any"] == "yes",
            ),
            el("label", "At any time instead, day and night", for_="any"),
            class_="check",
        ),
        _zones(typed["zone"], faults.get("zone")),
        _phrases(typed["phrases"], faults.get("phrases")) if words else None,
        el("button", "Go on" if first else "Save", class_="go wide"),
    )
    body = [
        el("p", "Step 3 of 4", class_="step") if first else None,
        el("h1", title),
        summary(faults),
        text(f"For {account.display_name}. Nothing is done in your name outside these hours."),
        form,
        None if first else visit.frame.link(ME, "Back to My page"),
        visit.frame.script(),
    ]
    return visit.frame.page(f"Error: {title}" if faults else title, *body)


def _further(windows: list[tuple[str, str]], faults: dict[str, str]) -> Markup:
    """What there is, and room for one more at least."""
    filled = [place for place, each in enumerate(windows) if any(each)]
    shown = min(_FURTHER, max(2, (filled[-1] if filled else 0) + 2))
    padded = [*windows, *[("", "")] * _FURTHER][:shown]
    rows = [
        el(
            "div",
            entry(f"opens-{place}", f"From, {place + 2}", opens, type_="time",
                  fault=faults.get(f"opens-{place}")),
            entry(f"closes-{place}", f"To, {place + 2}", closes, type_="time"),
            class_="pair",
        )
        for place, (opens, closes) in enumerate(padded)
    ]  # fmt: skip
    legend = el("legend", "Further times on the same days (optional)")
    return el("fieldset", legend, rows)


def _days(chosen: list[str], fault: str | None) -> Markup:
    boxes = [
        el(
            "div",
            el(
                "input",
                type="checkbox",
                name="days",
                value=number,
                id=f"day-{number}",
                checked=str(number) in chosen,
            ),
            el("label", name, for_=f"day-{number}"),
            class_="check",
        )
        for number, name in enumerate(DAYS)
    ]
    said = el("p", fault, class_="fault", id="days-fault") if fault else None
    return el("fieldset", el("legend", "Days"), said, el("div", boxes, class_="days"), id="days")


def _zones(chosen: str, fault: str | None) -> Markup:
    hint = "Where you live. Times on this page are times there."
    groups = [
        el("optgroup", [choice(zone, shown, [chosen]) for zone, shown in zones], label=region)
        for region, zones in _by_region().items()
    ]
    control = el(
        "select",
        choice("", "Choose …", [chosen]) if not chosen else None,
        groups,
        id="zone",
        name="zone",
        data_guess=not chosen,
        aria_invalid="true" if fault else None,
        aria_describedby=described("zone", hint, fault),
    )
    return field("zone", "Time zone", control, hint=hint, fault=fault)


@cache
def _by_region() -> dict[str, list[tuple[str, str]]]:
    """The zones that are named after places, by region."""
    found: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(available_timezones()):
        region, slash, place = zone.partition("/")
        if slash and region not in {"Etc", "SystemV", "US", "posix", "right"}:
            found.setdefault(region, []).append((zone, place.replace("_", " ")))
    found["World"] = [("UTC", "UTC")]
    return found


def _phrases(value: str, fault: str | None) -> Markup:
    hint = "One a line. Reposts may begin with one of them; nobody else can change them."
    control = el(
        "textarea",
        value,
        id="phrases",
        name="phrases",
        rows=4,
        aria_invalid="true" if fault else None,
        aria_describedby=described("phrases", hint, fault),
    )
    return field("phrases", "Phrases of yours (optional)", control, hint=hint, fault=fault)


def clock(at: datetime | None, zone: str, now: datetime) -> str:
    """An instant as people in that zone say it: `today 14:20`, `Mon 3 Mar 09:00`."""
    if at is None:
        return "at a time that is not known yet"
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    days = (local.date() - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days)
    return f"{near or local.strftime('%a %-d %b')} {local.strftime('%H:%M')}"


def shown_hours(account: Account) -> Markup:
    """`09:00 to 17:30, Mon Tue, Europe/Berlin`; those in force where nobody has chosen any."""
    hours = account.windows
    if account.active_hours is None:
        opens, closes = CONSIDERATE.opens, CONSIDERATE.closes
        when = f"{opens:%H:%M} to {closes:%H:%M}, {account.timezone}"
        return together(f"{when}: nobody has chosen yet")
    if hours is None:
        return together("At any time, as was chosen")
    days = " ".join(DAYS[day] for day in hours.get("days", range(7)))
    windows = [hours, *hours.get("windows", [])]
    when = " and ".join(f"{each['opens']} to {each['closes']}" for each in windows)
    return together(f"{when}, {days}, {account.timezone}")
