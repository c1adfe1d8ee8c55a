"""Loops that are made of rounds."""

import asyncio

from chorus.errors import DependencyUnavailable
from chorus.process.rounds import Every, Rounds
from chorus.telemetry import metrics


async def test_a_round_that_fails_takes_nothing_with_it() -> None:
    """Finding D: a fault is counted, a dependency that is away is not; both are made again."""
    made: list[str] = []
    done = asyncio.Event()

    async def broken() -> None:
        made.append("broken")
        raise ZeroDivisionError

    async def away() -> None:
        made.append("away")
        raise DependencyUnavailable("The broker is away.")

    async def sound() -> None:
        made.append("sound")
        if made.count("sound") == 2:
            done.set()

    rounds = Rounds(Every(0, broken, away, sound))
    running = asyncio.create_task(rounds.run())
    await done.wait()
    await rounds.stop()
    await running
    assert made == ["broken", "away", "sound"] * 2
    counted = metrics.process.failed_rounds
    assert counted.labels(broken.__qualname__)._value.get() == 2
    assert counted.labels(away.__qualname__)._value.get() == 0


async def test_stop_may_come_first_and_twice() -> None:
    """Nothing is begun after it, and nobody waits for what was never begun."""
    made: list[str] = []

    async def never() -> None:
        made.append("never")

    rounds = Rounds(Every(0, never))
    await rounds.stop()
    await rounds.stop()
    await rounds.run()
    assert made == []


async def test_stop_waits_for_the_round_under_way() -> None:
    """What a round holds is given back before its pool is closed."""
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), list[bool]()

    async def slow() -> None:
        begun.set()
        await go_on.wait()
        ended.append(True)

    rounds = Rounds(Every(60, slow))
    running = asyncio.create_task(rounds.run())
    await begun.wait()
    stopping = asyncio.create_task(rounds.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    go_on.set()
    await stopping
    assert ended == [True]
    await running
