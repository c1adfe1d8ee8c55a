"""Wiring: settings → store → handlers → parts of the service."""

from chorus.batching import Batcher
from chorus.events import (
    AccountChallenged,
    AccountStatusChanged,
    ActivityExecuted,
    ActivityScheduled,
    LeadCaptured,
    PasswordEnded,
    PublishFailed,
)
from chorus.kafka.consuming.loop import ConsumeLoop
from chorus.postgres.clock import database_clock
from chorus.postgres.migrate import require
from chorus.postgres.pool import open_pool
from chorus.process.service import Service
from chorus.settings import KafkaSettings, PostgresSettings, load
from chorus.telemetry import logs
from chorus_notifier.handlers import Handlers
from chorus_notifier.settings import NotifierSettings
from chorus_notifier.store import Notifications

FACTS = (
    ActivityScheduled,
    ActivityExecuted,
    AccountChallenged,
    PasswordEnded,
    AccountStatusChanged,
    PublishFailed,
    LeadCaptured,
)


async def build() -> Service:
    """The notifier, not started."""
    settings, kafka, postgres = (
        load(NotifierSettings),
        load(KafkaSettings),
        load(PostgresSettings),
    )
    logs.configure(settings)
    pool = await open_pool(postgres, name=settings.service)
    await require(pool, ["chorus_notifier"])
    clock = await database_clock(pool)
    batcher = Batcher(Notifications(pool).add, name="notifications")
    handlers = Handlers(batcher)
    loop = ConsumeLoop(
        settings=kafka,
        group=settings.service,
        handlers=dict.fromkeys(FACTS, handlers.on_fact),
        clock=clock,
    )
    service = Service(settings)
    service.add("pool", stop=pool.close)
    service.add("clock", run=clock.run, stop=clock.stop)
    service.add("notifications", start=batcher.start, stop=batcher.stop)
    service.add("consumer", run=loop.run, stop=loop.stop, ready=loop.ready.is_set, alive=loop.alive)
    return service
