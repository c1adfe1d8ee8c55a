"""What carries out commands, put together without the broker."""

from dataclasses import dataclass

from chorus.clock import Clock
from chorus.postgres.pool import Pool
from chorus.vocabulary import Lane
from chorus_execution import telemetry
from chorus_execution.call_slots import CallSlots, OneAtATime
from chorus_execution.challenges import Challenges
from chorus_execution.eligibility_check import EligibilityCheck
from chorus_execution.executions import Executions
from chorus_execution.handlers import Handlers
from chorus_execution.job import Limits
from chorus_execution.journal import Journal, Worker
from chorus_execution.permits import Permits
from chorus_execution.port import Acts
from chorus_execution.settings import ExecutionSettings
from chorus_execution.sweep import Sweep
from chorus_execution.verification import Verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the core is given: its lane, the clock, the database, and how to act."""

    lane: Lane
    clock: Clock
    pool: Pool
    acts: Acts


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """Everything between a command and its outcome."""

    worker: Worker
    journal: Journal
    eligibility_check: EligibilityCheck
    challenges: Challenges
    slots: CallSlots
    sweep: Sweep
    handlers: Handlers

    async def start(self) -> None:
        """Enter the worker, then take work."""
        await self.worker.start()
        await self.eligibility_check.start()
        await self.journal.start()

    def request_stop(self) -> None:
        """Begin no call any more: what waits is given back."""
        self.slots.close()
        self.sweep.request_stop()

    async def stop(self) -> None:
        """Write what is held and leave; what is still open then is verified by others."""
        await self.journal.stop()
        await self.eligibility_check.stop()
        await self.worker.stop()


def assemble(settings: ExecutionSettings, outside: Outside) -> Core:
    """The core, not started."""
    pool, clock = outside.pool, outside.clock
    worker = Worker(
        pool, service=settings.service, instance=settings.instance, lease=settings.lease
    )
    eligibility_check = EligibilityCheck(pool, lane=outside.lane, worker=worker, clock=clock)
    challenges = Challenges(remember=2 * settings.eligibility_seconds)
    journal = _journal(settings, pool, worker, eligibility_check)
    slots, accounts = CallSlots(settings.concurrency, clock), OneAtATime()
    executions = Executions(
        journal=journal,
        permits=Permits(
            eligibility_check=eligibility_check,
            challenges=challenges,
            worker=worker,
            clock=clock,
            fresh_for=settings.eligibility_seconds,
        ),
        challenges=challenges,
        worker=worker,
        acts=outside.acts,
        verifier=Verifier(outside.acts, settings.verify_schedule),
        slots=slots,
        clock=clock,
        limits=Limits(engagement=settings.engagement_seconds, works=settings.works),
    )
    telemetry.show_in_flight(outside.lane, lambda: executions.under_way)
    sweep = Sweep(
        lane=outside.lane,
        journal=journal,
        executions=executions,
        worker=worker,
        accounts=accounts,
        keep=settings.keep,
        every=settings.sweep_seconds,
    )
    handlers = Handlers(
        journal=journal, executions=executions, worker=worker, accounts=accounts, sweep=sweep
    )
    return Core(
        worker=worker,
        journal=journal,
        eligibility_check=eligibility_check,
        challenges=challenges,
        slots=slots,
        sweep=sweep,
        handlers=handlers,
    )


def _journal(
    settings: ExecutionSettings, pool: Pool, worker: Worker, eligibility_check: EligibilityCheck
) -> Journal:
    return Journal(
        pool,
        worker=worker,
        source=f"chorus/{settings.service}",
        judge=eligibility_check.judge,
        effect_window=settings.effect_window,
    )
