"""The first instant that hours and every limit of every rule allow together."""

from collections.abc import Mapping, Sequence

from chorus_scheduler.domain.decisions import LimitUse
from chorus_scheduler.domain.hours import ActiveHours, next_open
from chorus_scheduler.domain.instants import Micros
from chorus_scheduler.domain.limits import Rule
from chorus_scheduler.domain.slots import first_free, used_in_window

Taken = dict[str, list[Micros]]
"""Scope → sorted instants that are used or planned already."""


def first_allowed(
    desired: Micros,
    rules: Sequence[Rule],
    hours: ActiveHours | None,
    taken: Mapping[str, Sequence[Micros]],
) -> tuple[Micros, LimitUse | str | None]:
    """The first instant >= desired that every rule and the hours allow, and what moved it last."""
    slot = desired
    forced: LimitUse | str | None = None
    while True:
        before = slot
        if hours is not None:
            slot = next_open(hours, slot)
            if slot != before:
                forced = "hours"
        for rule in rules:
            booked = taken.get(rule.scope)
            if not booked:
                continue  # what nobody has used yet, a first use does not break
            for limit in rule.limits:
                later = first_free(slot, booked, limit)
                if later != slot:
                    used = used_in_window(slot, booked, limit)
                    forced = LimitUse(
                        name=limit.name, value=limit.count, used=max(used, limit.count)
                    )
                    slot = later
        if slot == before:
            return slot, forced
