"""Events on the wire."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from chorus.errors import UndecodableMessage
from chorus.events import ALL, PostPublished
from chorus.kafka.envelope import MAX_VALUE_BYTES, decode, encode
from chorus.telemetry import tracing
from chorus.testing import FakeRecord, record_of

MODELS = {model.type: model for model in ALL}
NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def _post(**values: object) -> PostPublished:
    return PostPublished.model_validate(
        {
            "client_id": uuid.UUID(int=1),
            "post_id": uuid.UUID(int=2),
            "url": "https://posts.example/2",
            "published_at": NOW,
            "source": "registered",
            "correlation_id": "c",
            **values,
        }
    )


def _record(**values: object) -> FakeRecord:
    return replace(record_of(_post(), time=NOW), **values)  # type: ignore[arg-type]


def test_what_is_encoded_is_decoded() -> None:
    """CloudEvents 1.0, binary mode: the value is the event alone, all else is in the headers."""
    parent = tracing.start()
    event_id = uuid.uuid4()
    local = NOW.astimezone(timezone(timedelta(hours=2)))
    sent = encode(_post(), source="gateway", time=local, traceparent=parent, event_id=event_id)
    headers = dict(sent.headers)
    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_type"] == b"chorus.post.published.v1"
    assert headers["ce_time"] == b"2026-03-29T01:30:00Z"
    assert headers["ce_subject"] == str(uuid.UUID(int=2)).encode()
    assert headers["content-type"].startswith(b"application/json")
    record = FakeRecord(
        topic="t", partition=3, offset=9, key=sent.key, value=sent.value, headers=sent.headers
    )
    received = decode(record, MODELS)
    assert received.event == _post()
    assert (received.id, received.source) == (str(event_id), "gateway")
    assert (received.time, received.traceparent) == (NOW, parent)
    assert (received.topic, received.partition, received.offset) == ("t", 3, 9)


def test_readers_ignore_what_they_do_not_know() -> None:
    """An optional field of a newer producer does not break an older reader."""
    value = b'{"invented_later": 1,' + (_record().value or b"")[1:]
    assert decode(_record(value=value), MODELS).event == _post()


@pytest.mark.parametrize(
    "values",
    [
        {"headers": ()},
        {"headers": (("ce_type", b"chorus.unknown.v1"),)},
        {"headers": (("ce_type", b"\xff"),)},
        {"headers": (("ce_type", b"chorus.post.published.v1"),)},
        {"value": None},
        {"value": b"not json"},
        {"value": b"{}"},
        {"value": b"\xff\xfe"},
        {"headers": (*_record().headers, ("ce_time", b"yesterday"))},
        {"headers": (*_record().headers, ("ce_time", b"2026-01-01T00:00:00"))},
        {"headers": (*_record().headers, ("traceparent", b"\xff"))},
    ],
)
def test_what_does_not_follow_the_schema_is_undecodable(values: dict[str, object]) -> None:
    """K1: a bad message is told apart from every other error."""
    with pytest.raises(UndecodableMessage):
        decode(_record(**values), MODELS)


def test_the_error_does_not_repeat_the_payload() -> None:
    """INVARIANT: people's text does not reach logs through a message that cannot be decoded (7)."""
    value = (_record().value or b"").replace(b'"registered"', b'"a very private text"')
    with pytest.raises(UndecodableMessage) as caught:
        decode(_record(value=value), MODELS)
    assert "private" not in str(caught.value)
    assert "source" in str(caught.value)


def test_what_no_broker_would_take_is_refused_where_it_is_made() -> None:
    """An outbox row that can never be sent would hold up all the others."""
    with pytest.raises(ValueError, match="too large"):
        encode(_post(url="x" * MAX_VALUE_BYTES), source="s", time=NOW, traceparent=None)
