"""What an executor does with a due activity: enter it into the journal, then carry it out."""

import asyncio
import time

import structlog

from chorus.events import ActivityDue
from chorus.kafka.envelope import Received
from chorus.postgres.transient import is_transient
from chorus.telemetry import tracing
from chorus_execution.call_slots import OneAtATime
from chorus_execution.executions import Executions
from chorus_execution.job import Job
from chorus_execution.journal import Journal, Opened, Opening, Place, Worker, key_of
from chorus_execution.sweep import Sweep

_log = structlog.get_logger()


class Handlers:
    """A row that is broken off here is left to the sweep, which lets whoever is free verify it."""

    def __init__(
        self,
        *,
        journal: Journal,
        executions: Executions,
        worker: Worker,
        accounts: OneAtATime,
        sweep: Sweep,
    ) -> None:
        self._journal = journal
        self._executions = executions
        self._worker = worker
        self._accounts = accounts
        self._sweep = sweep

    async def on_activity_due(self, received: Received[ActivityDue]) -> None:
        """Returns when the outcome is committed, or the row is somebody else's to end.

        A redelivery finds the row: closed, its outcome is said again; another worker's, that one
        or the sweep will end it; our own, an earlier try broke off, so its effect is looked for.
        """
        command = received.event
        try:
            with self._sweep.holding(key_of(command)):
                await self._enter(command)
        except asyncio.CancelledError:
            self._sweep.leave_behind(key_of(command))
            raise
        except Exception as error:
            if not is_transient(error):
                self._sweep.leave_behind(key_of(command))
            raise

    async def _enter(self, command: ActivityDue) -> None:
        """One thing at a time for each account: the ledger's, should the message name another."""
        lapses, now = self._worker.lapses, time.monotonic()
        async with self._accounts.turn_of(command.account_id):
            opened = await self._open(command)
            if opened.command.account_id == command.account_id:
                await self._carry_out(opened, checked=now, lapses=lapses)
                return
        async with self._accounts.turn_of(opened.command.account_id):
            await self._carry_out(opened, checked=now, lapses=lapses)

    async def _open(self, command: ActivityDue) -> Opened:
        _log.debug("activity.received", activity_id=command.activity_id, kind=command.kind)
        opening = Opening(command=command, traceparent=tracing.current.get())
        opened = await self._journal.open(opening)
        _log.debug("activity.validated", activity_id=command.activity_id, place=opened.place.name)
        return opened

    async def _carry_out(self, opened: Opened, *, checked: float, lapses: int) -> None:
        if opened.place is Place.THEIRS:
            self._sweep.wake()
        if opened.place not in {Place.OPENED, Place.OURS}:
            return
        job = Job(
            command=opened.command,
            traceparent=tracing.current.get(),
            earlier=opened.earlier,
            checked=checked,
            lapses=lapses,
            suspect=opened.place is Place.OURS,
            effect_window=opened.effect_window,
        )
        await self._executions.run(job)
