"""Wiring: settings → adapters → core → parts of the service."""

from chorus.clock import Clock
from chorus.events import ActivityDue
from chorus.kafka.consuming.loop import ConsumeLoop
from chorus.kafka.producer import EventProducer
from chorus.outbox.relay import Relay
from chorus.postgres.clock import database_clock
from chorus.postgres.migrate import require
from chorus.process.service import Service
from chorus.settings import KafkaSettings, PostgresSettings, load
from chorus.telemetry import logs
from chorus_execution.journal import open_journal_pool
from chorus_executor.core import Outside, assemble
from chorus_executor.providers.unipile.provider import UnipileProvider
from chorus_executor.providers.unipile.transport import Endpoint
from chorus_executor.settings import ExecutorSettings

TOPIC = "activity.due.api"


async def build() -> Service:
    """The executor, not started."""
    settings, kafka, postgres = (
        load(ExecutorSettings),
        load(KafkaSettings),
        load(PostgresSettings),
    )
    logs.configure(settings)
    pool = await open_journal_pool(postgres, name=settings.service)
    await require(pool, ["chorus_gateway", "chorus_scheduler", "chorus_executor"])
    clock = await database_clock(pool)
    provider = unipile(settings, clock)
    core = assemble(settings, Outside(clock=clock, pool=pool, provider=provider))
    producer = EventProducer(kafka, client_id=settings.instance)
    relay = Relay(pool, postgres.dsn.get_secret_value(), "engagement", producer)
    loop = ConsumeLoop(
        settings=kafka,
        group=settings.service,
        handlers={ActivityDue: core.handlers.on_activity_due},
        topics=[TOPIC],
        clock=clock,
        max_in_flight=settings.max_in_flight,
    )

    async def leave() -> None:
        core.request_stop()
        await loop.stop()

    service = Service(settings)
    service.add("pool", stop=pool.close)
    service.add("clock", run=clock.run, stop=clock.stop)
    service.add("provider", stop=provider.aclose)
    service.add("producer", stop=producer.stop)
    service.add("relay", run=relay.run, stop=relay.stop)
    service.add("core", start=core.start, run=core.worker.run, stop=core.stop)
    service.add("sweep", run=core.sweep.run, stop=core.sweep.stop)
    service.add("consumer", run=loop.run, stop=leave, ready=loop.ready.is_set, alive=loop.alive)
    return service


def unipile(settings: ExecutorSettings, clock: Clock | None = None) -> UnipileProvider:
    """The adapter to Unipile; nothing is opened before its first call."""
    return UnipileProvider(
        Endpoint(
            base_url=settings.unipile_url,
            api_key=settings.unipile_api_key,
            connections=max(100, 2 * settings.concurrency),
        ),
        clock,
    )
