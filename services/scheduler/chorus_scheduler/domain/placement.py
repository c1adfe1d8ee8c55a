"""The one placement of every move: planned, put off, resumed, approved late, retried, reconnected.

The first instant that presence, hours and every limit of every rule allow together, beside what
others have booked. What is late is moved as a whole (`Interruption`): it keeps its order and its
distances.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import sub
from typing import NamedTuple

from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.decisions import Decision, LimitUse
from chorus_scheduler.domain.hours import ActiveHours, next_window, present_from
from chorus_scheduler.domain.instants import DAY, HOUR, MINUTE, SECOND, Micros
from chorus_scheduler.domain.limits import Rule
from chorus_scheduler.domain.sliding_windows import Limit, first_free, used_in_window

Taken = dict[str, list[Micros]]
"""Scope → sorted instants that are used or planned already."""

HORIZON: Micros = 30 * DAY
"""What finds no place within so long of its wish is not done at all: nobody wants it by then."""
LONGEST_AWAY: Micros = 25 * HOUR
"""So long an absence may move anything: a day, and that on which autumn repeats an hour too."""
STEPS = 500
"""How often hours and limits may move one wish in turn before it is given up."""
_FEW = 32
"""So many uses are looked through faster than anything is kept about them."""

LONGEST_PACE: Micros = 5 * MINUTE

MovedBy = LimitUse | str | None
"""What moved a wish last: a limit, `hours`, `absence`, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a wish found its place, and what moved it there last."""

    at: Micros
    moved_by: MovedBy = None
    absent: bool = False
    """An absence moved it, whatever else did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPlace:
    """There is none: `beyond_horizon`, `absent_too_long` or `hours_never_open`."""

    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """A time in which nothing was handed over; what was due in it goes on as if time had stood
    still.
    """

    began: Micros
    """When the first was due of what is late."""
    ended: Micros

    def covers(self, due: Micros) -> bool:
        """Whether what was due then stood still in it."""
        return self.began <= due < self.ended

    def resumed(self, due: Micros) -> Micros:
        """When what was due at `due` is wished for now: later by the length of the interruption."""
        return max(due, self.began) + self.ended - self.began


class _Blocked:
    """The open intervals in which one more use would break a limit: merged and sorted.

    Kept up to date use by use, so that a wish costs a bisection however many there are.
    """

    __slots__ = ("_closes", "_limit", "_opens")

    def __init__(self, limit: Limit, uses: Sequence[Micros]) -> None:
        self._limit = limit
        self._opens: list[Micros] = []
        self._closes: list[Micros] = []
        self._add_blocks(uses, 0, len(uses) - limit.count + 1)

    def used(self, uses: Sequence[Micros], at: Micros) -> None:
        """There is one more use at `at`; `uses` holds it."""
        count = self._limit.count
        index = bisect_left(uses, at)
        self._add_blocks(uses, max(0, index - count + 1), min(index, len(uses) - count) + 1)

    def first_free(self, desired: Micros) -> Micros:
        """The earliest instant >= desired that lies in no interval."""
        index = bisect_left(self._opens, desired) - 1  # the last that opens before
        return max(desired, self._closes[index]) if index >= 0 else desired

    def _add_blocks(self, uses: Sequence[Micros], start: int, stop: int) -> None:
        """Of the blocks of `count` uses that begin at these places, those closer than the window.

        A run of such blocks one after the other forbids one interval.
        """
        if start >= stop:
            return
        count, window = self._limit.count, self._limit.window
        lengths = list(map(sub, uses[start + count - 1 : stop + count - 1], uses[start:stop]))
        if min(lengths) >= window:
            return
        first: int | None = None
        for index, length in enumerate((*lengths, window), start):
            if first is None and length < window:
                first = index
            if first is not None and (count == 1 or length >= window):
                last = index if count == 1 else index - 1
                self._add(uses[first + count - 1] - window, uses[last] + window)
                first = None

    def _add(self, opens: Micros, closes: Micros) -> None:
        first = bisect_right(self._closes, opens)
        last = bisect_left(self._opens, closes)
        if first < last:
            opens = min(opens, self._opens[first])
            closes = max(closes, self._closes[last - 1])
        self._opens[first:last] = [opens]
        self._closes[first:last] = [closes]


class Booked:
    """What is used or planned, scope by scope; `taken` itself grows by what is booked."""

    __slots__ = ("_blocked", "_taken")

    def __init__(self, taken: Taken) -> None:
        self._taken = taken
        self._blocked: dict[tuple[str, Limit], _Blocked] = {}

    def book(self, rules: Sequence[Rule], at: Micros) -> None:
        """One more use of each of the rules' scopes."""
        for scope in {rule.scope for rule in rules}:
            insort(self._taken.setdefault(scope, []), at)
        for rule in rules:
            for limit in rule.limits:
                blocked = self._blocked.get((rule.scope, limit))
                if blocked is not None:
                    blocked.used(self._taken[rule.scope], at)

    def first_free(self, desired: Micros, scope: str, limit: Limit) -> Micros:
        """The earliest instant >= desired at which one more use keeps the limit."""
        uses = self._taken.get(scope)
        if not uses:
            return desired  # what nobody has used yet, a first use does not break
        if len(uses) <= _FEW:
            return first_free(desired, uses, limit)
        key = (scope, limit)
        blocked = self._blocked.get(key)
        if blocked is None:
            blocked = self._blocked[key] = _Blocked(limit, uses)
        return blocked.first_free(desired)

    def use(self, at: Micros, scope: str, limit: Limit) -> LimitUse:
        """The limit, as it stands full before `at`."""
        used = used_in_window(at, self._taken.get(scope, ()), limit)
        return LimitUse(name=limit.name, value=limit.count, used=max(used, limit.count))


