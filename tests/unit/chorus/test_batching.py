"""Group commit."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from chorus.batching import Batcher
from chorus.errors import DependencyUnavailable


class Sink:
    """A flush that doubles numbers and waits while its gate is closed."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Semaphore(0)

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.began.release()
        await self.gate.wait()
        return [2 * item for item in items]


@asynccontextmanager
async def _started(flush: Any, **values: Any) -> AsyncIterator[Batcher[int, int]]:
    batcher: Batcher[int, int] = Batcher(flush, name="test", **values)
    await batcher.start()
    yield batcher
    await batcher.stop()


async def test_each_caller_gets_its_own_result() -> None:
    """Results go back in the order of the items."""
    sink = Sink()
    async with _started(sink) as batcher:
        results = await asyncio.gather(*(batcher.submit(number) for number in range(600)))
    assert results == [2 * number for number in range(600)]
    assert [number for batch in sink.batches for number in batch] == list(range(600))
    assert max(map(len, sink.batches)) <= 250


async def test_a_batch_grows_while_the_one_before_it_is_flushed() -> None:
    """One at a time would cost 20 to 50 times more."""
    sink = Sink()
    sink.gate.clear()
    async with _started(sink, max_wait=0) as batcher:
        first = asyncio.create_task(batcher.submit(0))
        await sink.began.acquire()
        rest = [asyncio.create_task(batcher.submit(number)) for number in range(1, 50)]
        sink.gate.set()
        await asyncio.gather(first, *rest)
    assert sink.batches == [[0], list(range(1, 50))]


async def test_a_full_batch_does_not_wait() -> None:
    """`max_wait` bounds the wait for company, and ends when there is enough of it."""
    sink = Sink()
    async with _started(sink, max_size=3, max_wait=60.0) as batcher, asyncio.timeout(5):
        assert await asyncio.gather(*(batcher.submit(number) for number in range(3))) == [0, 2, 4]


async def test_who_comes_alone_is_not_held_up_and_a_crowd_shares() -> None:
    """The first goes at once; who follows within `pace` goes together, sooner where many do."""
    sink = Sink()
    async with _started(sink, max_size=3, max_wait=0, pace=60.0) as batcher, asyncio.timeout(5):
        assert await batcher.submit(0) == 0
        crowd = [asyncio.create_task(batcher.submit(number)) for number in (1, 2, 3)]
        assert await asyncio.gather(*crowd) == [2, 4, 6]
        left = asyncio.create_task(batcher.submit(4))
        await asyncio.sleep(0)
        await batcher.stop()
        assert await left == 8
    assert sink.batches == [[0], [1, 2, 3], [4]]


async def test_an_error_reaches_every_waiter_of_its_batch_and_no_other() -> None:
    """A batch is one commit: it failed for all of them."""

    async def flush(items: Sequence[int]) -> list[int]:
        if 1 in items:
            raise DependencyUnavailable("no database")
        return list(items)

    async with _started(flush, max_size=2, max_wait=60.0) as batcher:
        found = await asyncio.gather(
            *(batcher.submit(number) for number in range(4)), return_exceptions=True
        )
    assert [type(result) for result in found[:2]] == [DependencyUnavailable] * 2
    assert found[2:] == [2, 3]


async def test_a_wrong_number_of_results_is_an_error() -> None:
    """A result that belongs to somebody else must never be handed out."""

    async def flush(items: Sequence[int]) -> list[int]:
        return list(items)[1:]

    async with _started(flush) as batcher:
        with pytest.raises(RuntimeError, match="0 results came back for 1 items"):
            await batcher.submit(1)


async def test_stop_flushes_what_is_held_and_takes_nothing_more() -> None:
    """What was submitted is written; what comes later is refused, not lost silently."""
    sink = Sink()
    async with _started(sink, max_wait=60.0) as batcher:
        waiting = [asyncio.create_task(batcher.submit(number)) for number in range(5)]
        await asyncio.sleep(0)
        await batcher.stop()
        assert await asyncio.gather(*waiting) == [0, 2, 4, 6, 8]
        with pytest.raises(DependencyUnavailable):
            await batcher.submit(6)


async def test_stop_is_bounded() -> None:
    """A flush that hangs fails its waiters rather than the stop."""
    sink = Sink()
    sink.gate.clear()
    async with _started(sink, max_wait=0) as batcher:
        waiting = [asyncio.create_task(batcher.submit(number)) for number in range(2)]
        await sink.began.acquire()
        async with asyncio.timeout(5):
            await batcher.stop(0.05)
        found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in found] == [DependencyUnavailable] * 2


async def test_a_caller_that_goes_away_takes_nobody_with_it() -> None:
    """Its item is flushed all the same."""
    sink = Sink()
    sink.gate.clear()
    async with _started(sink, max_wait=0) as batcher:
        leaving = asyncio.create_task(batcher.submit(1))
        await sink.began.acquire()
        staying = asyncio.create_task(batcher.submit(2))
        leaving.cancel()
        sink.gate.set()
        assert await staying == 4
        assert leaving.cancelled()


async def test_several_flushers_flush_at_once() -> None:
    """So many flushes under way, and no more."""
    sink = Sink()
    sink.gate.clear()
    async with _started(sink, max_size=1, flushers=3) as batcher:
        waiting = [asyncio.create_task(batcher.submit(number)) for number in range(5)]
        for _ in range(3):
            await sink.began.acquire()
        assert len(sink.batches) == 3
        sink.gate.set()
        assert await asyncio.gather(*waiting) == [0, 2, 4, 6, 8]


async def test_what_is_bad_in_a_batch_ends_alone() -> None:
    """Finding D2: INVARIANT: one item that can never be flushed takes none of its batch with it."""
    flushed: list[list[int]] = []

    async def flush(items: Sequence[int]) -> list[int]:
        flushed.append(list(items))
        if 3 in items or 17 in items:
            raise OverflowError("too large for anybody")
        return [2 * item for item in items]

    async with _started(flush, max_size=40, max_wait=60.0) as batcher:
        found = await asyncio.gather(
            *(batcher.submit(number) for number in range(40)), return_exceptions=True
        )

    assert [n for n, result in enumerate(found) if isinstance(result, OverflowError)] == [3, 17]
    assert [result for result in found if isinstance(result, int)] == [
        2 * number for number in range(40) if number not in (3, 17)
    ]
    done = [number for batch in flushed if not {3, 17} & set(batch) for number in batch]
    assert done == sorted(done)
