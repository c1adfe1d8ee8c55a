"""Wiring: settings → browsers and sessions → core → parts (`chorus_execution.service`)."""

from chorus.clock import Clock
from chorus.events import ActivityDue
from chorus.process.service import Service
from chorus.settings import load
from chorus_browser_repost.core import Outside, assemble
from chorus_browser_repost.pool.pool import BrowserPool
from chorus_browser_repost.pool.settings import BrowserPoolSettings
from chorus_browser_repost.retention import Retention
from chorus_browser_repost.sessions.http import HttpSessionSource, SessionEndpoint
from chorus_browser_repost.settings import BrowserKafkaSettings, BrowserRepostSettings
from chorus_execution.journal.evidence import Evidence
from chorus_execution.service import add_execution, foundation

TOPIC = "activity.due.browser"


async def build() -> Service:
    """The browser executor, not started."""
    settings, kafka = load(BrowserRepostSettings), load(BrowserKafkaSettings)
    base = await foundation(settings)
    pool, clock, service = base.pool, base.clock, base.service
    browsers, sessions = browser_pool(settings), session_source(settings, clock)
    core = assemble(settings, Outside(clock=clock, pool=pool, browsers=browsers, sessions=sessions))
    retention = Retention(Evidence(pool), keep_seconds=settings.keep_evidence_seconds)
    patience = kafka.drain_seconds + 20
    service.add("sessions", stop=sessions.aclose)
    _add_browsers(service, browsers, patience)
    service.add("retention", run=retention.run, stop=retention.stop)
    add_execution(
        base,
        core,
        kafka,
        topics=[TOPIC],
        handlers={ActivityDue: core.handlers.on_activity_due},
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
