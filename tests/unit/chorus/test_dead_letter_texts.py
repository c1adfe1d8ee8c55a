"""Dead letters as they are read, marked, shown and sent back: the pure part."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.kafka.redrive import texts
from chorus.kafka.redrive.letters import REQUEUED, letter_of, sent_back, summary, unknown_names
from chorus.kafka.redrive.marks import MAX_METADATA, Handled

HEADERS = [
    ("ce_id", b"id-1"),
    ("ce_type", b"chorus.post.published.v1"),
    ("traceparent", b"00-1-2-01"),
    ("dlq_topic", b"post.published"),
    ("dlq_partition", b"3"),
    ("dlq_offset", b"45"),
    ("dlq_group", b"scheduler"),
    ("dlq_error", b"ValueError: broken"),
    ("dlq_attempts", b"3"),
]


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of a topic of dead letters."""

    topic: str = "post.published.dlq"
    partition: int = 0
    offset: int = 7
    key: bytes | None = b"key"
    value: bytes | None = b"value"
    timestamp: int = 1_800_000_000_000
    headers: list[tuple[str, bytes]] = field(default_factory=lambda: list(HEADERS))


def test_what_is_sent_back_is_what_failed() -> None:
    """INVARIANT: readers know a requeued message by its event id (E7)."""
    back = sent_back(letter_of(Kept()))
    assert (back.topic, back.key, back.value) == ("post.published", b"key", b"value")
    assert back.headers == [*HEADERS[:3], (REQUEUED, b"1")]


def test_it_is_counted_how_often_it_was_sent_back() -> None:
    """One that comes again says so; nonsense counts as never."""
    again = letter_of(Kept(headers=[*HEADERS, (REQUEUED, b"2")]))
    assert sent_back(again).headers[-1] == (REQUEUED, b"3")
    assert [name for name, _ in sent_back(again).headers].count(REQUEUED) == 1
    assert letter_of(Kept(headers=[(REQUEUED, b"many")])).requeued == 0


def test_what_is_no_dead_letter_can_be_read_but_not_sent_back() -> None:
    """Somebody put it there by hand, or it names another topic."""
    bare = letter_of(Kept(headers=[], key=None, value=None))
    assert (bare.reason, bare.event_id, bare.place) == ("unknown", "", "0/7")
    assert not bare.goes_back_to("post.published.dlq")
    letter = letter_of(Kept())
    assert letter.goes_back_to("post.published.dlq")
    assert not letter.goes_back_to("activity.executed.dlq")


def test_what_waits_is_summed_up_by_reason() -> None:
    """The commonest first."""
    undecodable = [("dlq_error", b"UndecodableMessage: no reader")]
    records = [
        Kept(offset=1, timestamp=5_000),
        Kept(offset=2, headers=undecodable, timestamp=3_000),
    ]
    letters = [letter_of(record) for record in [*records, Kept(offset=3, timestamp=4_000)]]
    found = summary(letters, handled=4)
    assert found.reasons == [("ValueError", 2), ("UndecodableMessage", 1)]
    assert [letter.undecodable for letter in letters] == [False, True, False]
    shown = texts.overview("post.published.dlq", found)
    first, last = "1970-01-01 00:00:03+00:00", "1970-01-01 00:00:05+00:00"
    assert shown.splitlines() == [
        f"post.published.dlq: 3 waiting, 4 dealt with, from {first} to {last}",
        "  2 x ValueError",
        "  1 x UndecodableMessage",
    ]
    assert unknown_names(["id-1", "0/2", "0/9"], letters) == ["0/9"]


def test_the_payload_is_shown_only_when_asked_for_and_never_speaks_to_the_terminal() -> None:
    """It may be people's text, and it was written by others."""
    letter = letter_of(Kept(value=b"secret \x1b[2J\xff text"))
    assert "secret" not in texts.full(letter)
    shown = texts.full(letter, payload=True)
    assert "secret \\x1b[2J\\xff text" in shown
    assert "\x1b" not in shown


@given(
    st.integers(0, 30),
    st.lists(st.frozensets(st.integers(0, 40), max_size=8), max_size=6),
)
def test_marks_name_exactly_what_was_dealt_with(start: int, rounds: list[frozenset[int]]) -> None:
    """INVARIANT: one that was not dealt with always waits, in whatever order the others were."""
    kept = range(start, start + 41)
    handled, done = Handled(position=start), set[int]()
    for chosen in rounds:
        offsets = {start + each for each in chosen}
        done |= offsets
        handled = handled.with_offsets(offsets, kept=kept)
        handled = Handled.read(handled.position, handled.metadata)
        assert {offset for offset in kept if offset in handled} == done


def test_marks_are_short_and_bounded() -> None:
    """A broker keeps 4 KiB of them."""
    some = Handled().with_offsets([5, 7, 8, 9], kept=range(20))
    assert (some.position, some.metadata) == (0, "5,7-9")
    assert Handled.read(-1, "something else").position == 0
    far = Handled().with_offsets(range(1, 2 * MAX_METADATA, 2), kept=range(2 * MAX_METADATA))
    with pytest.raises(ValueError, match="too many gaps"):
        _ = far.metadata
