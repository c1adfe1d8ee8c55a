"""What the life of an execution asks of the way in which an executor acts.

Errors of every method are ProviderErrors. A write raises IndeterminateWrite when it may have taken
effect, and any other ProviderError only when it did not. `deadline` is an instant of the event
loop's clock (`loop.time()`): what is not done by then has failed.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from chorus.errors import ChallengeError, ChorusError, PermanentProviderError, ProviderError
from chorus.events import ActivityDue, CallResult, Event
from chorus.vocabulary import ErrorType
from chorus_execution.domain.eligibility import Withheld
from chorus_execution.domain.outcomes import Wording


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
    """Certain as far as one check goes: the provider showed all it has, and nothing of ours."""


ABSENT: Final = Absent()
Sighting = Found | Absent


class AlreadyDoneError(PermanentProviderError):
    """The provider says that the account has done this already: check whether that is so."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message, error_type=ErrorType.API_ERROR, code=code)


class NotPermitted(ChorusError):
    """The act may not be done: it is not eligible any more, or its row is another worker's (None).

    Raised by a permit. It is no ProviderError, so nothing that translates those takes it for an
    answer of the network: whoever is asked to act lets it through and undoes what it prepared.
    """

    def __init__(self, why: Withheld | None) -> None:
        super().__init__("The row is another worker's." if why is None else why.reason)
        self.why = why


class EarlierUntold(ChorusError):
    """Whether an earlier call for this activity has acted cannot be told, so no other is made.

    It says nothing of the network's answer to a call, and so is no ProviderError; `error` is.
    """

    def __init__(self, error: ProviderError) -> None:
        super().__init__(str(error))
        self.error = error


class Permit(Protocol):
    """May the one irreversible request leave? To be awaited right before it, after everything that
    can take time (session, page, menus, text typed in), with nothing awaited between the two but
    the request itself. A writer that asks twice is answered twice.
    """

    async def __call__(self) -> None:
        """Returns: it may leave now, and counts as made from here on. Raises NotPermitted, or a
        TransientProviderError where nobody could be asked before the deadline.
        """


class Baseline(Protocol):
    """What the journal knows, and keeps, of what was there before the call.

    repeats: an earlier call of this activity may have acted.
    stood: the names that were noted before that call; what has come to be there since may be its
    effect. None: there was no such call, or it could not be told then what was there.
    """

    @property
    def repeats(self) -> bool: ...

    @property
    def stood(self) -> AbstractSet[str] | None: ...

    async def claimed(self) -> AbstractSet[str]:
        """See `EffectMarks`."""

    async def note(self, names: AbstractSet[str] | None) -> None:
        """Commit what stands there right before the call; None: nobody could tell. Of a publication
        without either it is known that it was not called. Raises NotPermitted: the row is
        another's.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectMarks:
    """How to tell an effect of ours: it is none of `claimed`, the provider's ids of what other
    activities of this account made, and none of `stood`, the names of what was there before the
    first call. `texts` are what was sent or about to be: a hint for choosing among several, as
    networks change texts on the way.

    since: when the first execution was opened, by the database's clock, which agrees with the
    network's to within a day: it tells only where nothing else does.
    """

    texts: tuple[str, ...]
    since: datetime
    claimed: AbstractSet[str] = frozenset()
    stood: AbstractSet[str] | None = None


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
        self,
        command: ActivityDue,
        target: str,
        text: str,
        *,
        deadline: float,
        baseline: Baseline,
        permit: Permit,
    ) -> Done:
        """The irreversible call: made once an execution, right after `permit` was given. What ends
        without having asked for it made no call. Lets NotPermitted through. Before that it checks
        whether the account has done it already (AlreadyDoneError).
        """

    async def find_effect(self, command: ActivityDue, target: str, marks: EffectMarks) -> Sighting:
        """One check for the effect, bounded in time. Raises ProviderError: it cannot be told."""

    async def complete(
        self, command: ActivityDue, target: str, wording: Wording, done: Done, marks: EffectMarks
    ) -> Accomplished:
        """What came to be by an accepted write. Never raises a ProviderError."""

    async def describe(self, command: ActivityDue, target: str, found: Found) -> Accomplished:
        """The result of an effect that was found by verifying. Never raises a ProviderError."""
