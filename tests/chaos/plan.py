"""What goes wrong in a run, when, and with whom. Pure: the same seed gives the same plan."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Place = Literal["", "before", "after"]


class What(StrEnum):
    """The kinds of disturbance."""

    KILL = "kill"
    """SIGKILL; started again after `lasts`."""
    TERMINATE = "terminate"
    """SIGTERM; started again after `lasts`."""
    FREEZE = "freeze"
    """SIGSTOP for `lasts`, longer than its lease; then SIGCONT."""
    KILL_AT_HOLD_POINT = "kill at hold point"
    """The network holds a call (`whom`: its kind) before or after its effect, and the executor that
    waits for the answer is killed. The network goes on with the call after `lasts`."""
    KILL_AT_HANDOVER = "kill at hand-over"
    """The broker is frozen, so that schedulers hang between commit and send; there they die."""
    KILL_BROKER = "kill broker"
    CRASH_POSTGRES = "crash Postgres"
    """SIGKILL of all its processes, started again after `lasts`."""
    RESTART_POSTGRES = "restart Postgres"
    """A fast shutdown, which cuts everybody off, and a start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """`at` and `lasts` are seconds; `place` is a hold point's."""

    at: float
    what: What
    whom: str
    lasts: float
    place: Place = ""

    def __str__(self) -> str:
        words = [f"{self.at:6.2f} s", self.what, self.whom, self.place, f"for {self.lasts:.2f} s"]
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFault:
    """A fault of the sandbox that strikes a share of the calls for as long as the run lasts."""

    kind: str
    probability: float
    match: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    seed: int
    seconds: float
    disturbances: tuple[Disturbance, ...]
    faults: tuple[NetworkFault, ...]
    behaviour: Mapping[str, Any] = field(default_factory=dict)
    """How the network behaves while the run lasts (`PATCH /control/behaviour`)."""

    @property
    def kills(self) -> int:
        """SIGKILLs of services that depend on no call that comes to a hold point."""
        return sum(_KILLS.get(disturbance.what, 0) for disturbance in self.disturbances)


_KILLS = {What.KILL: 1, What.KILL_AT_HANDOVER: 2}

AS_NETWORKS_DO: Mapping[str, Any] = {
    "rewrites_texts": True,
    "three_ids": True,
    "relative_dates": True,
    "late_ms": 800,
    "late_share": 0.15,
    "late_answered": True,
    "behind_ms": 1000,
}
"""With the faults beside it, what comes late is seen within 3.3 s: the looks go on for 3.8 s."""

FROZEN_SECONDS = (4.0, 6.0)
HELD_SECONDS = (0.0, 2.0)
_AT_HOLD_POINTS: tuple[tuple[str, Place], ...] = (
    ("publish", "after"),
    ("like", "after"),
    ("comment", "after"),
    ("repost", "after"),
    ("like", "before"),
    ("comment", "before"),
    ("like", "after"),
    ("comment", "after"),
)


def storm(seed: int, *, processes: Sequence[str], seconds: float = 95.0, kills: int = 32) -> Plan:
    """Everything at once: each process in turn, the network, the broker, the database.

    `kills`: SIGKILLs besides those of calls that are held at a hold point.
    """
    luck = random.Random(seed)
    planned = [
        *_strikes(luck, processes, seconds, kills=kills - _KILLS[What.KILL_AT_HANDOVER]),
        *_at_hold_points(luck, seconds),
        *_rare(luck, seconds),
    ]
    disturbances = tuple(sorted(planned, key=lambda each: each.at))
    return Plan(
        seed=seed,
        seconds=seconds,
        disturbances=disturbances,
        faults=network_faults(),
        behaviour=AS_NETWORKS_DO,
    )


