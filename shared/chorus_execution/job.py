"""One execution on its way: what is known of it, and what its call came to."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta

from chorus.errors import IndeterminateWrite
from chorus.events import ActivityDue, ActivityExecuted, Event
from chorus_execution.domain.outcomes import SILENT, Execution, Wording
from chorus_execution.journal import AttemptKey, Earlier, key_of
from chorus_execution.port import AlreadyDoneError, Done, EffectMarks


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds.

    engagement: of one act (E1).
    works: for how long after a request has left the provider may still bring about its effect, when
    it did not answer.

    ready: how long before its instant a call is announced; a commit that is slow must fit in.
    """

    engagement: float = 30.0
    works: float = 60.0
    ready: timedelta = timedelta(milliseconds=150)


@dataclass(slots=True, kw_only=True)
class Job:
    """An open row of this worker.

    suspect: an effect of this execution may be there already. `effect_window` is for how many
    seconds from now on its call may still take effect. `checked` is the monotonic instant at which
    it was last known to be eligible, `lapses` the worker's count at that time. `wording` is what
    had been noted already, `stood` what this execution noted of what was there before its call, if
    it has `noted`.
    """

    command: ActivityDue
    traceparent: str | None
    earlier: Earlier
    checked: float
    lapses: int
    suspect: bool = False
    effect_window: float = 0.0
    wording: Wording | None = None
    stood: AbstractSet[str] | None = None
    noted: bool = False

    @property
    def key(self) -> AttemptKey:
        return key_of(self.command)

    @property
    def known_wording(self) -> Wording:
        """What an effect found by verifying says: what was noted, here or by earlier executions."""
        texts = self.earlier.texts
        return self.wording or (Wording(text=texts[0]) if len(texts) == 1 else SILENT)

    @property
    def may_be_ours(self) -> bool:
        """Whether an effect that is there may be that of an earlier call for this activity."""
        return self.suspect or self.earlier.doubtful

    def marks(self, claimed: AbstractSet[str], wording: Wording = SILENT) -> EffectMarks:
        own = (wording.text,) if wording.text is not None else ()
        texts = (*self.earlier.texts, *own)
        stood = self.stood if self.noted else self.earlier.stood
        return EffectMarks(texts=texts, since=self.earlier.since, claimed=claimed, stood=stood)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What the call came to, when it was not plainly refused. `left`: when, by `loop.time()`."""

    execution: Execution
    target: str
    left: float
    answer: Done | IndeterminateWrite | AlreadyDoneError


End = tuple[ActivityExecuted, tuple[Event, ...]]
