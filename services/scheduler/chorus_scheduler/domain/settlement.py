"""What an execution's outcome means for its activity: the next state, the facts, when, and the
decision that says why.

Facts go before states. An effect that was seen ends the activity, whatever somebody wished; one
that may exist is looked for, whatever the state was; and who was told to stop acts no more.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from chorus.events import ActivityExecuted, Failure
from chorus.vocabulary import ErrorType, Kind, Mode, Outcome, State, WithheldCode
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.decisions import Decision, LimitUse
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.instants import MINUTE, SECOND, Micros, to_datetime, to_micros
from chorus_scheduler.domain.placement import NoPlace, Placement
from chorus_scheduler.domain.retries import (
    EFFECT_NOT_FOUND,
    GiveUp,
    after_failure,
    after_unknown,
    slow_down_for,
)
from chorus_scheduler.domain.states import move


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What of the ledger's row the decision needs."""

    id: UUID
    state: State
    execution: int
    attempt: int
    verifications: int
    kind: Kind
    effect: Effect
    stopped: bool
    """Somebody said no: it is not to be done, whatever comes of what is out."""
    suggested: bool = False
    """It was left to its account's person for ever."""
    unheard: frozenset[int] = frozenset()
    """The executions whose outcome was not heard yet, beside the one that is dispatched."""

    def gave(self, execution: int) -> bool:
        """Whether this execution was handed over at some time, as far as its number says."""
        return 0 < execution <= self.execution

    def awaits(self, execution: int) -> bool:
        """Whether the outcome of this execution is news; of any other it was said before."""
        present = self.state is State.DISPATCHED and execution == self.execution
        return present or execution in self.unheard


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The activity after an outcome. `due_at` is set where it is to be handed over again."""

    state: State
    effect: Effect
    decision: Decision
    attempt: int
    verifications: int
    due_at: Micros | None = None
    needs_person: bool = False
    failed: bool = False
    """Whether this outcome counts as a failure of the activity (E4)."""
    stop: bool = False
    """It is not to be done any more, for the reason that `decision` gives."""
    quick: bool = False
    """Tried again within moments (E7); any other time is a wish that is placed (invariant 8)."""
    placed: bool = False
    """`due_at` is a place among what else is planned, no longer a wish."""


def settle_outcome(standing: Standing, event: ActivityExecuted, now: Micros) -> Settlement | None:
    """None when the outcome changes nothing: it was heard before, or the ledger knows better."""
    settlement = _settled(standing, event, now)
    if settlement is None or not standing.suggested or settlement.state is not State.SCHEDULED:
        return settlement
    return replace(
        settlement,
        state=move(standing.state, State.AWAITING_APPROVAL),
        decision=reasons.SUGGESTED(),
        due_at=None,
    )


def _settled(standing: Standing, event: ActivityExecuted, now: Micros) -> Settlement | None:
    if not standing.awaits(event.execution) or standing.effect is Effect.SEEN:
        return None
    if event.outcome is Outcome.EXECUTED:
        return _executed(standing, event)
    if event.outcome is Outcome.UNKNOWN:
        return _unknown(standing, now)
    if event.execution != standing.execution:
        return None  # what did not happen then says nothing of what is out now
    if event.mode is Mode.VERIFY:
        return _looked(standing, event, now)
    return _performed_in_vain(standing, event, now)


def _performed_in_vain(
    standing: Standing, event: ActivityExecuted, now: Micros
) -> Settlement | None:
    """None where another execution may have acted, or it did not happen, as was wished."""
    if standing.effect is Effect.POSSIBLE or standing.state is not State.DISPATCHED:
        return None
    if event.outcome is Outcome.WITHHELD:
        return _withheld(standing, event, now)
    return _failed(standing, event, now)


def _executed(standing: Standing, event: ActivityExecuted) -> Settlement:
    decision = reasons.FOUND() if event.verified else reasons.EXECUTED()
    return replace(_moved(standing, State.EXECUTED, decision), effect=Effect.SEEN)


def _unknown(standing: Standing, now: Micros) -> Settlement:
    again = after_unknown(standing.verifications, now)
    looks = standing.verifications + 1
    if again is None:
        decision = reasons.UNKNOWN_NEEDS_PERSON(looks=looks - 1)
        settlement = replace(_moved(standing, State.UNKNOWN, decision), needs_person=True)
    else:
        decision = reasons.UNKNOWN(next_possible_at=again)
        moved = _moved(standing, State.UNKNOWN, decision)
        settlement = replace(moved, due_at=again, verifications=looks)
    return replace(settlement, effect=Effect.POSSIBLE)


def _looked(standing: Standing, event: ActivityExecuted, now: Micros) -> Settlement | None:
    """A look that did not find it. Only what shows its absence takes back that it may exist."""
    if standing.effect is not Effect.POSSIBLE:
        return None
    if event.outcome is Outcome.WITHHELD:
        return _not_looked(standing, event, now)
    if event.failure is None or not _shows_absence(event.failure):
        return _unknown(standing, now)
    return absent(standing, event.failure, now, called_at=event.called_at)


def _shows_absence(failure: Failure) -> bool:
    """A failure to look is no absence."""
    return failure.code == EFFECT_NOT_FOUND and not failure.challenge


def _not_looked(standing: Standing, event: ActivityExecuted, now: Micros) -> Settlement:
    """The look itself was withheld: it may have happened, as before, and is looked for later."""
    again = now + (
        10 * MINUTE if event.withheld_code == WithheldCode.ACCOUNT_NOT_CONNECTED else MINUTE
    )
    decision = reasons.LOOK_WITHHELD(why=_why_withheld(event), next_possible_at=again)
    moved = _moved(standing, State.UNKNOWN, decision)
    return replace(moved, effect=Effect.POSSIBLE, due_at=again)


def absent(
    standing: Standing, failure: Failure, now: Micros, *, called_at: datetime | None = None
) -> Settlement:
    """There is no effect. Done once more, or ended where somebody said no."""
    known = replace(standing, effect=Effect.NONE, verifications=0)
    if standing.stopped:
        decision = reasons.ABSENT_AND_STOPPED()
        return _moved(known, State.CANCELLED, decision)
    return _tried_again(known, failure, now, why=_NOT_THERE, called_at=called_at)


_NOT_THERE = "It was looked for and is not there"
_SOON = frozenset(
    {
        WithheldCode.PAUSED,
        WithheldCode.CANCELLED,
        WithheldCode.SUPERSEDED,
        WithheldCode.MEMBER_INACTIVE,
        WithheldCode.KIND_DISABLED,
        WithheldCode.APPROVAL_NEEDED,
        WithheldCode.SUGGEST_ONLY,
    }
)
"""Hand-over sees at once what it is: an executor does not tell who left from who is waited for."""


def _withheld(standing: Standing, event: ActivityExecuted, now: Micros) -> Settlement:
    """Nothing was called. Hand-over asks again what the executor asked, and ends or parks it."""
    code = event.withheld_code or "withheld"
    decision = reasons.told(code, _why_withheld(event))
    if code == WithheldCode.ALREADY_DONE:
        return _moved(standing, State.SKIPPED, decision)
    if code == WithheldCode.CONSENT_REVOKED:
        return replace(_moved(standing, State.CANCELLED, decision), stop=True)
    again = now + (
        SECOND if code in _SOON else MINUTE if code == WithheldCode.LATE else 10 * MINUTE
    )
    return replace(_moved(standing, State.SCHEDULED, decision), due_at=again, quick=code in _SOON)


def _why_withheld(event: ActivityExecuted) -> str:
    return event.withheld_reason or "The executor found that the activity no longer stands."


def _failed(standing: Standing, event: ActivityExecuted, now: Micros) -> Settlement:
    failure = event.failure
    if failure is None:
        raise ValueError("an outcome `failed` must carry its failure")
    why = f"{failure.error_type}: {failure.message}"
    return _tried_again(standing, failure, now, why=why, called_at=event.called_at)


def _tried_again(
    standing: Standing, failure: Failure, now: Micros, *, why: str, called_at: datetime | None
) -> Settlement:
    called = None if called_at is None else to_micros(called_at)
    verdict = after_failure(standing.kind, standing.attempt, failure, now, called_at=called)
    if isinstance(verdict, GiveUp):
        decision = reasons.told(verdict.code, f"{verdict.sentence} {failure.message}")
        moved = _moved(standing, State.FAILED, decision)
        return replace(moved, needs_person=True, failed=True)
    number = standing.attempt + 1
    when = _clock_time(to_datetime(verdict.at))
    decision = reasons.RETRY(
        why=why[:800].rstrip("."), number=number, when=when, next_possible_at=verdict.at
    )
    moved = _moved(standing, State.SCHEDULED, decision)
    return replace(moved, due_at=verdict.at, attempt=number, failed=True, quick=verdict.quick)


def account_waits_until(event: ActivityExecuted, attempt: int, now: Micros) -> Micros | None:
    """Until when the account does nothing more, where the network asked it to slow down."""
    failure = event.failure
    if failure is None or failure.error_type is not ErrorType.RATE_LIMIT:
        return None
    return now + slow_down_for(event.kind, attempt, failure)


def placed(settlement: Settlement, place: Placement | NoPlace) -> Settlement:
    """The settlement at its place, with its reason; without one it is not done."""
    if isinstance(place, NoPlace):
        state = move(settlement.state, State.SKIPPED)
        return replace(settlement, state=state, due_at=None, decision=place.decision, failed=True)
    sentence = settlement.decision.sentence
    if settlement.due_at is not None:
        wished = _clock_time(to_datetime(settlement.due_at))
        sentence = sentence.replace(wished, _clock_time(to_datetime(place.at)))
    decision = replace(settlement.decision, sentence=sentence, next_possible_at=place.at)
    if place.absent and decision.code == WithheldCode.LATE:
        decision = reasons.ABSENT(next_possible_at=place.at)
    if isinstance(place.moved_by, LimitUse):
        limit = place.moved_by
        said = f"{sentence} {limit.name} allows {limit.value}: it has the next free place."
        decision = replace(decision, sentence=said, limit=limit)
    return replace(settlement, due_at=place.at, decision=decision, placed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFact:
    """Something that holds for all who would act on the post, found out by one of them."""

    post_id: UUID
    code: str
    kinds: tuple[Kind, ...]
    """What cannot be done on it any more."""

    @property
    def sentence(self) -> str:
        """Why the others end."""
        what = "is not there any more" if self.code == _GONE else "takes no more of these"
        return f"The post {what}, as another member's activity found; one task stands for all."


_GONE = str(ErrorType.POST_NOT_FOUND)
_CLOSED = frozenset({"comments_disabled", "comments_closed", "comments_not_allowed"})


def post_fact(post_id: UUID, event: ActivityExecuted, settlement: Settlement) -> PostFact | None:
    """What a failure says of the post itself, and not of the account that met it."""
    failure = event.failure
    if failure is None or settlement.state is not State.FAILED or failure.retryable:
        return None
    if failure.error_type is ErrorType.POST_NOT_FOUND:
        return PostFact(post_id=post_id, code=_GONE, kinds=(Kind.LIKE, Kind.COMMENT, Kind.REPOST))
    if event.kind is Kind.COMMENT and failure.code in _CLOSED:
        return PostFact(post_id=post_id, code="comments_closed", kinds=(Kind.COMMENT,))
    return None


def told_by_another(settlement: Settlement, fact: PostFact) -> Settlement:
    """It failed by a fact that is a person's task already: it is none of its own."""
    decision = reasons.told(fact.code, fact.sentence)
    return replace(settlement, needs_person=False, decision=decision)


def first_to_tell(settlement: Settlement, fact: PostFact) -> Settlement:
    """The one task that stands for all of the post's activities."""
    return replace(settlement, decision=replace(settlement.decision, code=fact.code))


def _clock_time(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moved(standing: Standing, state: State, decision: Decision) -> Settlement:
    return Settlement(
        state=move(standing.state, state),
        effect=standing.effect,
        decision=decision,
        attempt=standing.attempt,
        verifications=standing.verifications,
    )
