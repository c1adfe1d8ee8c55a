"""Faults on demand: what is injected, where it strikes, and how often it has."""

import random
from dataclasses import dataclass, field
from typing import Literal, get_args

from chorus_sandbox.world.calls import Call
from chorus_sandbox.world.clock import Clock
from chorus_sandbox.world.hold_points import When
from chorus_sandbox.world.matching import Match
from chorus_sandbox.world.state import State
from chorus_sandbox.world.view import FRESH, View

FaultKind = Literal[
    "status",
    "html_502",
    "timeout_before",
    "timeout_after",
    "delay",
    "late_effect",
    "reset_before",
    "reset_after",
    "malformed_json",
    "no_items",
    "checkpoint",
    "disconnected",
    "restricted",
    "post_gone",
    "stale_reads",
    "checkpoint_in_place",
    "authwall",
    "login",
    "bot_999",
    "throttled",
    "tombstone",
    "not_permitted",
    "already_reposted",
    "layout_changed",
    "blank",
    "toast_missing",
    "toast_lies",
]
FAULT_KINDS: tuple[str, ...] = get_args(FaultKind)

# Kinds that are a `status` with its type given.
STATUS_TYPES: dict[str, str] = {
    "checkpoint": "checkpoint_error",
    "disconnected": "disconnected_account",
    "restricted": "account_restricted",
    "post_gone": "resource_not_found",
    "checkpoint_in_place": "checkpoint_in_place",
    "authwall": "authwall",
    "login": "login_required",
    "bot_999": "request_denied",
    "throttled": "throttled",
    "tombstone": "post_not_displayed",
}
# Kinds that change what a page shows or a write does; they strike only calls that know them.
TWISTS = frozenset(
    {
        "not_permitted",
        "already_reposted",
        "layout_changed",
        "blank",
        "toast_missing",
        "toast_lies",
    }
)
# Kinds that strike after the effect unless told otherwise; all others strike before it.
STRIKES_AFTER = frozenset({"timeout_after", "reset_after", "malformed_json", "no_items"})
# Kinds whose place is their name.
FIXED_PLACE = TWISTS | {
    "no_items",
    "timeout_before",
    "timeout_after",
    "reset_before",
    "reset_after",
    "late_effect",
}
NEEDS_MS = frozenset({"delay", "late_effect"})


@dataclass(slots=True, kw_only=True)
class Fault:
    """`times` is how often it may still strike, -1 for ever. `type` is an error of the provider.

    `ms` is the wait of `delay` and `late_effect`, and for `stale_reads` how long a write stays
    unseen.
    """

    id: str
    kind: FaultKind
    match: Match
    when: When
    times: int = 1
    probability: float = 1.0
    seed: int = 0
    type: str | None = None
    retry_after: int | None = None
    ms: int | None = None
    hits: int = 0
    source: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.source = random.Random(self.seed)  # noqa: S311 - a repeatable draw is the point

    @property
    def spent(self) -> bool:
        return self.times == 0

    def draws(self) -> bool:
        return self.probability >= 1.0 or self.source.random() < self.probability

    @property
    def error_type(self) -> str | None:
        """The provider's error that it makes, if it makes one."""
        return STATUS_TYPES.get(self.kind, self.type)

    def fits(self, call: Call, error_types: frozenset[str]) -> bool:
        """Whether the call can be struck by this at all."""
        if self.kind in TWISTS:
            return self.kind in call.twists
        return self.error_type is None or self.error_type in error_types

    def strike(self) -> None:
        self.hits += 1
        if self.times > 0:
            self.times -= 1

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "kind": self.kind,
            "match": self.match.as_json(),
            "when": self.when,
            "times_left": self.times,
            "probability": self.probability,
            "seed": self.seed,
            "type": self.type,
            "retry_after": self.retry_after,
            "ms": self.ms,
            "hits": self.hits,
        }


class Faults:
    """Faults in the order in which they were made: the first that covers a call strikes, alone.

    `stale_reads` is apart: it changes what a read shows, and another fault may strike as well.
    """

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._serial = 0
        self.all: dict[str, Fault] = {}
        self.active: list[Fault] = []

    def next_id(self) -> str:
        self._serial += 1
        return f"fault-{self._serial}"

    def add(self, fault: Fault) -> None:
        self.all[fault.id] = fault
        if not fault.spent:
            self.active.append(fault)

    def remove(self, fault_id: str) -> bool:
        fault = self.all.pop(fault_id, None)
        if fault is not None and fault in self.active:
            self.active.remove(fault)
        return fault is not None

    def clear(self) -> None:
        self.all.clear()
        self.active.clear()

    def pick(self, call: Call, error_types: frozenset[str]) -> Fault | None:
        """The fault that strikes this call; it counts as a hit at once.

        `error_types` are those of the call's provider: errors of another never strike.
        """
        for fault in self.active:
            if fault.kind == "stale_reads" or not fault.fits(call, error_types):
                continue
            if self._strikes(fault, call):
                return fault
        return None

    def view_of(self, call: Call) -> View:
        """What this read may see."""
        if call.kind is not None:
            return FRESH
        for fault in self.active:
            if fault.kind == "stale_reads" and self._strikes(fault, call):
                return self._stale_view(fault, call)
        return FRESH

    def _strikes(self, fault: Fault, call: Call) -> bool:
        if not fault.match.covers(call, self._state) or not fault.draws():
            return False
        fault.strike()
        if fault.spent:
            self.active.remove(fault)
        return True

    def _stale_view(self, fault: Fault, call: Call) -> View:
        if fault.ms is not None:
            return View(hide_after=self._clock.monotonic() - fault.ms / 1000)
        account = self._state.accounts.get(call.account_id or "")
        reader = None if account is None else account.person.provider_id
        return View(reader=reader, hide_newest=True)
