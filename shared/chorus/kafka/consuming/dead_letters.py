"""Messages that nobody can handle, and how many of them are too many."""

from collections import deque
from dataclasses import dataclass

from chorus.kafka.envelope import MAX_VALUE_BYTES, Outgoing, Record
from chorus.kafka.topics import dead_letters_of
from chorus.telemetry.logs import describe


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterPolicy:
    """When to give a message up, and when to stop the loop rather than draining a topic.

    `limit`: dead letters in a row. `ratio`: share of dead letters among the last `window` messages.
    """

    tries: int = 3
    limit: int = 50
    ratio: float = 0.5
    window: int = 1_000


class DeadLetterCount:
    """Counts what became of messages; says when it is too bad to go on."""

    def __init__(self, policy: DeadLetterPolicy) -> None:
        self._policy = policy
        self._in_a_row = 0
        self._recent: deque[bool] = deque(maxlen=policy.window)
        self._dead_recently = 0

    def handled(self) -> None:
        """A message was handled."""
        self._in_a_row = 0
        self._note(dead=False)

    def dead(self) -> None:
        """A message became a dead letter."""
        self._in_a_row += 1
        self._note(dead=True)

    def too_many(self) -> str | None:
        """Why the loop must stop, or None."""
        policy = self._policy
        if self._in_a_row > policy.limit:
            return f"{self._in_a_row} dead letters in a row, {policy.limit} are allowed"
        full = len(self._recent) == policy.window
        if full and self._dead_recently > policy.ratio * policy.window:
            return f"{self._dead_recently} dead letters among the last {policy.window} messages"
        return None

    def _note(self, *, dead: bool) -> None:
        if len(self._recent) == self._policy.window:
            self._dead_recently -= self._recent[0]
        self._recent.append(dead)
        self._dead_recently += dead


def dead_letter(
    record: Record, *, topic: str, group: str, error: BaseException, attempts: int
) -> Outgoing:
    """The raw message with where it stood and what became of it in its headers.

    `topic` is without the installation's prefix. The original headers stay, `traceparent` too.
    """
    added = {
        "dlq_topic": topic,
        "dlq_partition": str(record.partition),
        "dlq_offset": str(record.offset),
        "dlq_group": group,
        "dlq_error": describe(error),
        "dlq_attempts": str(attempts),
    }
    kept = [(name, value) for name, value in record.headers if name not in added]
    return Outgoing(
        topic=dead_letters_of(topic),
        key=record.key or b"",
        value=(record.value or b"")[:MAX_VALUE_BYTES],
        headers=[*kept, *((name, value.encode()) for name, value in added.items())],
    )
