"""Wiring: settings → adapters → core → parts of the service."""

from chorus.clock import Clock
from chorus.events import ActivityDue, WatchDue
from chorus.kafka.consuming.loop import ConsumeLoop
from chorus.kafka.producer import EventProducer
from chorus.outbox.relay import Relay
from chorus.postgres.clock import database_clock
from chorus.postgres.migrate import require
from chorus.process.rounds import Every, Rounds
from chorus.process.service import Service
from chorus.settings import KafkaSettings, PostgresSettings, load
from chorus.telemetry import logs
from chorus_execution.challenges import Challenges
from chorus_execution.journal import open_journal_pool
from chorus_executor.core import Outside, assemble
from chorus_executor.providers.registry import Registry
from chorus_executor.providers.unipile.provider import UnipileProvider
from chorus_executor.providers.unipile.transport import Endpoint
from chorus_executor.reading.looks import Looks
from chorus_executor.reading.posts import PostsReader
from chorus_executor.reading.store import Looked
from chorus_executor.settings import ExecutorSettings

TOPICS = ("activity.due.api", "watch.due")
_FORGET_EVERY = 3600.0


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
    registry = Registry(provider.ports)
    core = assemble(settings, Outside(clock=clock, pool=pool, registry=registry))
    looked = Looked(pool, source=f"chorus/{settings.service}")
    looks = assemble_looks(settings, looked, registry, core.challenges, clock)
    keep = settings.keep_attempts_seconds
    forgetting = Rounds(Every(_FORGET_EVERY, lambda: looked.forget(keep)))
    producer = EventProducer(kafka, client_id=settings.instance)
    relay = Relay(pool, postgres.dsn.get_secret_value(), "engagement", producer)
    loop = ConsumeLoop(
        settings=kafka,
        group=settings.service,
        handlers={
            ActivityDue: core.handlers.on_activity_due,
            WatchDue: looks.on_watch_due,
        },
        topics=list(TOPICS),
        clock=clock,
        max_in_flight=settings.max_in_flight,
    )

    async def leave() -> None:
        core.request_stop()
        looks.request_stop()
        await loop.stop()

    service = Service(settings)
    service.add("pool", stop=pool.close)
    service.add("clock", run=clock.run, stop=clock.stop)
    service.add("provider", stop=provider.aclose)
    service.add("producer", stop=producer.stop)
    service.add("relay", run=relay.run, stop=relay.stop)
    service.add("core", start=core.start, run=core.worker.run, stop=core.stop)
    service.add("sweep", run=core.sweep.run, stop=core.sweep.stop)
    service.add("forgetting", run=forgetting.run, stop=forgetting.stop)
    service.add("consumer", run=loop.run, stop=leave, ready=loop.ready.is_set, alive=loop.alive)
    return service


def assemble_looks(
    settings: ExecutorSettings,
    looked: Looked,
    registry: Registry,
    challenges: Challenges,
    clock: Clock,
) -> Looks:
    """What makes the looks that watches ask for."""
    return Looks(
        looked=looked,
        posts=PostsReader(registry, looked),
        challenges=challenges,
        clock=clock,
        seconds=settings.watch_look_seconds,
        at_once=settings.watch_looks_at_once,
    )


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
