"""What the ledger says, as messages: due commands for executors, and facts for whoever listens."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid5

from chorus.events import (
    AccountChallenged,
    ActivityDue,
    ActivityScheduled,
    PostTarget,
    PublishFailed,
)
from chorus.kafka.envelope import Outgoing, encode
from chorus.telemetry import tracing
from chorus_scheduler.domain.activity import Activity, Order, Report
from chorus_scheduler.domain.pauses import AccountPause

SOURCE = "chorus/scheduler"


def due_commands(orders: Sequence[Order], *, time: datetime) -> list[Outgoing]:
    """One command an order, each continuing its activity's trace."""
    return [
        encode(
            _command(order),
            source=SOURCE,
            time=time,
            traceparent=tracing.child_of(order.traceparent),
        )
        for order in orders
    ]


def activity_scheduled(activity: Activity, time: datetime) -> Outgoing:
    """An activity as the fact that it has this place, or waits for a person."""
    event = ActivityScheduled(
        client_id=activity.client_id,
        activity_id=activity.id,
        target=PostTarget(post_id=activity.post_id),
        pod_id=activity.pod_id,
        account_id=activity.account_id,
        kind=activity.kind,
        lane=activity.lane,
        state=activity.state,
        scheduled_for=activity.due_at,
        reason_code=activity.reason_code,
        reason=activity.reason,
        correlation_id=activity.correlation_id,
    )
    return encode(event, source=SOURCE, time=time, traceparent=tracing.current.get())


def publish_failed(report: Report, time: datetime) -> Outgoing:
    """A publication that will not happen, as the fact that says so."""
    fact = PublishFailed(
        client_id=report.client_id,
        post_id=report.post_id,
        state=report.state,
        reason=report.reason,
        correlation_id=report.correlation_id,
    )
    traceparent = tracing.child_of(report.traceparent)
    return encode(fact, source=SOURCE, time=time, traceparent=traceparent)


def account_challenged(pause: AccountPause) -> Outgoing:
    """A pause that a look's challenge began, as the fact that calls people. One pause, one id."""
    fact = AccountChallenged(
        client_id=pause.client_id,
        account_id=pause.account_id,
        pause_id=pause.id,
        reason=pause.reason,
        met_at=pause.paused_at,
        correlation_id=str(pause.id),
    )
    return encode(
        fact,
        source=SOURCE,
        time=pause.paused_at,
        traceparent=tracing.current.get(),
        event_id=uuid5(pause.id, fact.type),
    )


def _command(order: Order) -> ActivityDue:
    return ActivityDue(
        client_id=order.client_id,
        activity_id=order.id,
        execution=order.execution,
        attempt=order.attempt,
        max_attempts=order.max_attempts,
        mode=order.mode,
        kind=order.kind,
        lane=order.lane,
        platform=order.platform,
        account_id=order.account_id,
        provider_account_id=order.provider_account_id,
        target=PostTarget(
            post_id=order.post_id, url=order.target_url, social_id=order.target_social_id
        ),
        text=order.text,
        voice=order.voice,
        cartridge_id=order.cartridge_id,
        reaction=order.reaction,
        due_at=order.due_at,
        acts_until=order.acts_until,
        correlation_id=order.correlation_id,
    )