def pace_rule(scope: str, *, spread: Micros, total: int) -> Rule:
    """How close together may follow what no longer has the distance that was drawn for it.

    A quarter of the mean distance in a window of this length, and five minutes at most.
    """
    window = min(LONGEST_PACE, spread // max(total, 1) // 4)
    limits = (Limit(name="pace", count=1, window=window),) if window > 0 else ()
    return Rule(scope=scope, limits=limits)


def patience(window_seconds: float) -> Micros:
    """How long absences may hold up what has its place in a window of this length on a post."""
    return max(LONGEST_AWAY, int(window_seconds * SECOND))


def place(
    desired: Micros,
    *,
    rules: Sequence[Rule],
    hours: ActiveHours | None,
    taken: Booked,
    pace: Rule | None = None,
    late: bool = False,
    patience: Micros = HORIZON,
    horizon: Micros = HORIZON,
) -> Placement | NoPlace:
    """The first instant >= desired that every rule and the hours allow, and book it.

    What absences hold up for longer than `patience` has no place.

    `pace` holds for a wish that has no distance of its own to the others: one that is `late` (its
    time has passed, and it is wished for now), and one that waits until the hours open. Nothing is
    booked where there is no place within the horizon. Wishes under the same rules and hours that
    are placed one after the other, in their order, keep it.
    """
    search = _Search(rules=rules, hours=hours, taken=taken, pace=pace)
    try:
        found = search.run(desired, late=late, until=desired + horizon, patience=patience)
    except ValueError:
        return _NEVER_OPEN
    if found.slot is None:
        return NoPlace(decision=_beyond(found))
    taken.book([*rules, pace] if pace else rules, found.slot)
    return Placement(at=found.slot, moved_by=found.moved_by, absent=found.away > 0)


def first_allowed(
    desired: Micros,
    rules: Sequence[Rule],
    hours: ActiveHours | None,
    taken: Mapping[str, Sequence[Micros]],
) -> tuple[Micros, MovedBy]:
    """Where `place` would put it, however far away; nothing is booked."""
    booked = Booked({scope: list(uses) for scope, uses in taken.items()})
    search = _Search(rules=rules, hours=hours, taken=booked, pace=None)
    found = search.run(desired, late=False, until=None, patience=None)
    return (desired if found.slot is None else found.slot), found.moved_by


class _Found(NamedTuple):
    """The slot (None: there is none), what moved it last, and how long absences held it up."""

    slot: Micros | None
    moved_by: MovedBy
    away: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    rules: Sequence[Rule]
    hours: ActiveHours | None
    taken: Booked
    pace: Rule | None

    def run(
        self, desired: Micros, *, late: bool, until: Micros | None, patience: Micros | None
    ) -> _Found:
        """The first slot until then that absences do not hold up for longer than `patience`."""
        slot = desired
        moved_by: MovedBy = None
        paced, away = late, 0
        for _ in range(STEPS):
            before = slot
            slot = present_from(self.hours, before)
            if slot != before:
                moved_by, paced = "absence", True
                away += slot - before
                if patience is not None and away > patience:
                    break
            opens = next_window(self.hours, slot)
            if opens != slot:
                slot, moved_by, paced = opens, "hours", True
            slot, limit = self._pass_limits(slot, paced=paced)
            moved_by = limit or moved_by
            if until is not None and slot > until:
                break
            if slot == before:
                return _Found(slot, moved_by, away)
        return _Found(None, moved_by, away)

    def _pass_limits(self, slot: Micros, *, paced: bool) -> tuple[Micros, LimitUse | None]:
        """Each limit in turn: later by what it forbids, and the last that forbade something."""
        moved_by = None
        for rule in (*self.rules, self.pace) if paced and self.pace else self.rules:
            for limit in rule.limits:
                later = self.taken.first_free(slot, rule.scope, limit)
                if later != slot:
                    moved_by = self.taken.use(slot, rule.scope, limit)
                    slot = later
        return slot, moved_by


_NEVER_OPEN = NoPlace(decision=reasons.HOURS_NEVER_OPEN())


def _beyond(found: _Found) -> Decision:
    days, moved_by = HORIZON // DAY, found.moved_by
    if found.away:
        return reasons.ABSENT_TOO_LONG()
    if isinstance(moved_by, LimitUse):
        return reasons.NO_PLACE_UNDER_LIMIT(
            days=days, limit_name=moved_by.name, value=moved_by.value, limit=moved_by
        )
    return reasons.NO_PLACE(days=days)