def _strikes(
    luck: random.Random, processes: Sequence[str], seconds: float, *, kills: int
) -> list[Disturbance]:
    """Rounds in which each process has its turn, in an order drawn anew; a few may say goodbye."""
    politely = kills // 10
    count = kills + politely
    order: list[str] = []
    while len(order) < count:
        order += luck.sample(list(processes), len(processes))
    step = (seconds - 3.0) / count
    asked_to_end = set(luck.sample(range(count), politely))
    return [
        Disturbance(
            at=3.0 + step * (number + luck.random()),
            what=What.TERMINATE if number in asked_to_end else What.KILL,
            whom=name,
            lasts=luck.uniform(0.0, 1.5),
        )
        for number, name in enumerate(order[:count])
    ]


def _at_hold_points(luck: random.Random, seconds: float) -> list[Disturbance]:
    # A post goes out at once when it is queued: whoever wants to meet one must come early.
    order = [_AT_HOLD_POINTS[0], *luck.sample(_AT_HOLD_POINTS[1:], len(_AT_HOLD_POINTS) - 1)]
    step = (seconds - 8.0) / len(_AT_HOLD_POINTS)
    return [
        Disturbance(
            at=4.0 + step * (number + luck.random()),
            what=What.KILL_AT_HOLD_POINT,
            whom=kind,
            lasts=luck.uniform(*HELD_SECONDS),
            place=place,
        )
        for number, (kind, place) in enumerate(order)
    ]


def _rare(luck: random.Random, seconds: float) -> list[Disturbance]:
    """What happens once or twice, each in a part of the run of its own."""
    frozen = luck.sample(["executor", "executor-2"], 2)
    events = [
        (What.FREEZE, frozen[0], luck.uniform(*FROZEN_SECONDS)),
        (What.FREEZE, frozen[1], luck.uniform(*FROZEN_SECONDS)),
        (What.FREEZE, luck.choice(["scheduler", "scheduler-2"]), luck.uniform(*FROZEN_SECONDS)),
        (What.KILL_AT_HANDOVER, "schedulers", luck.uniform(1.0, 2.0)),
        (What.KILL_BROKER, "broker", luck.uniform(0.0, 2.0)),
        (What.CRASH_POSTGRES, "Postgres", luck.uniform(0.0, 1.5)),
        (What.RESTART_POSTGRES, "Postgres", 0.0),
    ]
    luck.shuffle(events)
    step = (seconds - 8.0) / len(events)
    return [
        Disturbance(at=6.0 + step * (number + luck.random()), what=what, whom=whom, lasts=lasts)
        for number, (what, whom, lasts) in enumerate(events)
    ]


def network_faults() -> tuple[NetworkFault, ...]:
    """About one call in four goes wrong. No effect comes later than a verification waits for it."""
    writes = {"method": "POST"}
    return (
        NetworkFault(kind="timeout_after", probability=0.04, match=writes),
        NetworkFault(kind="timeout_before", probability=0.03, match=writes),
        NetworkFault(kind="reset_after", probability=0.04, match=writes),
        NetworkFault(kind="reset_before", probability=0.03, match=writes),
        NetworkFault(kind="html_502", probability=0.02, match=writes),
        NetworkFault(kind="html_502", probability=0.02, match=writes, more={"when": "after"}),
        NetworkFault(kind="malformed_json", probability=0.02, match=writes),
        NetworkFault(
            kind="status",
            probability=0.03,
            match=writes,
            more={"type": "too_many_requests", "retry_after": 1},
        ),
        NetworkFault(
            kind="status", probability=0.02, match=writes, more={"type": "service_unavailable"}
        ),
        NetworkFault(
            kind="late_effect",
            probability=0.03,
            match=writes,
            more={"ms": 1500, "type": "unexpected_error"},
        ),
        NetworkFault(kind="late_effect", probability=0.02, match=writes, more={"ms": 2500}),
        NetworkFault(kind="html_502", probability=0.03, match={"method": "GET"}),
        NetworkFault(kind="stale_reads", probability=0.2, more={"ms": 1200}),
    )
