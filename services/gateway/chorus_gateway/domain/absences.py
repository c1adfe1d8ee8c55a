"""Absences: whole days, in the account's own time zone, on which nothing is done in its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

LONGEST_DAYS: Final = 366
MOST: Final = 50
"""Of one account, of those that are not over."""
_FURTHEST: Final = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """From the first to the last day, both included."""

    id: UUID
    client_id: UUID
    account_id: UUID
    first_day: date
    last_day: date
    reason: str | None
    by_owner: bool
    """The account's own person said so, who alone takes it back."""
    made_by: str
    made_at: datetime


def today_in(zone: str, now: datetime) -> date:
    """The day that it is there."""
    return now.astimezone(ZoneInfo(zone)).date()


def fault(first_day: date, last_day: date, today: date) -> tuple[str, str] | None:
    """Which field is wrong, and a sentence that says what to do; None: nothing."""
    if last_day < first_day:
        return "last_day", "The last day comes before the first: send it on or after the first."
    if last_day < today:
        return "last_day", "These days are over: choose a last day from today on."
    if (last_day - first_day).days >= LONGEST_DAYS:
        return "last_day", f"At most {LONGEST_DAYS} days: to stop for longer, pause the account."
    if last_day > today + _FURTHEST:
        return "last_day", "More than two years away: choose an earlier last day."
    return None


def shortened(absence: Absence, today: date) -> date | None:
    """The last day of one that ends today; None: nothing of it is over, so nothing is left."""
    return today - timedelta(days=1) if absence.first_day < today else None


def of_day(absences: Sequence[Absence], today: date) -> Absence | None:
    """The one that is in force on a day, and ends last."""
    there = [each for each in absences if each.first_day <= today <= each.last_day]
    return max(there, key=_last_day, default=None)


def _last_day(absence: Absence) -> date:
    return absence.last_day
