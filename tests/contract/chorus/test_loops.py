"""The contract of `chorus.process.stopping.Loop`, of every loop that a service has.

All that a loop depends on is away: it waits for it, and can be told to end all the same.
"""

import ast
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from chorus.kafka.consuming.loop import ConsumeLoop
from chorus.outbox.relay import Relay
from chorus.postgres.clock import DatabaseClock
from chorus.postgres.listen import Listener
from chorus.process.probes import HealthServer
from chorus.process.rounds import Every, Rounds
from chorus.process.stopping import Loop
from chorus.settings import KafkaSettings, ServiceSettings
from chorus.telemetry import metrics
from chorus.testing import FakeClock, FakePublisher
from chorus.vocabulary import Lane
from chorus_browser_repost.pool.browsers import Fleet
from chorus_browser_repost.pool.errors import BrowserStartFailed
from chorus_browser_repost.pool.settings import BrowserPoolSettings
from chorus_browser_repost.retention import Retention
from chorus_execution import core
from chorus_execution.journal.evidence import Evidence
from chorus_execution.settings import ExecutionSettings
from chorus_gateway.live.follower import Follower
from chorus_gateway.live.view import LiveView
from chorus_gateway.purging import Purging
from chorus_gateway.store.database import Database
from chorus_scheduler.dispatcher import WAKE, Dispatcher
from chorus_scheduler.gauges import QueueGauges
from chorus_scheduler.planning.planner import Planner
from chorus_scheduler.planning.publish import PublishPlanner
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.sweeps import Sweeper
from chorus_scheduler.voice.rounds import VoiceRounds
from tests.architecture.sources import named, python_files

_NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
_BOUND = 20.0


class _Away:
    """A pool whose database is away."""

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        yield await self.getconn()

    async def getconn(self) -> Any:
        raise psycopg.OperationalError("the database is away")


_AWAY: Any = _Away()
_CLOCK = FakeClock()


def _kafka() -> KafkaSettings:
    return KafkaSettings(KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")


def _consumer() -> ConsumeLoop:
    return ConsumeLoop(settings=_kafka(), group="g", handlers={}, topics=["post.queued"])


def _scheduler() -> SchedulerSettings:
    return SchedulerSettings(internal_token=SecretStr("x" * 16))


def _core() -> core.Core:
    acts: Any = None
    outside = core.Outside(lane=Lane.API, clock=_CLOCK, pool=_AWAY, acts=acts)
    return core.assemble(ExecutionSettings(service="executor"), outside)


async def _health() -> Loop:
    server = HealthServer(ServiceSettings(service="any"), {})
    await server.start()
    return server


async def _fleet() -> Loop:
    async def launch() -> Any:
        raise BrowserStartFailed("There is no browser.")

    return Fleet(BrowserPoolSettings(), launch, metrics.browser)


def _sweeper() -> Loop:
    return Sweeper(
        pool=_AWAY,
        publisher=FakePublisher(),
        clock=_CLOCK,
        settings=_scheduler(),
        planner=Planner(pool=_AWAY, clock=_CLOCK),
        publishing=PublishPlanner(pool=_AWAY, clock=_CLOCK),
    )


def _dispatcher() -> Loop:
    return Dispatcher(
        pool=_AWAY,
        publisher=FakePublisher(),
        listener=Listener(_NOWHERE, [WAKE]),
        clock=_CLOCK,
        settings=_scheduler(),
    )


async def _made(loop: Loop) -> Loop:
    return loop


_LOOPS: dict[str, Callable[[], Awaitable[Loop]]] = {
    "ConsumeLoop": lambda: _made(_consumer()),
    "DatabaseClock": lambda: _made(DatabaseClock(_AWAY)),
    "Dispatcher": lambda: _made(_dispatcher()),
    "Fleet": _fleet,
    "HealthServer": _health,
    "Listener": lambda: _made(Listener(_NOWHERE, ["channel"])),
    "Purging": lambda: _made(Purging(Database(_AWAY), every=60)),
    "QueueGauges": lambda: _made(QueueGauges(pool=_AWAY, clock=_CLOCK, settings=_scheduler())),
    "Relay": lambda: _made(Relay(_AWAY, _NOWHERE, "scheduler", FakePublisher())),
    "Retention": lambda: _made(Retention(Evidence(_AWAY), keep_seconds=1)),
    "Rounds": lambda: _made(Rounds(Every(60, lambda: asyncio.sleep(0)))),
    "Sweep": lambda: _made(_core().sweep),
    "Sweeper": lambda: _made(_sweeper()),
    "Follower": lambda: _made(Follower(_kafka(), LiveView(metrics.gateway))),
    "VoiceRounds": lambda: _made(VoiceRounds(pool=_AWAY, clock=_CLOCK, model=None, every=1)),
    "Worker": lambda: _made(_core().worker),
}
_NO_LOOP_OF_ITS_OWN = {"BrowserPool"}
"""Its loop is its fleet; with real browsers: `browser_repost/test_pool_stopping.py`."""


@pytest.mark.parametrize("name", sorted(_LOOPS))
async def test_stop_may_come_first_and_twice(name: str) -> None:
    """Nobody waits for what was never begun, and what is begun after it ends at once."""
    loop = await _LOOPS[name]()
    await asyncio.wait_for(loop.stop(), _BOUND)
    await asyncio.wait_for(loop.stop(), _BOUND)
    await asyncio.wait_for(loop.run(), _BOUND)


@pytest.mark.parametrize("name", sorted(_LOOPS))
async def test_stop_tells_and_waits(name: str) -> None:
    """What a loop holds is given back before the parts that it needs are closed."""
    loop, ended = await _LOOPS[name](), list[bool]()

    async def run() -> None:
        await loop.run()
        ended.append(True)

    running = asyncio.create_task(run())
    for _ in range(100):
        await asyncio.sleep(0)
    assert not ended, "it goes on, whatever is away"
    await asyncio.wait_for(asyncio.gather(loop.stop(), loop.stop()), _BOUND)
    assert ended, "stop returned, and the loop still ran"
    await loop.stop()
    await running


def test_every_loop_is_here() -> None:
    """Whoever writes another loop finds the contract."""
    found = {name for path in python_files() if _is_ours(named(path)) for name in _loops_of(path)}
    assert found == set(_LOOPS) | _NO_LOOP_OF_ITS_OWN


def _is_ours(path: str) -> bool:
    return path.startswith(("shared/", "services/"))


def _loops_of(path: Any) -> Iterator[str]:
    """Classes that have both `run` and `stop`, written or taken from what they consist of."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and not _is_port(node) and {"run", "stop"} <= _has(node):
            yield node.name


def _has(node: ast.ClassDef) -> set[str]:
    written = {each.name for each in node.body if isinstance(each, ast.AsyncFunctionDef)}
    taken = {
        each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
    }
    return written | taken


def _is_port(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)
