"""Messages and outcomes for the scheduler's tests."""

from datetime import datetime, timedelta

from chorus.events import ActivityDue, ActivityExecuted, CallResult, Failure
from chorus.kafka.envelope import Outgoing
from chorus.testing import FakeRecord
from chorus.vocabulary import ErrorType, Outcome


def record_from(out: Outgoing) -> FakeRecord:
    """What a consumer would get of a sent message."""
    return FakeRecord(topic=out.topic, key=out.key, value=out.value, headers=tuple(out.headers))


def outcome(
    command: ActivityDue,
    result: Outcome = Outcome.EXECUTED,
    *,
    at: datetime | None = None,
    error: ErrorType = ErrorType.NETWORK_ERROR,
    retryable: bool = True,
    retry_after: float | None = None,
    challenge: bool = False,
    withheld: str | None = None,
    called: bool = True,
    verified: bool = False,
) -> ActivityExecuted:
    """How an execution of `command` ended; by default well, at its due time."""
    called_at = at or command.due_at
    failure = None
    if result is Outcome.FAILED:
        failure = Failure(
            error_type=error,
            message="for the test",
            retryable=retryable,
            retry_after=retry_after,
            challenge=challenge,
        )
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
        outcome=result,
        verified=verified,
        called_at=called_at if called and withheld is None else None,
        finished_at=called_at + timedelta(milliseconds=300),
        result=CallResult(provider_id="id", answer="ok") if result is Outcome.EXECUTED else None,
        failure=failure,
        withheld_code=withheld,
        withheld_reason=f"Withheld for the test: {withheld}." if withheld else None,
        correlation_id=command.correlation_id,
    )
