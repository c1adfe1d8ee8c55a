"""Looking for an effect whose answer was lost, or whose worker died (invariant 1)."""

import asyncio

import structlog

from chorus.errors import ChallengeError, ProviderError
from chorus.events import ActivityDue
from chorus_execution.domain.looks import LookPlan
from chorus_execution.port import ABSENT, Acts, Found, Sighting, Traces

_log = structlog.get_logger()


class Verifier:
    def __init__(self, acts: Acts, plan: LookPlan) -> None:
        self._acts = acts
        self._plan = plan

    async def verify(
        self,
        command: ActivityDue,
        target: str,
        traces: Traces,
        *,
        quiet: float = 0.0,
        patience: float = 0.0,
    ) -> Sighting:
        """Found at any look; absent only by the last. Raises the last look's error: cannot tell.
        A challenge ends the looking at once, and is raised.

        `quiet` and `patience` are those of `LookPlan.waits`.
        """
        waits = self._plan.waits(quiet=quiet, patience=patience)
        loop = asyncio.get_running_loop()
        at = loop.time()
        for look, wait in enumerate(waits):
            at += wait
            await asyncio.sleep(at - loop.time())
            try:
                seen = await self.glance(command, target, traces, look=look)
            except ChallengeError:
                raise
            except ProviderError:
                if look == len(waits) - 1:
                    raise
                continue
            if isinstance(seen, Found):
                return seen
        return ABSENT

    async def glance(
        self, command: ActivityDue, target: str, traces: Traces, *, look: int = 0
    ) -> Sighting:
        """One look without waiting. Raises ProviderError: cannot tell."""
        try:
            return await self._acts.look(command, target, traces)
        except ProviderError as error:
            _log.info("verification.failed", look=look, error=str(error), code=error.code)
            raise
