"""Records as a consumer would get them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chorus.events import Event
from chorus.kafka.envelope import encode


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeRecord:
    """See `chorus.kafka.envelope.Record`."""

    topic: str = "post.published"
    partition: int = 0
    offset: int = 0
    key: bytes | None = b"key"
    value: bytes | None = b"{}"
    headers: Sequence[tuple[str, bytes]] = field(default_factory=tuple)


def record_of(
    event: Event,
    *,
    partition: int = 0,
    offset: int = 0,
    source: str = "test",
    time: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
    traceparent: str | None = None,
) -> FakeRecord:
    """The record that `event` becomes on its topic."""
    sent = encode(event, source=source, time=time, traceparent=traceparent)
    return FakeRecord(
        topic=sent.topic,
        partition=partition,
        offset=offset,
        key=sent.key,
        value=sent.value,
        headers=tuple(sent.headers),
    )
