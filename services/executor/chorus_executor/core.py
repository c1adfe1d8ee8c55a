"""What carries out commands, put together without the broker."""

from dataclasses import dataclass

from chorus.clock import Clock
from chorus.journal import Journal, Lease, Worker
from chorus.postgres.pool import Pool
from chorus.vocabulary import Lane
from chorus_executor import measures
from chorus_executor.acts import Acts
from chorus_executor.domain.looks import LookPlan
from chorus_executor.execution import Executions
from chorus_executor.handlers import Handlers
from chorus_executor.job import Limits
from chorus_executor.providers.port import SocialProvider
from chorus_executor.settings import ExecutorSettings
from chorus_executor.store import Cartridges, PostWishes, Standings
from chorus_executor.sweep import Sweep
from chorus_executor.turns import OneAtATime, Turns
from chorus_executor.verification import Verifier
from chorus_executor.voice.cartridge import CartridgeRenderer
from chorus_executor.voice.model import ModelRenderer
from chorus_executor.voice.port import VoiceRenderer
from chorus_executor.voice.voices import Voices


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the core is given: the clock, the database, the network, and perhaps a model."""

    clock: Clock
    pool: Pool
    provider: SocialProvider
    model: ModelRenderer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """Everything between a command and its outcome."""

    worker: Worker
    journal: Journal
    standings: Standings
    turns: Turns
    sweep: Sweep
    handlers: Handlers

    async def start(self) -> None:
        """Enter the worker, then take work."""
        await self.worker.start()
        await self.standings.start()
        await self.journal.start()

    def request_stop(self) -> None:
        """Begin no call any more: what waits is given back."""
        self.turns.close()
        self.sweep.request_stop()

    async def stop(self) -> None:
        """Write what is held and leave; what is still open then is verified by others."""
        await self.journal.stop()
        await self.standings.stop()
        await self.worker.stop()


def assemble(settings: ExecutorSettings, outside: Outside) -> Core:
    """The core, not started."""
    pool, worker = outside.pool, _worker(settings, outside.pool)
    standings = Standings(pool, worker=worker, clock=outside.clock)
    source = f"chorus/{settings.service}"
    journal = Journal(pool, worker=worker, source=source, judge=standings.judge)
    turns, accounts = Turns(settings.concurrency, outside.clock), OneAtATime()
    acts = Acts(outside.provider, PostWishes(pool), outside.clock)
    executions = Executions(
        journal=journal,
        standings=standings,
        worker=worker,
        acts=acts,
        verifier=_verifier(settings, acts),
        voices=Voices(Cartridges(pool), _renderers(outside.model)),
        turns=turns,
        clock=outside.clock,
        limits=Limits(engagement=settings.engagement_seconds, standing=settings.standing_seconds),
    )
    measures.show_in_flight(Lane.API, lambda: executions.under_way)
    sweep = Sweep(
        journal=journal,
        executions=executions,
        worker=worker,
        accounts=accounts,
        clock=outside.clock,
        patience=_patience(settings),
        keep_seconds=settings.keep_attempts_seconds,
        every=settings.sweep_seconds,
    )
    handlers = Handlers(
        journal=journal, executions=executions, worker=worker, accounts=accounts, sweep=sweep
    )
    return Core(
        worker=worker,
        journal=journal,
        standings=standings,
        turns=turns,
        sweep=sweep,
        handlers=handlers,
    )


def _worker(settings: ExecutorSettings, pool: Pool) -> Worker:
    lease = Lease(
        beat_seconds=settings.beat_seconds,
        fence_seconds=settings.fence_seconds,
        dead_after_seconds=settings.dead_after_seconds,
    )
    return Worker(pool, service=settings.service, instance=settings.instance, lease=lease)


def _patience(settings: ExecutorSettings) -> float:
    """As long as the worker itself would have waited: it may call until its fence closes, is given
    the time of an engagement for the answer, and then looks until it believes in none.
    """
    looking = settings.settle_seconds + sum(settings.look_pauses)
    return settings.fence_seconds + settings.engagement_seconds + looking


def _verifier(settings: ExecutorSettings, acts: Acts) -> Verifier:
    return Verifier(acts, LookPlan(settle=settings.settle_seconds, pauses=settings.look_pauses))


def _renderers(model: ModelRenderer | None) -> list[VoiceRenderer]:
    return [CartridgeRenderer()] if model is None else [model, CartridgeRenderer()]
