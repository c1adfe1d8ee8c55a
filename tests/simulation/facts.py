"""What people said, and when it was in force: the judge's memory, beside the product's own."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

V = TypeVar("V")
GRACE = 2.0
"""Invariant 6: a word of a person is in force within so many seconds."""


class Timeline(Generic[V]):
    """What held from when on."""

    def __init__(self, value: V) -> None:
        self._since = [float("-inf")]
        self._values = [value]

    def say(self, at: float, value: V) -> None:
        self._since.append(at)
        self._values.append(value)

    @property
    def now(self) -> V:
        return self._values[-1]

    def at(self, instant: float) -> tuple[float, V]:
        """(since when, what) at an instant."""
        place = bisect_right(self._since, instant) - 1
        return self._since[place], self._values[place]

    def long_held(self, value: V, instant: float, grace: float) -> bool:
        """Whether it was so at the instant, and for longer than people have to bear."""
        since, found = self.at(instant)
        return found == value and instant - since > grace


@dataclass(slots=True, kw_only=True)
class PauseFact:
    scope: str
    client: UUID
    scope_id: UUID | None
    pause_id: UUID
    begins: float
    ends: float = float("inf")


@dataclass(slots=True, kw_only=True)
class Account:
    """One account, as its person and the network know it."""

    client: UUID
    account_id: UUID
    provider_id: str
    user_id: UUID
    pod_id: UUID
    member_id: UUID
    hours: tuple[int, int] | None = None
    """Local hours of Berlin's clock, opens and closes."""


@dataclass(slots=True)
class Facts:
    accounts: dict[str, Account] = field(default_factory=dict)
    consents: dict[tuple[str, str], Timeline[bool]] = field(default_factory=dict)
    members: dict[UUID, Timeline[bool]] = field(default_factory=dict)
    pods: dict[UUID, Timeline[bool]] = field(default_factory=dict)
    kinds: dict[tuple[UUID, str], Timeline[bool]] = field(default_factory=dict)
    connected: dict[str, Timeline[bool]] = field(default_factory=dict)
    stops: dict[UUID, Timeline[bool]] = field(default_factory=dict)
    pauses: list[PauseFact] = field(default_factory=list)
    answered: dict[str, list[float]] = field(default_factory=dict)
    """When an account's person answered the network, and the pause was ended."""
    by_hand: dict[tuple[str, str, str], float] = field(default_factory=dict)
    texts: dict[UUID, str] = field(default_factory=dict)
    """What was approved, byte for byte."""
    own_posts: set[tuple[str, str]] = field(default_factory=set)
    """(account, social id) of what the account itself wrote."""

    def consent(self, account: str, kind: str) -> Timeline[bool]:
        return self.consents.setdefault((account, kind), Timeline(True))

    def member(self, member: UUID) -> Timeline[bool]:
        return self.members.setdefault(member, Timeline(True))

    def pod(self, pod: UUID) -> Timeline[bool]:
        return self.pods.setdefault(pod, Timeline(True))

    def kind(self, pod: UUID, kind: str) -> Timeline[bool]:
        return self.kinds.setdefault((pod, kind), Timeline(True))

    def connection(self, account: str) -> Timeline[bool]:
        return self.connected.setdefault(account, Timeline(True))

    def stop(self, activity: UUID) -> Timeline[bool]:
        return self.stops.setdefault(activity, Timeline(False))

    def paused(self, account: Account, pod: Any, at: float, grace: float) -> bool:
        return any(
            pause.begins + grace < at < pause.ends
            and pause.client == account.client
            and (
                pause.scope == "tenant"
                or (pause.scope == "account" and pause.scope_id == account.account_id)
                or (pause.scope == "pod" and pause.scope_id == pod)
            )
            for pause in self.pauses
        )
