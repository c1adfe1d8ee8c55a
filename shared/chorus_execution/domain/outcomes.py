"""How an execution ends: the one place that words an outcome (E4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from chorus.errors import ChallengeError, ProviderError
from chorus.events import ActivityDue, ActivityExecuted, CallResult, Failure
from chorus.vocabulary import ErrorType, Outcome
from chorus_execution.domain.eligibility import Withheld

Voice = Literal["none", "cartridge", "model", "fallback"]
_VOICES: tuple[Voice, ...] = get_args(Voice)

_NOT_THERE = Failure(
    error_type=ErrorType.NETWORK_ERROR,
    code="effect_not_found",
    message="The answer was lost, and the provider shows no effect of the call.",
    retryable=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The text that goes out, and whose voice it is in. An instant repost has an empty text."""

    text: str | None = None
    voice: Voice = "none"


SILENT = Wording()


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution under way: its command, and what is known of it so far."""

    command: ActivityDue
    wording: Wording = SILENT
    called_at: datetime | None = None


def executed(
    execution: Execution,
    result: CallResult,
    now: datetime,
    *,
    verified: bool = False,
    challenge: ChallengeError | None = None,
) -> ActivityExecuted:
    """`challenge`: one that was met on the way, though the effect stands: it is the account's."""
    failure = None if challenge is None else failure_of(challenge)
    return _ended(
        execution, Outcome.EXECUTED, now, result=result, verified=verified, failure=failure
    )


def failed(execution: Execution, failure: Failure, now: datetime) -> ActivityExecuted:
    return _ended(execution, Outcome.FAILED, now, failure=failure)


def not_there(execution: Execution, now: datetime) -> ActivityExecuted:
    """Verified until it was certain: the call had no effect, so it may be made again."""
    return failed(execution, _NOT_THERE, now)


def unknown(execution: Execution, error: ProviderError, now: datetime) -> ActivityExecuted:
    """The call may have taken effect and verifying did not tell."""
    return _ended(execution, Outcome.UNKNOWN, now, failure=failure_of(error, retryable=False))


def nothing_known(execution: Execution, now: datetime) -> ActivityExecuted:
    """To be verified, and no call of it is remembered: absence would tell nothing."""
    failure = Failure(
        error_type=ErrorType.API_ERROR,
        code="no_attempt_known",
        message="No call of this activity is remembered, so looking cannot tell what became of it.",
        retryable=False,
    )
    return _ended(execution, Outcome.UNKNOWN, now, failure=failure)


def given_up(execution: Execution, now: datetime) -> ActivityExecuted:
    """The executor itself fails on this activity: what happened is for a person to find out."""
    failure = Failure(
        error_type=ErrorType.API_ERROR,
        code="executor_failed",
        message="The executor failed on this activity again and again; its log says why.",
        retryable=False,
    )
    return _ended(execution, Outcome.UNKNOWN, now, failure=failure)


def withhold(execution: Execution, reason: Withheld, now: datetime) -> ActivityExecuted:
    return _ended(
        execution, Outcome.WITHHELD, now, withheld_code=reason.code, withheld_reason=reason.reason
    )


def failure_of(error: ProviderError, *, retryable: bool | None = None) -> Failure:
    return Failure(
        error_type=error.error_type,
        message=str(error),
        code=error.code,
        retryable=error.retryable if retryable is None else retryable,
        retry_after=error.retry_after,
        challenge=isinstance(error, ChallengeError),
    )


def voice_named(name: str | None) -> Voice:
    """The voice that was stored under this name."""
    return next((voice for voice in _VOICES if voice == name), "none")


def _ended(
    execution: Execution,
    outcome: Outcome,
    now: datetime,
    *,
    verified: bool = False,
    result: CallResult | None = None,
    failure: Failure | None = None,
    withheld_code: str | None = None,
    withheld_reason: str | None = None,
) -> ActivityExecuted:
    command = execution.command
    return ActivityExecuted(
        client_id=command.client_id,
        activity_id=command.activity_id,
        execution=command.execution,
        attempt=command.attempt,
        mode=command.mode,
        kind=command.kind,
        lane=command.lane,
        account_id=command.account_id,
        target=command.target,
        outcome=outcome,
        verified=verified,
        called_at=execution.called_at,
        finished_at=now,
        result=result,
        final_text=execution.wording.text,
        voice=execution.wording.voice,
        failure=failure,
        withheld_code=withheld_code,
        withheld_reason=withheld_reason,
        correlation_id=command.correlation_id,
    )
