"""Verifying an effect whose answer was lost, or whose worker died (invariant 1)."""

import asyncio

import structlog

from chorus.errors import ChallengeError, ProviderError
from chorus.events import ActivityDue
from chorus_execution.domain.verify_schedule import VerifySchedule
from chorus_execution.port import ABSENT, Acts, EffectMarks, Found, Sighting

_log = structlog.get_logger()


class Verifier:
    def __init__(self, acts: Acts, schedule: VerifySchedule) -> None:
        self._acts = acts
        self._schedule = schedule

    async def verify(
        self,
        command: ActivityDue,
        target: str,
        marks: EffectMarks,
        *,
        quiet: float = 0.0,
        effect_window: float = 0.0,
    ) -> Sighting:
        """Found by any check; absent only by the last. Raises the error of the last: cannot tell.
        A challenge ends the verification at once, and is raised.

        `quiet` and `effect_window` are those of `VerifySchedule.waits`.
        """
        waits = self._schedule.waits(quiet=quiet, effect_window=effect_window)
        loop = asyncio.get_running_loop()
        at = loop.time()
        for number, wait in enumerate(waits):
            at += wait
            await asyncio.sleep(at - loop.time())
            try:
                seen = await self.check_once(command, target, marks, number=number)
            except ChallengeError:
                raise
            except ProviderError:
                if number == len(waits) - 1:
                    raise
                continue
            if isinstance(seen, Found):
                return seen
        return ABSENT

    async def check_once(
        self, command: ActivityDue, target: str, marks: EffectMarks, *, number: int = 0
    ) -> Sighting:
        """One check without waiting. Raises ProviderError: cannot tell."""
        try:
            return await self._acts.find_effect(command, target, marks)
        except ProviderError as error:
            _log.info("verification.failed", look=number, error=str(error), code=error.code)
            raise
