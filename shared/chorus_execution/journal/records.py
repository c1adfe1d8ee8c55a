"""What goes into the journal and what comes out of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple
from uuid import UUID

from chorus.events import ActivityDue, ActivityExecuted, Event

NOBODY = UUID(int=0)
"""The worker of a row that was given back before any call was made."""


class AttemptKey(NamedTuple):
    """One execution of one activity: the key of a row."""

    activity_id: UUID
    execution: int


def key_of(event: ActivityDue | ActivityExecuted) -> AttemptKey:
    return AttemptKey(event.activity_id, event.execution)


class Place(Enum):
    """How a command stands in the journal after it was opened."""

    OPENED = auto()
    """A new row, this worker's: go on."""
    CLOSED_AT_ONCE = auto()
    """A new row that may not be carried out: it is closed and its outcome is on its way."""
    ENDED_BEFORE = auto()
    """Closed by an earlier delivery. Its outcome goes out once more; readers know it by its id."""
    OURS = auto()
    """Open and this worker's, from an earlier delivery."""
    THEIRS = auto()
    """Open and another worker's: that one ends it, or who takes it over."""
    DISOWNED = auto()
    """No order of the ledger: it never was, or is over. Nothing was entered or said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A command to be entered."""

    command: ActivityDue
    traceparent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What the journal holds of an activity over all its executions.

    since: when the first was opened, by the database's clock.
    texts: what was sent or about to be sent.
    stood: the names of what was there before the first of its calls that may have acted.
    doubtful: one of them may have acted, and its effect was not seen: it may have landed since.
    denied: a person checked after the end of one that may have acted, and says that it had no
    effect. That is said of those that were over by then, and of no later one.
    """

    since: datetime
    texts: tuple[str, ...] = ()
    stood: frozenset[str] | None = None
    doubtful: bool = False
    denied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a verification needs to know.

    performed: an earlier execution may have called; where none is known, it cannot tell.
    claimed: the provider's ids of what other activities of the account made.
    """

    performed: bool
    claimed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A command as the ledger gives it, and how it ends at once where it does not stand.

    opening: None where the ledger never gave such a command.
    """

    opening: Opening | None
    ending: "Closing | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """`command` is the ledger's, whatever the message said. `effect_window`: see `Inherited`."""

    place: Place
    command: ActivityDue
    earlier: Earlier
    effect_window: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The end of an execution. `more` are further events that follow from it, published with it."""

    executed: ActivityExecuted
    traceparent: str | None
    more: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited:
    """A row taken over.

    suspect: somebody who held it may have made its call.
    gone: its worker's process has ended, and with it the connection of any call; else it may only
    stand still.
    final_text: what its worker had noted before a call; None where it had not come so far.
    effect_window: for how many seconds from now a call that was made may still take effect.
    takeovers: how often it has changed hands, this time included.
    """

    command: ActivityDue
    traceparent: str | None
    earlier: Earlier
    suspect: bool
    gone: bool
    final_text: str | None
    voice: str | None
    effect_window: float
    takeovers: int
