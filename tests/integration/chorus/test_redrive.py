"""Dead letters on a real broker, dealt with by the command that a person uses."""

import asyncio
from typing import Any

import pytest

from chorus.kafka.envelope import Outgoing, Received
from chorus.kafka.producer import EventProducer
from chorus.kafka.redrive.box import opened
from chorus.kafka.redrive.command import main
from chorus.kafka.redrive.letters import REQUEUED, sent_back
from chorus.kafka.topics import ALL, TopicSpec, dead_letters_of, ensure
from chorus.settings import KafkaSettings
from chorus.testing import eventually
from tests.integration.chorus.harness import (
    GROUP,
    TOPIC,
    Reader,
    everything_on,
    loop_for,
    outgoing,
    running,
)

DEAD = dead_letters_of(TOPIC)


class Command:
    """`python -m chorus.kafka.redrive …`, in a thread, for it has a loop of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    async def __call__(self, *arguments: str, code: int = 0) -> str:
        """What it said, on stderr where it failed."""
        self._capsys.readouterr()
        assert await asyncio.to_thread(main, arguments) == code
        said = self._capsys.readouterr()
        return said.err if code else said.out


@pytest.fixture
def redrive(
    kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command on this test's topics."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    monkeypatch.setenv("CHORUS_TOPIC_PREFIX", kafka.topic_prefix)
    monkeypatch.setenv("CHORUS_GROUP_PREFIX", kafka.group_prefix)
    return Command(capsys)


async def _poison(received: Received[Any]) -> None:
    raise ValueError("a rule was wrong")


async def _become_dead(
    kafka: KafkaSettings, producer: EventProducer, messages: list[Outgoing]
) -> list[str]:
    """Send these to a loop that can handle none; return their event ids."""
    await producer.send(messages)
    async with running(loop_for(kafka, _poison)):

        async def all_dead() -> bool:
            return len(await everything_on(kafka, DEAD)) >= len(messages)

        await eventually(all_dead, 60)
    return [dict(message.headers)["ce_id"].decode() for message in messages]


async def test_a_poisonous_message_is_requeued_after_the_fix_and_handled_once(
    kafka: KafkaSettings, producer: EventProducer, redrive: Command
) -> None:
    """INVARIANT: E7: nothing that failed is lost, and a second requeue sends it to nobody."""
    [event_id] = await _become_dead(kafka, producer, [outgoing(1, 0)])
    assert f"{DEAD}: 1 waiting" in await redrive("list")
    shown = await redrive("show", TOPIC)
    assert f"id {event_id}, type chorus.post.published.v1" in shown
    assert "ValueError: a rule was wrong" in shown
    assert "posts.example" not in shown
    assert "posts.example" in await redrive("show", TOPIC, "--payload")

    assert "1 message would be sent back" in await redrive("requeue", TOPIC, "--dry-run")
    assert "1 message sent back." in await redrive("requeue", TOPIC)
    assert "0 messages sent back." in await redrive("requeue", DEAD)

    fixed = Reader()
    async with running(loop_for(kafka, fixed)):
        await eventually(lambda: fixed.count == 1, 20)
    assert fixed.seen == {1: [0]}
    first, second = await everything_on(kafka, TOPIC, 4)
    assert (second.key, second.value) == (first.key, first.value)
    assert dict(second.headers) == {**dict(first.headers), REQUEUED: b"1"}
    assert f"{DEAD}: 0 waiting, 1 dealt with" in await redrive("list")


async def test_one_that_fails_again_waits_again(
    kafka: KafkaSettings, producer: EventProducer, redrive: Command
) -> None:
    """And tells how often it was sent back."""
    [event_id] = await _become_dead(kafka, producer, [outgoing(1, 0)])
    await redrive("requeue", TOPIC)
    async with running(loop_for(kafka, _poison)):

        async def dead_again() -> bool:
            return len(await everything_on(kafka, DEAD)) == 2

        await eventually(dead_again, 30)
    shown = await redrive("show", TOPIC)
    assert "1 message of 1 that wait" in shown
    assert f"group {GROUP}" in shown
    assert "requeued 1" in shown
    assert event_id in shown


async def test_some_are_requeued_some_dropped_and_the_rest_waits(
    kafka: KafkaSettings, producer: EventProducer, redrive: Command
) -> None:
    """By event id or by place, in any order; each is known to be dealt with."""
    ids = await _become_dead(kafka, producer, [outgoing(1, number) for number in range(4)])
    await redrive("requeue", TOPIC, "--only", ids[2])
    await redrive("drop", TOPIC, "--only", "0/0", "--yes")
    shown = await redrive("show", TOPIC)
    assert [event_id in shown for event_id in ids] == [False, True, False, True]
    assert "1 message sent back." in await redrive("requeue", TOPIC, "--limit", "1")
    assert f"{DEAD}: 1 waiting, 3 dealt with" in await redrive("list")
    back = [each for each in await everything_on(kafka, TOPIC, 4) if REQUEUED in dict(each.headers)]
    assert [dict(each.headers)["ce_id"].decode() for each in back] == [ids[2], ids[1]]


async def test_the_undecodable_is_shown_and_dropped_but_not_sent_back_by_the_way(
    kafka: KafkaSettings, producer: EventProducer, redrive: Command
) -> None:
    """Many of them in a row stop a reader; one that is named goes back all the same."""
    odd = Outgoing(TOPIC, b"k", b"\x00\x1b[31m", [("ce_type", b"unknown.v9"), ("ce_id", b"odd")])
    await _become_dead(kafka, producer, [odd])
    await producer.send([Outgoing(DEAD, b"", b"by hand", [])])
    shown = await redrive("show", TOPIC, "--payload")
    assert "UndecodableMessage: no reader for the type" in shown
    assert "\\x00\\x1b[31m" in shown
    assert "no error was noted" in shown
    assert "0 messages sent back." in await redrive("requeue", TOPIC)
    assert "1 message sent back." in await redrive("requeue", TOPIC, "--only", "odd")
    assert "Nothing was dropped" in await redrive("drop", TOPIC, "--all", code=2)
    assert "1 message dropped." in await redrive("drop", TOPIC, "--all", "--yes")
    assert f"{DEAD}: 0 waiting, 2 dealt with" in await redrive("list")


@pytest.mark.parametrize("altered", ["value", "key", "header", "place"])
async def test_a_letter_that_was_never_said_does_not_go_back_by_the_way(
    kafka: KafkaSettings, producer: EventProducer, redrive: Command, altered: str
) -> None:
    """INVARIANT (D1): who may set a message aside says nothing on its topic by it."""
    await _become_dead(kafka, producer, [outgoing(1, 0)])
    [letter] = await everything_on(kafka, DEAD)
    headers = dict(letter.headers)
    if altered in {"header", "place"}:
        headers |= {"ce_id": b"forged"} if altered == "header" else {"dlq_offset": b"7"}
    forged = Outgoing(
        DEAD,
        b"other" if altered == "key" else letter.key,
        letter.value.replace(b"posts.example", b"other.example")
        if altered == "value"
        else letter.value,
        list(headers.items()),
    )
    await producer.send([forged])
    assert "0/1" in await redrive("requeue", TOPIC, "--only", "0/1", "--dry-run")
    said = await redrive("requeue", TOPIC)
    assert "0/1" in said
    assert "is not what stands at" in said
    assert "1 message sent back." in said
    assert f"{DEAD}: 1 waiting, 1 dealt with" in await redrive("list")
    assert "name with --only" in await redrive("requeue", TOPIC, "--unproven", code=2)
    said = await redrive("requeue", TOPIC, "--only", "0/1", "--unproven")
    assert "1 message sent back." in said


async def test_a_wrong_question_is_one_sentence(kafka: KafkaSettings, redrive: Command) -> None:
    """Exit code 2, and nothing is done; every topic may be asked for, also one that is missing."""
    assert "There is no topic posts (there is: post.queued," in await redrive(
        "show", "posts", code=2
    )
    complaint = await redrive("requeue", TOPIC, "--only", "nobody", code=2)
    assert complaint == "Nothing was done: none that waits is nobody.\n"
    assert (await redrive("list")).count("0 waiting") == len(ALL) / 2


async def test_without_a_broker_it_says_so(
    redrive: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, in bounded time."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("CHORUS_REQUEST_TIMEOUT_MS", "1000")
    assert "Kafka did not answer" in await redrive("list", code=1)


async def test_every_topic_has_its_dead_letters_where_the_command_looks(
    kafka: KafkaSettings, redrive: Command
) -> None:
    """On several partitions, the marks of one say nothing of the others."""
    name = dead_letters_of("lead.captured")
    await ensure(kafka, [TopicSpec(name=name, partitions=3)])
    producer = EventProducer(kafka, client_id="test")
    headers = [("dlq_topic", b"lead.captured"), ("dlq_error", b"ValueError: x")]
    await producer.send([Outgoing(name, bytes([each]), b"{}", headers) for each in range(12)])
    await producer.stop()
    assert f"{name}: 12 waiting" in await redrive("list")
    await redrive("drop", "lead.captured", "--only", "0/0", "--yes")
    assert f"{name}: 11 waiting, 1 dealt with" in await redrive("list")


async def test_a_crash_between_sending_and_marking_sends_it_once_more(
    kafka: KafkaSettings, producer: EventProducer, redrive: Command
) -> None:
    """INVARIANT: it is never marked before it was sent; readers know both by one event id."""
    [event_id] = await _become_dead(kafka, producer, [outgoing(1, 0)])
    async with opened(kafka, DEAD) as box:
        await producer.send([sent_back(letter) for letter in box.waiting])

    assert "1 message sent back." in await redrive("requeue", TOPIC)

    back = [dict(each.headers) for each in await everything_on(kafka, TOPIC, 4)][1:]
    assert [(each["ce_id"].decode(), each[REQUEUED]) for each in back] == [(event_id, b"1")] * 2
