"""Wiring: settings → journal → handlers → parts of the service."""

from chorus import logs
from chorus.clock import SystemClock
from chorus.events import ActivityDue
from chorus.journal import Journal, Lease, Worker, open_journal_pool
from chorus.kafka.consumer import ConsumeLoop
from chorus.kafka.producer import EventProducer
from chorus.lifecycle import Service
from chorus.outbox.relay import Relay
from chorus.postgres.migrate import require
from chorus.settings import KafkaSettings, PostgresSettings, load
from chorus_browser_repost.handlers import Handlers, Refusals
from chorus_browser_repost.settings import BrowserRepostSettings

TOPIC = "activity.due.browser"


async def build() -> Service:
    """The browser executor, not started."""
    settings, kafka, postgres = (
        load(BrowserRepostSettings),
        load(KafkaSettings),
        load(PostgresSettings),
    )
    logs.configure(settings)
    pool = await open_journal_pool(postgres, name=settings.service)
    await require(pool, ["chorus_executor"])
    worker = Worker(pool, service=settings.service, instance=settings.instance, lease=Lease())
    journal = Journal(
        pool,
        worker=worker,
        source=f"chorus/{settings.service}",
        judge=Refusals(SystemClock()).judge,
    )
    producer = EventProducer(kafka, client_id=settings.instance)
    relay = Relay(pool, postgres.dsn.get_secret_value(), "engagement", producer)
    loop = ConsumeLoop(
        settings=kafka,
        group=settings.service,
        handlers={ActivityDue: Handlers(journal).on_activity_due},
        topics=[TOPIC],
    )
    service = Service(settings)
    service.add("pool", stop=pool.close)
    service.add("producer", stop=producer.stop)
    service.add("relay", run=relay.run, stop=relay.stop)
    service.add("worker", start=worker.start, run=worker.run, stop=worker.stop)
    service.add("journal", start=journal.start, stop=journal.stop)
    service.add("consumer", run=loop.run, stop=loop.stop, ready=loop.ready.is_set, alive=loop.alive)
    return service
