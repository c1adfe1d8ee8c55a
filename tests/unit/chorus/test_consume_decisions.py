"""The pure parts of the consume loop: dead letters, delays, stalls, back-pressure, topics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.events import ALL, ActivityDue
from chorus.kafka import topics
from chorus.kafka.consuming.back_pressure import BackPressure
from chorus.kafka.consuming.dead_letters import DeadLetterCount, DeadLetterPolicy, dead_letter
from chorus.kafka.consuming.key_queues import Partition
from chorus.kafka.consuming.stall import Reading, StallDetector
from chorus.retry import LONGEST_DELAY, delay_before
from chorus.testing import FakeRecord


def test_a_handled_message_ends_a_row_of_dead_letters() -> None:
    """Some bad messages among good ones are what dead letters are for."""
    count = DeadLetterCount(DeadLetterPolicy(limit=2, window=1_000))
    for _ in range(10):
        count.dead()
        count.dead()
        assert count.too_many() is None
        count.handled()
    count.dead()
    count.dead()
    count.dead()
    assert "3 dead letters in a row" in (count.too_many() or "")


def test_too_large_a_share_of_dead_letters_stops_the_loop() -> None:
    """Even where good ones are among them; a window that is not full says nothing yet."""
    count = DeadLetterCount(DeadLetterPolicy(limit=100, ratio=0.5, window=10))
    for _ in range(3):
        count.dead()
        count.dead()
        count.handled()
    assert count.too_many() is None
    count.dead()
    assert "7 dead letters among the last 10" in (count.too_many() or "")
    for _ in range(10):
        count.handled()
    assert count.too_many() is None


def test_a_dead_letter_keeps_the_message_as_it_was() -> None:
    """Raw bytes and headers, and where it stood."""
    record = FakeRecord(
        topic="x.a", partition=3, offset=7, key=None, value=b"\xff", headers=(("h", b"\xfe"),)
    )
    letter = dead_letter(record, topic="a", group="g", error=ValueError("no"), attempts=3)
    assert (letter.topic, letter.key, letter.value) == ("a.dlq", b"", b"\xff")
    headers = dict(letter.headers)
    assert headers["h"] == b"\xfe"
    assert headers["dlq_error"] == b"ValueError: no"
    assert (headers["dlq_partition"], headers["dlq_offset"]) == (b"3", b"7")


@given(attempt=st.integers(min_value=1, max_value=10_000))
def test_delays_grow_up_to_a_bound(attempt: int) -> None:
    """Between a tenth of a second and five, whatever the number of attempts."""
    assert 0.1 <= delay_before(attempt) <= delay_before(attempt + 1) <= LONGEST_DELAY


def test_standing_still_with_messages_left_is_a_stall() -> None:
    """B.1: a member that looks alive and fetches nothing must be replaced."""
    detector: StallDetector[int] = StallDetector(30)
    waiting = Reading(position=5, end=9, idle=True)
    assert detector.look({1: waiting}, 0) == []
    assert detector.look({1: waiting}, 29) == []
    assert detector.look({1: waiting}, 30) == [1]


@pytest.mark.parametrize(
    "between",
    [
        Reading(position=6, end=9, idle=True),
        Reading(position=5, end=5, idle=True),
        Reading(position=5, end=9, idle=False),
        None,
    ],
)
def test_whatever_moves_or_has_a_reason_is_no_stall(between: Reading | None) -> None:
    """It moved, nothing is left, something is in hand, or it went to another member."""
    detector: StallDetector[int] = StallDetector(30)
    waiting = Reading(position=5, end=9, idle=True)
    detector.look({1: waiting}, 0)
    detector.look({} if between is None else {1: between}, 20)
    assert detector.look({1: waiting}, 40) == []


class _Fetching:
    """Partitions of a consumer, and which of them it does not fetch."""

    def __init__(self, count: int, max_in_flight: int) -> None:
        self.partitions = [Partition("t", number) for number in range(count)]
        self.paused: set[int] = set()
        self.pressure = BackPressure(
            max_in_flight,
            pause=lambda partition: self.paused.add(partition.number),
            resume=lambda partition: self.paused.discard(partition.number),
        )

    def take(self, number: int, count: int) -> None:
        self.partitions[number].held += count
        self.pressure.taken(count)

    def release(self, number: int, count: int) -> None:
        for _ in range(count):
            self.partitions[number].held -= 1
            self.pressure.released(self.partitions[number])


async def test_a_partition_that_clogs_does_not_hold_up_the_others() -> None:
    """A key that is retried for an hour stops its own partition alone."""
    fetching = _Fetching(4, max_in_flight=10)
    fetching.take(0, 19)
    fetching.take(1, 1)
    assert not fetching.pressure.open
    await fetching.pressure.wait(fetching.partitions, 0.01)
    assert fetching.paused == {0}
    assert fetching.pressure.room == 19
    fetching.release(0, 13)
    assert fetching.paused == {0}
    fetching.release(0, 1)
    assert fetching.paused == set()
    assert fetching.pressure.room == 14


async def test_what_was_done_in_time_pauses_nothing() -> None:
    """Pausing throws fetched records away, so it is for what stands still."""
    fetching = _Fetching(2, max_in_flight=10)
    fetching.take(0, 20)
    fetching.release(0, 10)
    await fetching.pressure.wait(fetching.partitions, 0.01)
    assert fetching.paused == set()
    assert fetching.pressure.open


@given(
    steps=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 15), st.booleans()), max_size=60),
    most=st.integers(1, 12),
)
async def test_what_counts_is_what_is_held_of_partitions_that_flow(
    steps: list[tuple[int, int, bool]], most: int
) -> None:
    """The count never drifts from the truth, or the loop would stand still for ever."""
    fetching = _Fetching(4, most)
    for number, count, take in steps:
        partition = fetching.partitions[number]
        if take and number not in fetching.paused:
            fetching.take(number, min(count, fetching.pressure.room))
        else:
            fetching.release(number, min(count, partition.held))
        if not fetching.pressure.open:
            await fetching.pressure.wait(fetching.partitions, 0)
        flowing = [one.held for one in fetching.partitions if not one.paused]
        assert fetching.pressure.room == max(0, 2 * most - sum(flowing))
        assert fetching.paused == {one.number for one in fetching.partitions if one.paused}


def test_every_topic_has_its_dead_letters() -> None:
    """K1: the topics are the requirements' own, plus internal ones."""
    names = {spec.name for spec in topics.ALL}
    facts = {name for name in names if not name.endswith(".dlq")}
    assert {"post.published", "activity.scheduled", "activity.executed", "lead.captured"} <= facts
    assert {f"{name}.dlq" for name in facts} == names - facts


def test_every_event_has_topics() -> None:
    """The due commands have one a lane."""
    names = {spec.name for spec in topics.ALL}
    for model in ALL:
        assert set(topics.topics_of(model.topic)) <= names
    assert topics.topics_of(ActivityDue.topic) == ("activity.due.api", "activity.due.browser")
