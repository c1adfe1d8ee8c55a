"""What the executor does with a message: enter it into the journal, then carry it out."""

import asyncio
import time

import structlog

from chorus import tracing
from chorus.events import ActivityDue
from chorus.execution.executions import Executions
from chorus.execution.job import Job
from chorus.execution.sweep import Sweep
from chorus.execution.turns import OneAtATime
from chorus.journal import Journal, Opening, Place, Worker, key_of
from chorus.kafka.envelope import Received
from chorus.postgres.transient import is_transient

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
        await self._accounts.enter(command.account_id)
        try:
            with self._sweep.holding(key_of(command)):
                await self._carry_out(command)
        except asyncio.CancelledError:
            self._sweep.leave_behind(key_of(command))
            raise
        except Exception as error:
            if not is_transient(error):
                self._sweep.leave_behind(key_of(command))
            raise
        finally:
            self._accounts.leave(command.account_id)

    async def _carry_out(self, command: ActivityDue) -> None:
        lapses, now = self._worker.lapses, time.monotonic()
        traceparent = tracing.current.get()
        _log.debug("activity.received", activity_id=command.activity_id, kind=command.kind)
        opened = await self._journal.open(Opening(command=command, traceparent=traceparent))
        _log.debug("activity.validated", activity_id=command.activity_id, place=opened.place.name)
        if opened.place is Place.THEIRS:
            self._sweep.wake()
        if opened.place not in {Place.OPENED, Place.OURS}:
            return
        job = Job(
            command=command,
            traceparent=traceparent,
            earlier=opened.earlier,
            checked=now,
            lapses=lapses,
            look_first=opened.place is Place.OURS,
        )
        await self._executions.run(job)
