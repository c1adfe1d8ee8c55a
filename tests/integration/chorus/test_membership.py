"""Members that come, go, die and stand still."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from chorus.events import PostPublished
from chorus.kafka.envelope import Received
from chorus.kafka.producer import EventProducer
from chorus.settings import KafkaSettings
from chorus.testing import eventually
from tests.integration.chorus.harness import (
    Reader,
    committed,
    loop_for,
    running,
    stream,
)

_READER = Path(__file__).with_name("reader_process.py")


async def test_a_member_that_joins_gets_its_share_and_nothing_is_handled_twice(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """INVARIANT: what is in hand is finished and committed before partitions go to another."""
    readers = [Reader(), Reader()]

    async def slowly(received: Received[PostPublished]) -> None:
        await asyncio.sleep(0.01)
        await readers[0](received)

    await producer.send(stream(keys=40, each=20))
    async with running(loop_for(kafka, slowly, max_in_flight=5)):
        await eventually(lambda: readers[0].count > 50)
        async with running(loop_for(kafka, readers[1], max_in_flight=5)):
            await producer.send(stream(keys=40, each=20))
            await eventually(lambda: sum(reader.count for reader in readers) == 1_600, 30)
            assert readers[1].count > 0
    assert await committed(kafka) == 1_600


async def test_what_takes_too_long_is_left_to_the_next_owner(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """The drain has a deadline: a message that hangs is cancelled and delivered again."""
    settings = kafka.model_copy(update={"drain_seconds": 0.5})
    hanging = Reader()
    hanging.gate.clear()
    await producer.send(stream(keys=12, each=1))
    async with running(loop_for(settings, hanging)):
        await eventually(lambda: hanging.running == 12)
        after = Reader()
        async with running(loop_for(settings, after)):
            await eventually(lambda: after.count > 0 and hanging.running + after.count == 12)
    assert hanging.count == 0


async def test_a_long_job_keeps_its_partitions(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """INVARIANT: polling goes on while all that may be held is in hand, so nobody is evicted."""
    settings = kafka.model_copy(update={"max_poll_interval_ms": 1_500})
    reader = Reader()
    reader.gate.clear()
    await producer.send(stream(keys=30, each=1))
    async with running(loop_for(settings, reader, max_in_flight=2)) as loop:
        await eventually(lambda: reader.running == 2)
        started = asyncio.get_running_loop().time()
        await eventually(lambda: asyncio.get_running_loop().time() - started > 4)
        reader.gate.set()
        await eventually(lambda: reader.count == 30)
        assert loop.ready.is_set()
        # Evicted, it would have been given the first ones again.
        await eventually(lambda: _committed(settings, 30))
    assert list(reader.seen.values()) == [[0]] * 30


async def test_a_killed_member_repeats_only_what_it_had_not_committed(
    kafka: KafkaSettings, producer: EventProducer, tmp_path: Path
) -> None:
    """INVARIANT: SIGKILL loses nothing, and repeats only what was not committed."""
    seen = tmp_path / "seen"
    await producer.send(stream(keys=10, each=5))
    async with _reader_process(kafka, seen) as process:
        # It notes all but key 3's, which it never ends.
        await eventually(lambda: len(_noted(seen)) == 45, 30)
        await eventually(lambda: committed(kafka), 20)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
    before = await committed(kafka)
    reader = Reader()
    async with running(loop_for(kafka, reader)):
        await eventually(lambda: reader.seen[3] == [0, 1, 2, 3, 4], 30)
        await eventually(lambda: reader.count == 50 - before, 10)
    assert set(_noted(seen)) | _names(reader) == {
        f"{key}/{number}" for key in range(10) for number in range(5)
    }


async def _committed(settings: KafkaSettings, count: int) -> bool:
    return await committed(settings) == count


def _names(reader: Reader) -> set[str]:
    return {f"{key}/{number}" for key, numbers in reader.seen.items() for number in numbers}


def _noted(seen: Path) -> list[str]:
    return seen.read_text(encoding="utf-8").split() if seen.exists() else []


@asynccontextmanager
async def _reader_process(
    settings: KafkaSettings, seen: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(_READER),
        str(seen),
        env={
            "KAFKA_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
            "CHORUS_TOPIC_PREFIX": settings.topic_prefix,
            "CHORUS_GROUP_PREFIX": settings.group_prefix,
            "CHORUS_SESSION_TIMEOUT_MS": "3000",
        },
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
