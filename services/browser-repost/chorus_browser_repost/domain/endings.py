"""How an execution ends here. There is no pool of browsers in this installation, and it says so."""

from datetime import datetime

from chorus.events import ActivityDue, ActivityExecuted, Failure
from chorus.vocabulary import ErrorType, Outcome

NOT_AVAILABLE = Failure(
    error_type=ErrorType.API_ERROR,
    code="browser_lane_not_available",
    message="There are no browsers to repost with. Set repost_via=api in the pod's policy.",
    retryable=False,
)


def refused(command: ActivityDue, now: datetime) -> ActivityExecuted:
    """Failed for good, without a call."""
    return ActivityExecuted(
        client_id=command.client_id,
        activity_id=command.activity_id,
        execution=command.execution,
        attempt=command.attempt,
        mode=command.mode,
        kind=command.kind,
        lane=command.lane,
        account_id=command.account_id,
        post_id=command.target.post_id,
        outcome=Outcome.FAILED,
        finished_at=now,
        failure=NOT_AVAILABLE,
        correlation_id=command.correlation_id,
    )
