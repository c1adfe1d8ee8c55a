"""Asked right before the irreversible request: is the activity still eligible, and is it ours?"""

import asyncio
import time
from datetime import datetime

import structlog

from chorus.clock import Clock
from chorus.errors import TransientProviderError
from chorus.vocabulary import ErrorType, Mode
from chorus_execution import telemetry
from chorus_execution.challenges import Challenges
from chorus_execution.domain.eligibility import CHALLENGED, Withheld, late
from chorus_execution.eligibility_check import EligibilityCheck, NotOurs
from chorus_execution.job import Job
from chorus_execution.journal import Worker
from chorus_execution.journal.retry import until_available
from chorus_execution.port import NotPermitted

_log = structlog.get_logger()


class Permits:
    """`fresh_for`: how many seconds old the last check of an activity's eligibility may be."""

    def __init__(
        self,
        *,
        eligibility_check: EligibilityCheck,
        challenges: Challenges,
        worker: Worker,
        clock: Clock,
        fresh_for: float,
    ) -> None:
        self._eligibility_check = eligibility_check
        self._challenges = challenges
        self._worker = worker
        self._clock = clock
        self._fresh_for = fresh_for

    def of(self, job: Job, *, deadline: float) -> "CallPermit":
        """The permit of one write, which must be asked for by `deadline` (`loop.time()`)."""
        return CallPermit(self, job, deadline)

    async def check(self, job: Job) -> Withheld | NotOurs | None:
        """None: the call may go out now. The fence is looked at last; nothing is awaited after."""
        while True:
            await self._worker.until_confirmed()
            if self._challenges.stops(job.command.account_id):
                return CHALLENGED
            if self._is_fresh(job):
                return self._late(job)
            lapses, asked = self._worker.lapses, time.monotonic()
            withheld = await until_available(
                lambda: self._eligibility_check.check_again(job.command)
            )
            if withheld is not None:
                return withheld
            job.checked, job.lapses = asked, lapses

    def _late(self, job: Job) -> Withheld | None:
        """Time goes on after the last check."""
        if job.command.mode is Mode.VERIFY:
            return None
        return late(job.command.acts_until, self._clock.now())

    def _is_fresh(self, job: Job) -> bool:
        if self._challenges.outdates(job.command.account_id, job.checked):
            return False
        age = time.monotonic() - job.checked
        return age <= self._fresh_for and self._worker.lapses == job.lapses

    def now(self) -> datetime:
        return self._clock.now()


class CallPermit:
    """See `chorus_execution.port.Permit`.

    called_at: when it was last given; None: there was no call. left: the same by `loop.time()`.
    """

    def __init__(self, permits: Permits, job: Job, deadline: float) -> None:
        self._permits = permits
        self._job = job
        self._deadline = deadline
        self.called_at: datetime | None = None
        self.left = float("-inf")

    async def __call__(self) -> None:
        try:
            async with asyncio.timeout_at(self._deadline):
                withheld = await self._permits.check(self._job)
        except TimeoutError as error:
            raise TransientProviderError(
                "Nobody could be asked whether it still stands.",
                error_type=ErrorType.NETWORK_ERROR,
                code="not_confirmed",
            ) from error
        if withheld is not None:
            raise NotPermitted(withheld if isinstance(withheld, Withheld) else None)
        first = self.called_at is None
        self.called_at, self.left = self._permits.now(), asyncio.get_running_loop().time()
        command = self._job.command
        if first:
            telemetry.began(command, self.called_at)
        _log.debug("call.started", activity_id=command.activity_id, kind=command.kind)
