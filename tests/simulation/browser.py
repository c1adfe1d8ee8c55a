"""A browser as the executors see one: slow, and its click is one request at the end.

The real pages need a real browser; here stands what `chorus_browser_repost.acts` does between the
start of a job and its click, in virtual time.
"""

import asyncio

from chorus.events import ActivityDue, CallResult
from chorus.testing.targets import post_of
from chorus_execution.domain.outcomes import Wording
from chorus_execution.port import (
    Accomplished,
    Baseline,
    Done,
    EffectMarks,
    Found,
    Permit,
    Sighting,
)
from tests.simulation.network import Network


class SimBrowserActs:
    """Acts of the browser lane."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._provider = network.provider()

    async def target(self, command: ActivityDue, *, deadline: float) -> str:
        post = post_of(command)
        if post.social_id is not None:
            return post.social_id
        shown = await self._provider.resolve(
            post.url or "", account=command.provider_account_id, deadline=deadline
        )
        return shown.social_id

    async def write(
        self,
        command: ActivityDue,
        target: str,
        text: str,
        *,
        deadline: float,
        baseline: Baseline,
        permit: Permit,
    ) -> Done:
        await asyncio.sleep(1.0 + self._network.dice.random() * 10)  # session, page, menus
        return await self._provider.repost(
            target, text, account=command.provider_account_id, deadline=deadline, permit=permit
        )

    async def find_effect(self, command: ActivityDue, target: str, marks: EffectMarks) -> Sighting:
        await asyncio.sleep(0.5 + self._network.dice.random() * 2)
        deadline = asyncio.get_running_loop().time() + 10
        return await self._provider.find_repost(
            target, marks, account=command.provider_account_id, deadline=deadline
        )

    async def complete(
        self,
        command: ActivityDue,
        target: str,
        wording: Wording,
        done: Done,
        marks: EffectMarks,
    ) -> Accomplished:
        return Accomplished(result=CallResult(provider_id=done.id, social_id=target))

    async def describe(self, command: ActivityDue, target: str, found: Found) -> Accomplished:
        return Accomplished(result=CallResult(provider_id=found.id, social_id=target))
