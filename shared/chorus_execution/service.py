"""A service that carries out executions, put together: what all of them consist of.

`foundation` is what everything stands on; then the service adds what is its own; `add_execution`
adds the rest, in the order in which parts start. They stop in reverse: nothing new is taken first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chorus.clock import Clock
from chorus.events import Event
from chorus.kafka.consuming.handling import Handler
from chorus.kafka.consuming.loop import ConsumeLoop
from chorus.kafka.producer import EventProducer
from chorus.outbox.relay import Relay
from chorus.postgres.clock import database_clock
from chorus.postgres.migrate import require
from chorus.postgres.pool import Pool
from chorus.process.service import Service
from chorus.settings import KafkaSettings, PostgresSettings, load
from chorus.telemetry import logs
from chorus_execution.core import Core
from chorus_execution.journal import open_journal_pool
from chorus_execution.settings import ExecutionSettings

SCHEMA = "engagement"
PACKAGES = ("chorus_gateway", "chorus_scheduler", "chorus_executor")
"""Whose migrations must be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """The database and its clock, as parts of a service already."""

    settings: ExecutionSettings
    postgres: PostgresSettings
    pool: Pool
    clock: Clock
    service: Service


async def foundation(settings: ExecutionSettings) -> Foundation:
    """Logs, the database with its schema, the clock. Raises DependencyUnavailable."""
    postgres = load(PostgresSettings)
    logs.configure(settings)
    pool = await open_journal_pool(postgres, name=settings.service)
    await require(pool, list(PACKAGES))
    clock = await database_clock(pool)
    service = Service(settings)
    service.add("pool", stop=pool.close)
    service.add("clock", run=clock.run, stop=clock.stop)
    return Foundation(settings=settings, postgres=postgres, pool=pool, clock=clock, service=service)


def add_execution(
    base: Foundation,
    core: Core,
    kafka: KafkaSettings,
    *,
    topics: Sequence[str],
    handlers: Mapping[type[Event], Handler],
    leaving: Callable[[], None] = lambda: None,
    stop_timeout: float = 20.0,
) -> None:
    """The core, its relay and its consumer. `leaving`: what must begin nothing new either."""
    settings, service = base.settings, base.service
    producer = EventProducer(kafka, client_id=settings.instance)
    relay = Relay(base.pool, base.postgres.dsn.get_secret_value(), SCHEMA, producer)
    loop = ConsumeLoop(
        settings=kafka,
        group=settings.service,
        handlers=handlers,
        topics=topics,
        clock=base.clock,
        max_in_flight=settings.max_in_flight,
    )

    async def leave() -> None:
        core.request_stop()
        leaving()
        await loop.stop()

    service.add("producer", stop=producer.stop)
    service.add("relay", run=relay.run, stop=relay.stop)
    service.add("core", start=core.start, run=core.worker.run, stop=core.stop)
    service.add("sweep", run=core.sweep.run, stop=core.sweep.stop, stop_timeout=stop_timeout)
    service.add(
        "consumer",
        run=loop.run,
        stop=leave,
        ready=loop.ready.is_set,
        alive=loop.alive,
        stop_timeout=stop_timeout,
    )
