"""Events on the wire: CloudEvents 1.0, Kafka binding, binary mode; plus `traceparent`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import ValidationError

from chorus.errors import UndecodableMessage
from chorus.events import Event
from chorus.ids import new_id

E = TypeVar("E", bound=Event)

MAX_VALUE_BYTES = 900_000
"""Below the broker's default of 1 MiB, with room for headers."""

_CONTENT_TYPE = ("content-type", b"application/json; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent. `topic` is without the installation's prefix: the producer adds it."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Received(Generic[E]):
    """A decoded message. (`source`, `id`) names the event: a repeated delivery has the same.

    The consume loop gives `topic` without the installation's prefix.
    """

    event: E
    id: str
    source: str
    time: datetime
    traceparent: str | None
    topic: str
    partition: int
    offset: int


class Record(Protocol):
    """What `decode` needs of a consumed record."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


def encode(
    event: Event,
    *,
    source: str,
    time: datetime,
    traceparent: str | None,
    event_id: UUID | None = None,
) -> Outgoing:
    """Put an event into its envelope. `time` is when the fact came to be, aware.

    ValueError when the event is larger than a broker would take: better now than in the relay.
    """
    value = event.model_dump_json().encode()
    if len(value) > MAX_VALUE_BYTES:
        raise ValueError(f"{event.type} of {len(value)} bytes is too large to be sent")
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event_id or new_id()).encode()),
        *_of_source_and_type(source, event.type),
        ("ce_time", _utc(time)),
        ("ce_subject", event.subject.encode()),
        _CONTENT_TYPE,
    ]
    if traceparent is not None:
        headers.append(("traceparent", traceparent.encode()))
    return Outgoing(event.topic_name(), event.key.encode(), value, headers)


@lru_cache(maxsize=256)
def _of_source_and_type(source: str, kind: str) -> tuple[tuple[str, bytes], ...]:
    return ("ce_source", source.encode()), ("ce_type", kind.encode())


@lru_cache(maxsize=8)
def _utc(time: datetime) -> bytes:
    """What is sent together mostly has one time."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()


def decode(
    record: Record, models: Mapping[str, type[Event]], *, topic: str | None = None
) -> Received[Event]:
    """Read a record by its `ce_type`. Raises UndecodableMessage, whose text holds no payload.

    `topic` is the record's topic without the installation's prefix, where the caller knows it.
    """
    headers = dict(record.headers)
    try:
        kind = headers["ce_type"].decode()
        model = models[kind]
    except (KeyError, UnicodeDecodeError) as error:
        raise UndecodableMessage(f"no reader for the type {_shown(headers)}") from error
    if record.value is None:
        raise UndecodableMessage(f"{kind} without a value")
    try:
        parent = headers.get("traceparent")
        return Received(
            event=model.model_validate_json(record.value),
            id=headers["ce_id"].decode(),
            source=headers["ce_source"].decode(),
            time=_instant(headers["ce_time"]),
            traceparent=None if parent is None else parent.decode(),
            topic=topic or record.topic,
            partition=record.partition,
            offset=record.offset,
        )
    except ValidationError as error:
        raise UndecodableMessage(f"{kind} does not fit its schema: {_faults(error)}") from None
    except (KeyError, ValueError) as error:
        raise UndecodableMessage(f"{kind} has a bad or missing header: {error}") from error


def _instant(raw: bytes) -> datetime:
    instant = datetime.fromisoformat(raw.decode())
    if instant.tzinfo is None:
        raise ValueError("ce_time has no zone")
    return instant


def _shown(headers: Mapping[str, bytes]) -> str:
    return repr(headers.get("ce_type", b"")[:100])


def _faults(error: ValidationError) -> str:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['type']}" for item in found[:5])
