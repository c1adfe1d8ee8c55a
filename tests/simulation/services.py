"""The product's processes, wired as its own `app.py` files wire them, on the simulation's parts.

A constructor is given what it asks for by name, so that it may ask for more tomorrow.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from chorus.batching import Batcher
from chorus.events import ActivityDue, ActivityExecuted, PostPublished, PostQueued, PublishFailed
from chorus.kafka.consuming import loop as consuming
from chorus.kafka.consuming.loop import ConsumeLoop
from chorus.outbox.relay import Relay
from chorus.postgres.clock import DatabaseClock
from chorus.process.rounds import Every, Rounds
from chorus.settings import KafkaSettings
from chorus.vocabulary import Lane
from chorus_execution import core as execution_core
from chorus_executor.core import Outside, assemble
from chorus_executor.providers.registry import Registry
from chorus_executor.settings import ExecutorSettings
from chorus_gateway.challenges import Challenges
from chorus_gateway.handlers import Handlers as GatewayHandlers
from chorus_gateway.lookup.http import HttpPostLookup
from chorus_gateway.post_identity import PostIdentity
from chorus_gateway.store.database import Database as GatewayDatabase
from chorus_sandbox.app import UNIPILE_KEY
from chorus_scheduler.app import SESSION_OPTIONS
from chorus_scheduler.commands.steering import Steering
from chorus_scheduler.dispatcher import Dispatcher
from chorus_scheduler.handlers import Handlers as SchedulerHandlers
from chorus_scheduler.outcomes import Settler
from chorus_scheduler.planning.planner import Planner
from chorus_scheduler.planning.publish import PublishPlanner
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store.plan_writes import NEWS
from chorus_scheduler.sweeps import Sweeper
from tests.simulation.broker import Broker, SimConsumer
from tests.simulation.browser import SimBrowserActs
from tests.simulation.database import Database, SimListener, SimPool
from tests.simulation.loop import Process, VirtualLoop, process
from tests.simulation.network import Network
from tests.simulation.timekeeping import ProcessClock, ProcessMachine, ServerClock

TOKEN = SecretStr("a-token-for-the-simulation-only")
BY_KEY = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
KINDS = ("scheduler", "executor", "browser", "gateway")


def made(kind: Any, **known: Any) -> Any:
    """An instance, given those of the known that its constructor names."""
    wanted = inspect.signature(kind).parameters
    return kind(**{name: value for name, value in known.items() if name in wanted})


@dataclass(slots=True, kw_only=True)
class Harness:
    """What all processes stand on."""

    loop: VirtualLoop
    database: Database
    broker: Broker
    network: Network
    clock: ProcessClock
    social: dict[Any, str] = field(default_factory=dict)
    """The social id at the network of each post of the gateway."""
    posts: dict[str, str] = field(default_factory=dict)
    """The gateway's post of each social id."""
    deaths: list[str] = field(default_factory=list)
    """Processes that ended by themselves, and why: the product's own would be started anew."""


class SimRelay(Relay):
    """The real relay; its connection is the simulation's, and so is being woken."""

    harness: Harness
    woken: asyncio.Event

    async def _connect(self) -> Any:
        return self.harness.database.connect(None)

    async def _measure(self) -> None:
        await asyncio.Event().wait()

    async def _sleep(self, conn: Any, seconds: float) -> None:
        event = self.woken
        try:
            async with asyncio.timeout(max(seconds, 0.001)):
                await event.wait()
        except TimeoutError:
            return
        event.clear()

    @classmethod
    def of(cls, harness: Harness, pool: SimPool, schema: str, reading: Any = None) -> "SimRelay":
        relay = cls(pool, "", schema, harness.broker.publisher(), poll_seconds=2.0, reading=reading)  # type: ignore[arg-type]
        relay.harness = harness
        relay.woken = harness.database.waker(f"chorus_outbox_{schema}")
        return relay


