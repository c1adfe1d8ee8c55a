"""Wiring: settings → browsers and sessions → core → parts of the service."""

from chorus.clock import Clock
from chorus.events import ActivityDue
from chorus.kafka.consuming.loop import ConsumeLoop
from chorus.kafka.producer import EventProducer
from chorus.outbox.relay import Relay
from chorus.postgres.clock import database_clock
from chorus.postgres.migrate import require
from chorus.process.service import Service
from chorus.settings import PostgresSettings, load
from chorus.telemetry import logs
from chorus_browser_repost.core import Outside, assemble
from chorus_browser_repost.pool.pool import BrowserPool
from chorus_browser_repost.pool.settings import BrowserPoolSettings
from chorus_browser_repost.retention import Retention
from chorus_browser_repost.sessions.http import HttpSessionSource, SessionEndpoint
from chorus_browser_repost.settings import BrowserKafkaSettings, BrowserRepostSettings
from chorus_execution.journal import open_journal_pool
from chorus_execution.journal.evidence import Evidence

TOPIC = "activity.due.browser"


async def build() -> Service:
    """The browser executor, not started."""
    settings, kafka, postgres = (
        load(BrowserRepostSettings),
        load(BrowserKafkaSettings),
        load(PostgresSettings),
    )
    logs.configure(settings)
    pool = await open_journal_pool(postgres, name=settings.service)
    await require(pool, ["chorus_gateway", "chorus_scheduler", "chorus_executor"])
    clock = await database_clock(pool)
    browsers, sessions = browser_pool(settings), session_source(settings, clock)
    core = assemble(settings, Outside(clock=clock, pool=pool, browsers=browsers, sessions=sessions))
    retention = Retention(Evidence(pool), keep_seconds=settings.keep_evidence_seconds)
    producer = EventProducer(kafka, client_id=settings.instance)
    relay = Relay(pool, postgres.dsn.get_secret_value(), "engagement", producer)
    loop = ConsumeLoop(
        settings=kafka,
        group=settings.service,
        handlers={ActivityDue: core.handlers.on_activity_due},
        topics=[TOPIC],
        max_in_flight=settings.max_in_flight,
        clock=clock,
    )

    async def leave() -> None:
        core.request_stop()
        await loop.stop()

    service, patience = Service(settings), kafka.drain_seconds + 20
    service.add("pool", stop=pool.close)
    service.add("clock", run=clock.run, stop=clock.stop)
    service.add("sessions", stop=sessions.aclose)
    _add_browsers(service, browsers, patience)
    service.add("producer", stop=producer.stop)
    service.add("relay", run=relay.run, stop=relay.stop)
    service.add("retention", run=retention.run, stop=retention.stop)
    service.add("core", start=core.start, run=core.worker.run, stop=core.stop)
    service.add("sweep", run=core.sweep.run, stop=core.sweep.stop, stop_timeout=patience)
    service.add(
        "consumer",
        run=loop.run,
        stop=leave,
        ready=loop.ready.is_set,
        alive=loop.alive,
        stop_timeout=patience,
    )
    return service


def _add_browsers(service: Service, browsers: BrowserPool, patience: float) -> None:
    service.add(
        "browsers",
        start=browsers.start,
        run=browsers.run,
        stop=browsers.stop,
        ready=browsers.ready,
        stop_timeout=patience,
    )


def browser_pool(settings: BrowserRepostSettings) -> BrowserPool:
    """Browsers that reach LinkedIn, wherever that is, and nobody else."""
    pool = load(BrowserPoolSettings)
    hosts = tuple(dict.fromkeys((*pool.reachable_hosts, settings.linkedin_host)))
    return BrowserPool(pool.model_copy(update={"reachable_hosts": hosts}))


def session_source(settings: BrowserRepostSettings, clock: Clock) -> HttpSessionSource:
    """The session endpoint; nothing is opened before the first fetch."""
    endpoint = SessionEndpoint(
        url=settings.session_url,
        header=settings.session_header,
        key=settings.session_key,
        seconds=settings.session_seconds,
    )
    return HttpSessionSource(endpoint, clock)
