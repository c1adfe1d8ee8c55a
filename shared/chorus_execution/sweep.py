"""Takes over what dead workers left open, so that nothing depends on a message coming again."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator

import structlog

from chorus.postgres.transient import is_transient
from chorus.process.stopping import Stopping
from chorus.telemetry import logs, tracing
from chorus.vocabulary import Lane
from chorus_execution import telemetry
from chorus_execution.call_slots import OneAtATime
from chorus_execution.domain.outcomes import Wording, voice_named
from chorus_execution.executions import Executions
from chorus_execution.job import Job
from chorus_execution.journal import AttemptKey, Inherited, Journal, Keep, Worker

_log = structlog.get_logger()

_FORGET_EVERY = 600
_MISS_EVERY = 5
_GIVE_UP_AFTER = 5
"""Changes of hands after which a row that breaks off again and again is a person's."""


class Sweep:
    """`rounds` counts those that have begun."""

    def __init__(
        self,
        *,
        lane: Lane,
        journal: Journal,
        executions: Executions,
        worker: Worker,
        accounts: OneAtATime,
        keep: Keep,
        every: float = 1.0,
        at_once: int = 200,
    ) -> None:
        self._lane = lane
        self._journal = journal
        self._executions = executions
        self._worker = worker
        self._accounts = accounts
        self._keep = keep
        self._every = every
        self._at_once = at_once
        self._under_way = 0
        self.rounds = 0
        self._woken = asyncio.Event()
        self._left_behind: set[AttemptKey] = set()
        self._held: Counter[AttemptKey] = Counter()
        self._missed: set[AttemptKey] = set()
        self._stopping = Stopping()

    def wake(self) -> None:
        """Sweep soon."""
        self._woken.set()

    def leave_behind(self, key: AttemptKey) -> None:
        """A row of this worker that nobody works on any more: it is let go, and then verified."""
        self._left_behind.add(key)
        self._woken.set()

    @contextlib.contextmanager
    def holding(self, key: AttemptKey) -> Iterator[None]:
        """Somebody of this process works on a row, or is about to enter it."""
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]

    def request_stop(self) -> None:
        """Take nothing over any more."""
        self._stopping.tell()
        self._woken.set()

    async def stop(self) -> None:
        """Return once what was taken over and is under way has ended."""
        self.request_stop()
        await self._stopping.stop()

    async def run(self) -> None:
        """Sweep until stopped."""
        with self._stopping.running():
            async with asyncio.TaskGroup() as group:
                while not self._stopping.told:
                    self._woken.clear()
                    for left in await self._round():
                        group.create_task(self._finish(left), name="taken-over")
                    await self._pause()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._every):
                await self._woken.wait()

    async def _round(self) -> list[Inherited]:
        self.rounds += 1
        try:
            if self.rounds % _FORGET_EVERY == 0:
                await self._journal.forget(self._keep)
            if self.rounds % _MISS_EVERY == 0:
                await self._look_for_missed()
            await self._let_go()
            found = await self._take_over()
        except Exception as error:
            if not is_transient(error):
                raise
            _log.warning("sweep.put_off", error=str(error))
            return []
        if found:
            telemetry.taken_over(self._lane, len(found))
            _log.info("attempt.taken_over", count=len(found))
        return found

    async def _take_over(self) -> list[Inherited]:
        room = self._at_once - self._under_way
        if room <= 0:
            return []
        return await self._journal.take_over(self._lane, limit=room, spared=self._held.keys())

    async def _look_for_missed(self) -> None:
        """Rows that became this worker's without its knowledge: the answer to a commit was lost.

        Two checks in a row must find them, as others are just being entered or ended.
        """
        missed = await self._journal.open_rows() - self._held.keys()
        again = missed & self._missed
        if again:
            _log.warning("attempt.missed", count=len(again))
        self._left_behind |= again
        self._missed = missed - again

    async def _let_go(self) -> None:
        keys = frozenset(self._left_behind)
        await self._journal.abandon(keys)
        self._left_behind -= keys
        for key in keys:
            self._worker.settled(key.activity_id)

    async def _finish(self, left: Inherited) -> None:
        tracing.current.set(tracing.child_of(left.traceparent))
        logs.handled_event.set(left.command)
        job = self._job(left)
        with self.holding(job.key):
            await self._bring_to_an_end(job, left)

    async def _bring_to_an_end(self, job: Job, left: Inherited) -> None:
        self._under_way += 1
        await self._accounts.enter(left.command.account_id)
        try:
            await self._executions.run(job)
        except Exception:  # noqa: BLE001 - one broken row must not stop the others
            _log.exception("attempt.broke_off", takeovers=left.takeovers)
            if left.takeovers < _GIVE_UP_AFTER or not await self._executions.give_up(job):
                self.leave_behind(job.key)
        finally:
            self._accounts.leave(left.command.account_id)
            self._under_way -= 1

    def _job(self, left: Inherited) -> Job:
        """What may have been called is verified first, for as long as it may take effect."""
        noted = left.final_text is not None
        wording = Wording(text=left.final_text, voice=voice_named(left.voice)) if noted else None
        return Job(
            command=left.command,
            traceparent=left.traceparent,
            earlier=left.earlier,
            checked=float("-inf"),
            lapses=self._worker.lapses,
            suspect=left.suspect,
            effect_window=left.effect_window,
            wording=wording,
        )
