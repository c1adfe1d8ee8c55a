"""Slots of requests that are being answered: shared, so that nobody takes them all."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from starlette.types import Scope

from chorus_gateway.domain.addresses import UNKNOWN, network_of
from chorus_gateway.domain.principals import Principal
from chorus_gateway.problems import Problem

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whom a slot counts for."""

    group: UUID | str
    """The team; of strangers their network."""
    member: str
    """The person or the API key; of strangers their network again."""


def holder_in_team(principal: Principal) -> Holder:
    """Somebody who is known: on pages the same as in the API."""
    return Holder(group=principal.client_id, member=principal.actor)


def stranger(scope: Scope) -> Holder:
    """Whoever it is that comes from there."""
    client = scope.get("client")
    network = network_of(str(client[0])) if client else UNKNOWN
    return Holder(group=network, member=network)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotBounds:
    """How many at once, of one process. A group or member has so many while no other asks."""

    total: int
    of_group: int
    of_member: int


class RequestSlots:
    """Whoever holds more gets no further one when others come: of a total of 200 a group may hold
    40, which is a quarter of the 160 that are free then, and each of five groups 22. So a few
    groups never fill it. Of the slots of a group its members have parts in the same way.
    """

    def __init__(self, bounds: SlotBounds) -> None:
        self._bounds = bounds
        self._groups: Counter[UUID | str] = Counter()
        self._members: Counter[Holder] = Counter()

    @property
    def taken(self) -> int:
        """How many are taken."""
        return self._groups.total()

    @contextmanager
    def taking(self, holder: Holder) -> Iterator[None]:
        """Hold a slot. Raises Problem `too_many_requests`, or `unavailable` where none is left."""
        self._require_free(holder)
        self._groups[holder.group] += 1
        self._members[holder] += 1
        try:
            yield
        finally:
            _less(self._groups, holder.group)
            _less(self._members, holder)

    def _require_free(self, holder: Holder) -> None:
        bounds, in_group = self._bounds, self._groups[holder.group]
        free = bounds.total - self._groups.total()
        if free <= 0:
            raise Problem("unavailable", headers={"Retry-After": "1"})
        free_in_group = bounds.of_group - in_group
        if not (
            _may_have_more(in_group, free, most=bounds.of_group, of=bounds.total)
            and _may_have_more(
                self._members[holder], free_in_group, most=bounds.of_member, of=bounds.of_group
            )
        ):
            raise Problem("too_many_requests", headers={"Retry-After": "1"})


def _may_have_more(taken: int, free: int, *, most: int, of: int) -> bool:
    """Whether what it holds is less than its part of what is free: it has `most` when alone."""
    return free > 0 and taken * (of - most) < free * most


def _less(counter: Counter[_Key], key: _Key) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
