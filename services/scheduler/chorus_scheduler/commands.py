"""Rows of the ledger as messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from chorus.events import AccountChallenged, ActivityDue, PublishFailed, Target
from chorus.kafka.envelope import Outgoing, encode
from chorus.telemetry import tracing

SOURCE = "chorus/scheduler"


def due_commands(rows: Sequence[Mapping[str, Any]], *, time: datetime) -> list[Outgoing]:
    """One command a row, each continuing its activity's trace."""
    return [
        encode(
            _command(row),
            source=SOURCE,
            time=time,
            traceparent=tracing.child_of(row["traceparent"]),
        )
        for row in rows
    ]


def publish_failed(row: Mapping[str, Any], time: datetime) -> Outgoing:
    """A row whose post will not go out, as the fact that says so."""
    fact = PublishFailed(
        client_id=row["client_id"],
        post_id=row["post_id"],
        state=row["state"],
        reason=row["reason"],
        correlation_id=row["correlation_id"],
    )
    traceparent = tracing.child_of(row["traceparent"])
    return encode(fact, source=SOURCE, time=time, traceparent=traceparent)


def account_challenged(pause: Mapping[str, Any]) -> Outgoing:
    """A pause that a look's challenge began, as the fact that calls people. One pause, one id."""
    pause_id: UUID = pause["id"]
    fact = AccountChallenged(
        client_id=pause["client_id"],
        account_id=pause["scope_id"],
        pause_id=pause_id,
        reason=pause["reason"],
        met_at=pause["paused_at"],
        correlation_id=str(pause_id),
    )
    return encode(
        fact,
        source=SOURCE,
        time=pause["paused_at"],
        traceparent=tracing.current.get(),
        event_id=uuid5(pause_id, fact.type),
    )


def _command(row: Mapping[str, Any]) -> ActivityDue:
    return ActivityDue(
        client_id=row["client_id"],
        activity_id=row["id"],
        execution=row["execution"],
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        mode=row["mode"],
        kind=row["kind"],
        lane=row["lane"],
        platform=row["platform"],
        account_id=row["account_id"],
        provider_account_id=row["provider_account_id"],
        target=Target(
            post_id=row["post_id"], url=row["target_url"], social_id=row["target_social_id"]
        ),
        text=row["draft_text"],
        voice=row["voice"],
        cartridge_id=row["cartridge_id"],
        reaction=row["reaction"],
        due_at=row["due_at"],
        acts_until=row.get("acts_until"),
        correlation_id=row["correlation_id"],
    )
