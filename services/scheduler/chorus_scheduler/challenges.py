"""A challenge is the account's, whatever became of the activity that met it."""

from collections.abc import Iterable

from chorus.events import ActivityExecuted, Failure
from chorus.ids import new_id
from chorus.outbox.store import append
from chorus.postgres.pool import Connection
from chorus.telemetry import metrics
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import about
from chorus_scheduler.domain.decisions import About, Decision
from chorus_scheduler.domain.pauses import AccountPause
from chorus_scheduler.messages import account_challenged
from chorus_scheduler.store import decisions, pauses
from chorus_scheduler.store.outcomes import Held

_PAUSED = reasons.ACCOUNT_PAUSED()


async def pause_challenged(
    conn: Connection, outcomes: Iterable[tuple[ActivityExecuted, Held]]
) -> None:
    """INVARIANT: the first challenge pauses the account at once; its load moves to nobody.

    Any outcome that is believed may carry one: of a call or a look, of an activity that was
    cancelled, of an older execution. The same outcome said again pauses nobody a second time.
    """
    met = [
        (event, row, event.failure)
        for event, row in outcomes
        if event.failure is not None and event.failure.challenge
    ]
    if not met:
        return
    known = await pauses.challenges_met(conn, [event.activity_id for event, _, _ in met])
    told: list[tuple[About, Decision]] = []
    for event, row, failure in met:
        if (event.activity_id, event.execution) not in known:
            await _pause(conn, event, row, failure)
            told.append((about(row), _PAUSED))
            metrics.activities.challenges.labels(event.lane).inc()
    await decisions.record(conn, told)


async def tell_challenged(conn: Connection, pause: AccountPause) -> None:
    """Explain a pause that no outcome tells of, and call people to it."""
    whom = About(
        client_id=pause.client_id,
        account_id=pause.account_id,
        correlation_id=str(pause.id),
    )
    await decisions.record(conn, [(whom, _PAUSED)])
    await append(conn, "scheduler", [account_challenged(pause)])
    metrics.activities.challenges.labels("look_up").inc()


async def _pause(conn: Connection, event: ActivityExecuted, row: Held, failure: Failure) -> None:
    evidence = {
        "activity_id": event.activity_id,
        "execution": event.execution,
        "code": failure.code,
        "message": failure.message,
        "at": event.finished_at,
    }
    await pauses.start_challenged(
        conn,
        pause_id=new_id(),
        client_id=row.client_id,
        account_id=row.account_id,
        reason=reason_of(failure.message),
        evidence=evidence,
    )


def reason_of(message: str) -> str:
    """A pause's reason has three characters or more, whatever a network says."""
    said = message.strip()[:500]
    return said if len(said) >= 3 else "The network asks for the account's person."
