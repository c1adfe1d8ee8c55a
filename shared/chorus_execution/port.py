"""What the life of an execution asks of the way in which an executor acts.

Errors of every method are ProviderErrors. A write raises IndeterminateWrite when it may have taken
effect, and any other ProviderError only when it did not. `deadline` is an instant of the event
loop's clock (`loop.time()`): what is not done by then has failed.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from chorus.errors import ChallengeError, ChorusError, PermanentProviderError
from chorus.events import ActivityDue, CallResult, Event
from chorus.vocabulary import ErrorType
from chorus_execution.domain.endings import Wording
from chorus_execution.domain.standing import Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A write that was accepted. `id` is what came to be, where the provider tells it."""

    id: str | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An effect of ours that stands there."""

    id: str | None = None
    url: str | None = None


class Absent:
    """Certain as far as one look goes: the provider showed all it has, and nothing of ours."""


ABSENT: Final = Absent()
Sighting = Found | Absent


class AlreadyDoneError(PermanentProviderError):
    """The provider says that the account has done this already: look whether that is so."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message, error_type=ErrorType.API_ERROR, code=code)


class Refused(ChorusError):
    """The act may not be done: it does not stand any more, or its row is another worker's (None).

    Raised by a permit. It is no ProviderError, so nothing that translates those takes it for an
    answer of the network: whoever is asked to act lets it through and undoes what it prepared.
    """

    def __init__(self, why: Withheld | None) -> None:
        super().__init__("The row is another worker's." if why is None else why.reason)
        self.why = why


class Permit(Protocol):
    """May the one irreversible request leave? To be awaited right before it, after everything that
    can take time (session, page, menus, text typed in), with nothing awaited between the two but
    the request itself. A writer that asks twice is answered twice.
    """

    async def __call__(self) -> None:
        """Returns: it may leave now, and counts as made from here on. Raises Refused, or a
        TransientProviderError where nobody could be asked before the deadline.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """How to tell an effect of ours: not older than `since`, and not one of `claimed`, the
    provider's ids of what other activities of this account made. `texts` are what was sent or
    about to be: a hint for choosing among several, as networks change texts on the way.
    """

    texts: tuple[str, ...]
    since: datetime
    claimed: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accomplished:
    """An effect that stands, and the facts that follow from it.

    challenge: one that was met when its details were asked for.
    """

    result: CallResult
    more: tuple[Event, ...] = ()
    challenge: ChallengeError | None = None


class Acts(Protocol):
    """`target` is what the act is done to, in the executor's own form."""

    async def target(self, command: ActivityDue, *, deadline: float) -> str: ...

    async def write(
        self, command: ActivityDue, target: str, text: str, *, deadline: float, permit: Permit
    ) -> Done:
        """The irreversible call: made once an execution, right after `permit` was given. What ends
        without having asked for it made no call. Lets Refused through.
        """

    async def look(self, command: ActivityDue, target: str, traces: Traces) -> Sighting:
        """One look for the effect, bounded in time. Raises ProviderError when it cannot be told."""

    async def complete(
        self, command: ActivityDue, target: str, wording: Wording, done: Done, since: datetime
    ) -> Accomplished:
        """What came to be by an accepted write. Never raises a ProviderError."""

    async def describe(self, command: ActivityDue, target: str, found: Found) -> Accomplished:
        """The result of an effect that was found by looking. Never raises a ProviderError."""


class Wordings(Protocol):
    async def wording(self, command: ActivityDue) -> Wording:
        """The text that is to go out. Never fails."""
