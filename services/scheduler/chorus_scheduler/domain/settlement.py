"""What an execution's outcome means for its activity: the next state, when, and the decision that
says why.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.events import ActivityExecuted, Failure
from chorus.vocabulary import Kind, Mode, Outcome, State
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.instants import MINUTE, SECOND, Micros, to_datetime
from chorus_scheduler.domain.retries import GiveUp, after_failure, after_unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What of the ledger's row the decision needs."""

    id: UUID
    state: State
    execution: int
    attempt: int
    verifications: int
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The activity after an outcome. `due_at` is set where it is to be handed over again."""

    state: State
    decision: Decision
    attempt: int
    verifications: int
    due_at: Micros | None = None
    needs_person: bool = False
    failed: bool = False
    """Whether this outcome counts as a failure of the activity (E4)."""
    challenge: bool = False


def settle_outcome(standing: Standing, event: ActivityExecuted, now: Micros) -> Settlement | None:
    """None when the outcome is an old or repeated one: the ledger has moved on."""
    over = standing.state not in (State.DISPATCHED, State.CANCELLED)
    if over or event.execution != standing.execution:
        return None
    if event.outcome is Outcome.EXECUTED:
        return _executed(standing, event)
    if event.outcome is Outcome.UNKNOWN:
        return _unknown(standing, now)
    if standing.state is State.CANCELLED:
        return None  # it did not happen, as was wished
    if event.outcome is Outcome.WITHHELD:
        return _withheld(standing, event, now)
    return _failed(standing, event, now)


def _executed(standing: Standing, event: ActivityExecuted) -> Settlement:
    if event.verified:
        sentence = "The effect was found on the network, although the answer to the call was lost."
        decision = Decision(code="executed_verified", sentence=sentence)
    else:
        decision = Decision(code="executed", sentence="The network confirmed it.")
    return _move(standing, State.EXECUTED, decision)


def _withheld(standing: Standing, event: ActivityExecuted, now: Micros) -> Settlement | None:
    code = event.withheld_code or "withheld"
    sentence = event.withheld_reason or "The executor found that the activity no longer stands."
    decision = Decision(code=code, sentence=sentence)
    if code in ("cancelled", "superseded"):
        return None
    if code == "consent_revoked":
        return _move(standing, State.CANCELLED, decision)
    wait = SECOND if code == "paused" else 10 * MINUTE
    return _move(standing, State.SCHEDULED, decision, due_at=now + wait)


def _unknown(standing: Standing, now: Micros) -> Settlement:
    again = after_unknown(standing.verifications, now)
    looks = standing.verifications + 1
    if again is None:
        sentence = (
            f"It may have happened; {looks - 1} looks could not tell. "
            "A person must look at the post and decide."
        )
        decision = Decision(code="unknown_needs_person", sentence=sentence)
        return _move(standing, State.UNKNOWN, decision, needs_person=True)
    sentence = "It may have happened; it will be looked for before anything is done again."
    decision = Decision(code="unknown", sentence=sentence, next_possible_at=again)
    return _move(standing, State.UNKNOWN, decision, due_at=again, verifications=looks)


def _failed(standing: Standing, event: ActivityExecuted, now: Micros) -> Settlement:
    failure = event.failure
    if failure is None:
        raise ValueError("an outcome `failed` must carry its failure")
    verdict = after_failure(standing.kind, standing.attempt, failure, now)
    if isinstance(verdict, GiveUp):
        decision = Decision(
            code=verdict.code, sentence=f"{verdict.sentence} {failure.message}"[:1000]
        )
        return _move(
            standing,
            State.FAILED,
            decision,
            needs_person=True,
            failed=True,
            challenge=failure.challenge,
        )
    found_absent = event.mode is Mode.VERIFY
    return _move(
        standing,
        State.SCHEDULED,
        _retry_decision(standing, failure, verdict.at, found_absent),
        due_at=verdict.at,
        attempt=standing.attempt + 1,
        failed=True,
    )


def _retry_decision(
    standing: Standing, failure: Failure, at: Micros, found_absent: bool
) -> Decision:
    when = _clock_time(to_datetime(at))
    why = (
        "It was looked for and is not there"
        if found_absent
        else f"{failure.error_type}: {failure.message}"
    )
    sentence = f"{why[:800].rstrip('.')}. Attempt {standing.attempt + 1} follows at {when}."
    return Decision(code="retry", sentence=sentence, next_possible_at=at)


def _clock_time(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _move(
    standing: Standing,
    state: State,
    decision: Decision,
    *,
    due_at: Micros | None = None,
    attempt: int | None = None,
    verifications: int | None = None,
    needs_person: bool = False,
    failed: bool = False,
    challenge: bool = False,
) -> Settlement:
    return Settlement(
        state=state,
        decision=decision,
        attempt=standing.attempt if attempt is None else attempt,
        verifications=standing.verifications if verifications is None else verifications,
        due_at=due_at,
        needs_person=needs_person,
        failed=failed,
        challenge=challenge,
    )
