"""What a seed is about: seed modulo their number says which. Each makes some things frequent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

PEOPLE: Mapping[str, int] = {
    "post": 14,
    "again": 2,
    "queue": 5,
    "approve": 12,
    "reject": 2,
    "cancel": 4,
    "cancel_under_way": 5,
    "retry": 5,
    "decide": 4,
    "pause": 4,
    "resume": 7,
    "withdraw": 2,
    "agree": 3,
    "leave": 2,
    "come_back": 3,
    "pod": 1,
    "kind": 1,
    "connection": 3,
    "by_hand": 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """`people` are weights, `hostility` probabilities, `troubles` weights, `own` of own posts."""

    people: Mapping[str, int] = field(default_factory=dict)
    hostility: Mapping[str, float] = field(default_factory=dict)
    troubles: Mapping[str, int] = field(default_factory=dict)
    broker: Mapping[str, float] = field(default_factory=dict)
    own: float = 0.0


_QUIET: Mapping[str, int] = {"withdraw": 0, "leave": 0, "pod": 0, "kind": 0, "again": 0}

FOCI: Mapping[str, Focus] = {
    "anything": Focus(own=0.1, hostility={"connects": 4.0}),
    "lost answers": Focus(people=_QUIET, hostility={"lost_after": 0.25, "broken": 0.1}),
    "late effects": Focus(people=_QUIET, hostility={"late": 0.25}),
    "unreadable looks": Focus(
        people={**_QUIET, "pause": 10, "connection": 6, "cancel_under_way": 12},
        hostility={"lost_after": 0.3, "unreadable": 0.5},
    ),
    "deaths": Focus(people=_QUIET, troubles={"kill": 30, "freeze": 20}),
    "frozen": Focus(people=_QUIET, troubles={"freeze": 40, "kill": 10}, hostility={"late": 0.1}),
    "stops": Focus(people={"cancel": 15, "cancel_under_way": 20, "retry": 10, "queue": 10}),
    "leaving": Focus(people={"leave": 8, "withdraw": 8, "kind": 6, "pod": 4, "come_back": 6}),
    "challenges": Focus(people=_QUIET, hostility={"challenge": 0.15, "lost_after": 0.1}),
    "slow down": Focus(people=_QUIET, hostility={"slow_down": 0.3}),
    "pauses": Focus(
        people={**_QUIET, "pause": 20, "resume": 20, "connection": 10}, hostility={"connects": 4.0}
    ),
    "addresses": Focus(people={**_QUIET, "again": 15, "by_hand": 6}, own=0.3),
    "clocks": Focus(people=_QUIET, troubles={"clock": 15, "server_clock": 15, "freeze": 10}),
    "broker": Focus(
        people=_QUIET,
        troubles={"broker": 20},
        broker={"lost": 0.2, "twice": 0.2, "late": 0.2, "refused": 0.1},
    ),
}


def focus_of(seed: int) -> tuple[str, Focus]:
    names = list(FOCI)
    name = names[seed % len(names)]
    return name, FOCI[name]
