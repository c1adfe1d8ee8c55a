"""What the life of an execution asks of the way in which an executor acts.

Errors of every method are ProviderErrors. A write raises IndeterminateWrite when it may have taken
effect, and any other ProviderError only when it did not. `deadline` is an instant of the event
loop's clock (`loop.time()`): what is not done by then has failed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from chorus.errors import PermanentProviderError
from chorus.events import ActivityDue, CallResult, Event
from chorus.execution.domain.endings import Wording
from chorus.vocabulary import ErrorType


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """How to tell an effect of ours: one of these texts (spaces apart), not older than `since`."""

    texts: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Accomplished:
    """An effect that stands, and the facts that follow from it."""

    result: CallResult
    more: tuple[Event, ...] = ()


class Acts(Protocol):
    """`target` is what the act is done to, in the executor's own form."""

    async def target(self, command: ActivityDue, *, deadline: float) -> str: ...

    async def write(self, command: ActivityDue, target: str, text: str, *, deadline: float) -> Done:
        """The irreversible call: made once an execution."""

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
