"""Wiring: settings → adapters → handlers → parts of the service."""

from datetime import timedelta

from fastapi import FastAPI

from chorus.batching import Batcher
from chorus.clock import Clock
from chorus.events import ActivityExecuted, PostPublished, PostQueued, WatchChecked
from chorus.kafka.consuming.loop import ConsumeLoop
from chorus.kafka.producer import EventProducer, Publisher
from chorus.outbox.relay import Relay
from chorus.postgres.clock import database_clock
from chorus.postgres.listen import Listener
from chorus.postgres.migrate import require
from chorus.postgres.pool import Pool, open_pool
from chorus.process.rounds import Every, Rounds
from chorus.process.service import Service
from chorus.settings import KafkaSettings, PostgresSettings, load
from chorus.telemetry import logs
from chorus_scheduler.api import create_api
from chorus_scheduler.commands.steering import Steering
from chorus_scheduler.dispatcher import WAKE, Dispatcher
from chorus_scheduler.gauges import QueueGauges
from chorus_scheduler.handlers import Handlers, OutcomeBatcher
from chorus_scheduler.outcomes import Settler
from chorus_scheduler.planning.planner import Planner
from chorus_scheduler.planning.publish import PublishPlanner
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store.plan_writes import NEWS
from chorus_scheduler.sweeps import Sweeper
from chorus_scheduler.voice.model import Model, ModelRenderer
from chorus_scheduler.voice.rounds import VoiceRounds
from chorus_scheduler.watches.dispatching import WatchDispatcher
from chorus_scheduler.watches.measuring import WatchGauges
from chorus_scheduler.watches.reconciling import WatchReconciler
from chorus_scheduler.watches.settling import WatchSettler

SESSION_OPTIONS = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""Hand-over and settlement reach their few rows by index, whatever the statistics of a table
that was just filled say. Planning, which joins thousands of rows, is left to Postgres.
"""


async def build() -> Service:
    """The scheduler, not started."""
    settings, kafka, postgres = load(SchedulerSettings), load(KafkaSettings), load(PostgresSettings)
    logs.configure(settings)
    pool = await open_pool(postgres, name="scheduler")
    ledger = await open_pool(postgres, name="scheduler-ledger", session=SESSION_OPTIONS)
    commands = await open_pool(_few(postgres), name="scheduler-commands")
    await require(pool, ["chorus_gateway", "chorus_scheduler", "chorus_executor"])
    clock = await database_clock(pool)
    dsn = postgres.dsn.get_secret_value()
    listener = Listener(dsn, [WAKE])
    producer, model = EventProducer(kafka, client_id=settings.instance), voice_model(settings)
    planner = Planner(pool=pool, clock=clock, by_model=model is not None)
    publishing = PublishPlanner(pool=pool, clock=clock)
    outcomes = _outcomes(Settler(pool=ledger, clock=clock))
    handlers = Handlers(planner=planner, publishing=publishing, outcomes=outcomes)
    loop = _consumer(kafka, handlers, WatchSettler(pool=pool, clock=clock), clock)
    dispatcher = Dispatcher(
        pool=ledger, publisher=producer, listener=listener, clock=clock, settings=settings
    )
    sweeper = Sweeper(
        pool=pool,
        publisher=producer,
        clock=clock,
        settings=settings,
        planner=planner,
        publishing=publishing,
    )
    gauges = QueueGauges(pool=ledger, clock=clock, settings=settings)
    watches = watch_rounds(settings, pool, producer, clock)
    relay = Relay(pool, dsn, "scheduler", producer, reading=NEWS)
    service = Service(settings, app=_api(settings, commands, clock, planner))
    for each in (pool, ledger, commands):
        service.add(each.name, stop=each.close)
    service.add("clock", run=clock.run, stop=clock.stop)
    rounds = VoiceRounds(pool=pool, clock=clock, model=model, every=settings.voice_every)
    service.add("voices", run=rounds.run, stop=lambda: end_voices(rounds, model))
    service.add("producer", stop=producer.stop)
    service.add("listener", run=listener.run, stop=listener.stop)
    service.add("outcomes", start=outcomes.start, stop=outcomes.stop)
    service.add("relay", run=relay.run, stop=relay.stop)
    service.add("dispatcher", run=dispatcher.run, stop=dispatcher.stop)
    service.add("sweeper", run=sweeper.run, stop=sweeper.stop)
    service.add("watches", run=watches.run, stop=watches.stop)
    service.add("gauges", run=gauges.run, stop=gauges.stop)
    service.add("consumer", run=loop.run, stop=loop.stop, ready=loop.ready.is_set, alive=loop.alive)
    return service


def _outcomes(settler: Settler) -> OutcomeBatcher:
    return Batcher(settler.flush, name="outcomes", max_size=500, max_wait=0.01, pace=0.05)


def _few(postgres: PostgresSettings) -> PostgresSettings:
    """Connections of their own for what people command: a pause waits for no plan (B12)."""
    return postgres.model_copy(update={"pool_min": 1, "pool_max": 4})


def watch_rounds(
    settings: SchedulerSettings, pool: Pool, publisher: Publisher, clock: Clock
) -> Rounds:
    """What keeps watches going."""
    dispatcher = WatchDispatcher(pool=pool, publisher=publisher, clock=clock, settings=settings)
    reconciler = WatchReconciler(pool=pool, clock=clock, settings=settings)
    gauges = WatchGauges(pool=pool, clock=clock)
    return Rounds(
        Every(settings.watch_seconds, dispatcher.due_watches),
        Every(settings.reconcile_seconds, reconciler.watches),
        Every(settings.age_seconds, gauges.measure_watches),
    )


def _consumer(
    kafka: KafkaSettings, handlers: Handlers, watches: WatchSettler, clock: Clock
) -> ConsumeLoop:
    return ConsumeLoop(
        settings=kafka,
        group="scheduler",
        handlers={
            PostQueued: handlers.on_post_queued,
            PostPublished: handlers.on_post_published,
            ActivityExecuted: handlers.on_activity_executed,
            WatchChecked: watches.on_watch_checked,
        },
        clock=clock,
    )


def _api(settings: SchedulerSettings, pool: Pool, clock: Clock, planner: Planner) -> FastAPI:
    expires = timedelta(seconds=settings.parked_expires)
    steering = Steering(pool=pool, clock=clock, parked_expires=expires)
    token = settings.internal_token.get_secret_value()
    return create_api(planner=planner, steering=steering, token=token)


def voice_model(settings: SchedulerSettings) -> ModelRenderer | None:
    """The language model, where one is configured."""
    if settings.voice_model_url is None:
        return None
    return ModelRenderer(
        Model(
            base_url=settings.voice_model_url,
            api_key=settings.voice_model_key,
            name=settings.voice_model_name,
            timeout_seconds=settings.voice_model_seconds,
        )
    )


async def end_voices(rounds: VoiceRounds, model: ModelRenderer | None) -> None:
    """Ask for nothing more."""
    await rounds.stop()
    if model is not None:
        await model.aclose()