@dataclass(slots=True)
class Running:
    """A process of the product: `run` is the whole of its life until it is killed."""

    harness: Harness
    kind: str
    name: str
    process: Process = field(init=False)
    births: int = 0

    def start(self) -> None:
        self.births += 1
        self.process = Process(f"{self.name}.{self.births}")
        context = copy_context()
        context.run(process.set, self.process)
        self.harness.loop.create_task(self._live(), context=context)

    def kill(self) -> None:
        self.harness.loop.kill(self.process)
        self.harness.database.cut(self.process)

    async def _live(self) -> None:
        try:
            await BUILDERS[self.kind](self.harness, self.name)
        except Exception as error:  # noqa: BLE001 - what ends a process is what we look for
            self.harness.deaths.append(f"{self.kind}: {_told(error)}")
        self.kill_soon()

    def kill_soon(self) -> None:
        """A supervisor starts it again a second later."""
        loop, mine = self.harness.loop, self.process

        def again() -> None:
            if self.process is mine:
                self.kill()
                self.start()

        context = copy_context()
        context.run(process.set, _OUTSIDE)
        loop.call_later(min(60.0, 2.0**self.births), again, context=context)


_OUTSIDE = process.get()


def _told(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    where = next((f for f in reversed(frames) if "/chorus" in f.filename), frames[-1])
    return f"{type(error).__name__} {error} at {where.name}"[:300]


async def _all(*works: Coroutine[Any, Any, None]) -> None:
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(work)


async def _clock(harness: Harness, pool: Any) -> DatabaseClock:
    """The real one, on this process's machine."""
    clock = DatabaseClock(pool, machine=ProcessMachine(harness.loop))
    await clock.measure()
    return clock


def _consumer(
    harness: Harness,
    group: str,
    handlers: Any,
    clock: DatabaseClock,
    topics: Sequence[str] | None = None,
) -> ConsumeLoop:
    """The real loop; what it joins is the simulation's broker."""

    async def join(
        settings: KafkaSettings,
        group: str,
        topics: Sequence[str],
        listener: Any,
    ) -> SimConsumer:
        return SimConsumer(harness.broker, group, topics, listener)

    vars(consuming)["join"] = join
    loop = ConsumeLoop(
        settings=KafkaSettings(KAFKA_BOOTSTRAP_SERVERS="nowhere:1"),
        group=group,
        handlers=handlers,
        topics=topics,
        clock=clock,
    )
    publisher: Any = harness.broker.publisher()
    loop._publisher = publisher
    loop._handling._publisher = publisher
    return loop


def steering_of(harness: Harness, pool: SimPool) -> Any:
    return made(
        Steering, pool=pool, clock=ServerClock(harness.database), parked_expires=timedelta(hours=24)
    )


async def _scheduler(harness: Harness, name: str) -> None:
    settings = SchedulerSettings(
        internal_token=TOKEN, instance=name, dispatch_poll=2.0, sweep_seconds=4.0
    )
    pool = SimPool(harness.database, "chorus_scheduler", name=name)
    clock = await _clock(harness, pool)
    known: dict[str, Any] = {
        "pool": pool,
        "clock": clock,
        "settings": settings,
        "publisher": harness.broker.publisher(),
        "listener": SimListener(harness.database),
    }
    ledger = SimPool(
        harness.database, "chorus_scheduler", name=f"{name}-ledger", session=SESSION_OPTIONS
    )
    known["planner"] = made(Planner, **known)
    known["publishing"] = made(PublishPlanner, **known)
    settler = made(Settler, **{**known, "pool": ledger})
    outcomes: Any = made(
        Batcher, flush=settler.flush, name="outcomes", max_size=500, max_wait=0.01, pace=0.05
    )
    handlers = made(SchedulerHandlers, **known, outcomes=outcomes)
    loop = _consumer(
        harness,
        "scheduler",
        {
            PostQueued: handlers.on_post_queued,
            PostPublished: handlers.on_post_published,
            ActivityExecuted: handlers.on_activity_executed,
        },
        clock,
    )
    dispatcher = made(Dispatcher, **{**known, "pool": ledger})
    sweeper = made(Sweeper, **known)
    relay = SimRelay.of(harness, known["pool"], "scheduler", reading=NEWS)
    await outcomes.start()
    await _all(clock.run(), relay.run(), dispatcher.run(), sweeper.run(), loop.run())


def _lives(clock: DatabaseClock, core: Any, relay: SimRelay, loop: ConsumeLoop) -> Awaitable[None]:
    return _all(clock.run(), core.worker.run(), core.sweep.run(), relay.run(), loop.run())


async def _executor(harness: Harness, name: str) -> None:
    settings = ExecutorSettings(
        unipile_url="http://network.invalid/api/v1",
        unipile_api_key=SecretStr("unused"),
        instance=name,
        sweep_seconds=2.0,
    )
    pool = SimPool(harness.database, "chorus_executor", name=name, session=BY_KEY)
    clock = await _clock(harness, pool)
    core = assemble(
        settings,
        made(Outside, clock=clock, pool=pool, registry=Registry(harness.network.provider().ports)),
    )
    relay = SimRelay.of(harness, pool, "engagement")
    loop = _consumer(
        harness,
        "executor",
        {ActivityDue: core.handlers.on_activity_due},
        clock,
        topics=["activity.due.api"],
    )
    await core.start()
    await _lives(clock, core, relay, loop)


async def _browser(harness: Harness, name: str) -> None:
    from chorus_execution.settings import ExecutionSettings

    settings = ExecutionSettings(
        service="browser-repost", instance=name, concurrency=5, sweep_seconds=2.0
    )
    pool = SimPool(harness.database, "chorus_browser_repost", name=name, session=BY_KEY)
    clock = await _clock(harness, pool)
    acts = SimBrowserActs(harness.network)
    core = execution_core.assemble(
        settings,
        made(
            execution_core.Outside,
            lane=Lane.BROWSER,
            clock=clock,
            pool=pool,
            acts=acts,
        ),
    )
    relay = SimRelay.of(harness, pool, "engagement")
    loop = _consumer(
        harness,
        "browser-repost",
        {ActivityDue: core.handlers.on_activity_due},
        clock,
        topics=["activity.due.browser"],
    )
    await core.start()
    await _lives(clock, core, relay, loop)


class _Pauses:
    """The scheduler's internal API without HTTP: away as often as a broker's answer."""

    def __init__(self, steering: Any) -> None:
        self._steering = steering

    async def pause_challenged(self, **values: Any) -> None:
        await self._steering.challenged(**values)


def _identity(harness: Harness, database: GatewayDatabase, clock: DatabaseClock) -> PostIdentity:
    lookup = HttpPostLookup(harness.network.client(), SecretStr(UNIPILE_KEY))
    steering = steering_of(harness, SimPool(harness.database, "chorus_scheduler", name="scheduler"))
    challenges = Challenges(database, _Pauses(steering), clock)
    return PostIdentity(database, lookup, challenges, clock)


async def _gateway(harness: Harness, name: str) -> None:
    pool: Any = SimPool(harness.database, "chorus_gateway", name=name)
    clock = await _clock(harness, pool)
    database = GatewayDatabase(pool)
    handlers = made(GatewayHandlers, database=database, clock=clock)
    loop = _consumer(
        harness,
        "gateway",
        {
            PostPublished: handlers.on_post_published,
            PublishFailed: handlers.on_publish_failed,
        },
        clock,
    )
    resolving = Rounds(Every(4.0, _identity(harness, database, clock).sweep))
    await _all(SimRelay.of(harness, pool, "gateway").run(), loop.run(), resolving.run())


BUILDERS: dict[str, Callable[[Harness, str], Awaitable[None]]] = {
    "scheduler": _scheduler,
    "executor": _executor,
    "browser": _browser,
    "gateway": _gateway,
}
