"""A dead letter as a person sees it, and as it goes back to where it failed. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from chorus.kafka.envelope import Outgoing, Record
from chorus.kafka.topics import dead_letters_of

REQUEUED = "chorus_requeued"
"""Header: how many times a person has sent this message back."""
_ADDED = "dlq_"
_UNDECODABLE = "UndecodableMessage"


class TimedRecord(Record, Protocol):
    """A consumed record; `timestamp` in milliseconds since 1970."""

    @property
    def timestamp(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`origin`: the topic it failed on, without the installation's prefix; empty where nobody said.

    `error`: the class and first line of what it failed with. `place`: partition/offset.
    """

    partition: int
    offset: int
    at: datetime
    origin: str
    failed_at: str
    group: str
    attempts: str
    error: str
    event_id: str
    event_type: str
    requeued: int
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]

    @property
    def place(self) -> str:
        return f"{self.partition}/{self.offset}"

    @property
    def reason(self) -> str:
        """The class of its error."""
        return self.error.partition(":")[0] or "unknown"

    @property
    def undecodable(self) -> bool:
        """Whether no reader could make sense of it when it failed."""
        return self.reason == _UNDECODABLE

    def goes_back_to(self, box: str) -> bool:
        """Whether it can be sent back from this topic of dead letters: it failed where that says.

        What somebody else has put there has no place to go back to.
        """
        return dead_letters_of(self.origin) == box

    def is_still(self, original: Record | None) -> bool:
        """Whether it is, byte for byte, the message that stands where it says that it failed."""
        return original is not None and (
            (self.key, self.value) == (original.key or b"", original.value or b"")
            and _own(self.headers) == _own(original.headers)
        )

    def goes_by(self, name: str) -> bool:
        """Whether `name` is its event id or its place."""
        return name in {self.event_id, self.place}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What waits on one topic of dead letters."""

    waiting: int
    handled: int
    oldest: datetime | None
    newest: datetime | None
    reasons: Sequence[tuple[str, int]]


def letter_of(record: TimedRecord) -> Letter:
    """Any record can be read: what it does not say is empty."""
    headers = dict(record.headers)

    def text(name: str) -> str:
        return headers.get(name, b"").decode(errors="replace")

    requeued = text(REQUEUED)
    return Letter(
        partition=record.partition,
        offset=record.offset,
        at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        origin=text("dlq_topic"),
        failed_at=f"{text('dlq_partition')}/{text('dlq_offset')}",
        group=text("dlq_group"),
        attempts=text("dlq_attempts"),
        error=text("dlq_error"),
        event_id=text("ce_id"),
        event_type=text("ce_type"),
        requeued=int(requeued) if requeued.isdecimal() else 0,
        key=record.key or b"",
        value=record.value or b"",
        headers=tuple(record.headers),
    )


def _own(headers: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """What the message itself said, without what was noted when it failed."""
    return [(name, value) for name, value in headers if not name.startswith(_ADDED)]


def sent_back(letter: Letter) -> Outgoing:
    """The message as it was: same key, value and headers, and how often it was requeued."""
    kept = [(name, value) for name, value in _own(letter.headers) if name != REQUEUED]
    count = str(letter.requeued + 1).encode()
    return Outgoing(letter.origin, letter.key, letter.value, [*kept, (REQUEUED, count)])


def summary(waiting: Sequence[Letter], handled: int) -> Summary:
    """`handled`: how many of those that are kept need nothing any more."""
    times = sorted(letter.at for letter in waiting)
    return Summary(
        waiting=len(waiting),
        handled=handled,
        oldest=times[0] if times else None,
        newest=times[-1] if times else None,
        reasons=Counter(letter.reason for letter in waiting).most_common(),
    )


def unknown_names(names: Iterable[str], letters: Sequence[Letter]) -> list[str]:
    """Those by which none of the letters goes."""
    return [name for name in names if not any(letter.goes_by(name) for letter in letters)]
