"""Wiring: settings → adapters → core → parts of the service (`chorus_execution.service`)."""

from chorus.clock import Clock
from chorus.events import ActivityDue, WatchDue
from chorus.process.rounds import Every, Rounds
from chorus.process.service import Service
from chorus.settings import KafkaSettings, load
from chorus_execution.challenges import Challenges
from chorus_execution.service import add_execution, foundation
from chorus_executor.core import Outside, assemble
from chorus_executor.providers.registry import Registry
from chorus_executor.providers.unipile.provider import UnipileProvider
from chorus_executor.providers.unipile.transport import Endpoint
from chorus_executor.reading.account_status import AccountStatusReader
from chorus_executor.reading.posts import PostsReader
from chorus_executor.reading.store import WatchCheckStore
from chorus_executor.reading.watch_checks import WatchChecks
from chorus_executor.settings import ExecutorSettings

TOPICS = ("activity.due.api", "watch.due")
_FORGET_EVERY = 3600.0


async def build() -> Service:
    """The executor, not started."""
    settings, kafka = load(ExecutorSettings), load(KafkaSettings)
    base = await foundation(settings)
    pool, clock, service = base.pool, base.clock, base.service
    provider = unipile(settings, clock)
    registry = Registry(provider.ports)
    core = assemble(settings, Outside(clock=clock, pool=pool, registry=registry))
    store = WatchCheckStore(pool, source=f"chorus/{settings.service}")
    checks = assemble_watch_checks(settings, store, registry, core.challenges, clock)
    keep = settings.keep_attempts_seconds
    forgetting = Rounds(Every(_FORGET_EVERY, lambda: store.forget(keep)))
    service.add("provider", stop=provider.aclose)
    service.add("forgetting", run=forgetting.run, stop=forgetting.stop)
    add_execution(
        base,
        core,
        kafka,
        topics=TOPICS,
        handlers={
            ActivityDue: core.handlers.on_activity_due,
            WatchDue: checks.on_watch_due,
        },
        leaving=checks.request_stop,
    )
    return service


def assemble_watch_checks(
    settings: ExecutorSettings,
    store: WatchCheckStore,
    registry: Registry,
    challenges: Challenges,
    clock: Clock,
) -> WatchChecks:
    """What makes the checks that watches ask for."""
    return WatchChecks(
        store=store,
        posts=PostsReader(registry, store),
        status=AccountStatusReader(registry, clock),
        challenges=challenges,
        clock=clock,
        seconds=settings.watch_check_seconds,
        at_once=settings.watch_checks_at_once,
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
