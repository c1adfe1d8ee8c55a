"""Bulkheads: each kind of request has room of its own, so that a full one floods no other."""

from dataclasses import dataclass, field
from typing import Final

from chorus_gateway.api.incoming_bodies import IncomingBodies
from chorus_gateway.api.request_slots import Holder, RequestSlots, SlotBounds

_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bulkhead:
    """Room to read bodies in, and slots to answer in. A slot is taken once the body is there."""

    bodies: IncomingBodies
    slots: RequestSlots


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A request whose head is in order: where it is read and answered, and whom it counts for."""

    bulkhead: Bulkhead
    holder: Holder


def _teams() -> Bulkhead:
    return Bulkhead(
        IncomingBodies(SlotBounds(total=200, of_group=40, of_member=10), most_bytes=32 * _MIB),
        RequestSlots(SlotBounds(total=200, of_group=40, of_member=20)),
    )


def _strangers() -> Bulkhead:
    return Bulkhead(
        IncomingBodies(SlotBounds(total=100, of_group=20, of_member=20), most_bytes=8 * _MIB),
        RequestSlots(SlotBounds(total=50, of_group=20, of_member=20)),
    )


def _stops() -> Bulkhead:
    return Bulkhead(
        IncomingBodies(SlotBounds(total=100, of_group=20, of_member=10), most_bytes=4 * _MIB),
        RequestSlots(SlotBounds(total=100, of_group=20, of_member=10)),
    )


def _hooks() -> Bulkhead:
    return Bulkhead(
        IncomingBodies(SlotBounds(total=20, of_group=20, of_member=20), most_bytes=_MIB),
        RequestSlots(SlotBounds(total=20, of_group=20, of_member=20)),
    )


def _lookups() -> RequestSlots:
    return RequestSlots(SlotBounds(total=100, of_group=40, of_member=40))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulkheads:
    """Of one process: a replica more has its own, for everybody alike."""

    teams: Bulkhead = field(default_factory=_teams)
    strangers: Bulkhead = field(default_factory=_strangers)
    """Of the groups here each is a network."""
    stops: Bulkhead = field(default_factory=_stops)
    """For saying no, and My page, on which that is done; nothing else is let in here."""
    hooks: Bulkhead = field(default_factory=_hooks)
    """For whoever knows the secret of the hooks."""
    lookups: RequestSlots = field(default_factory=_lookups)
    """While it is asked whose a cookie is; by network."""
