"""A ledger, a journal, LinkedIn's pages, and cores of browser-repost with real browsers."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chorus.clock import SystemClock
from chorus.events import ActivityDue
from chorus.postgres.pool import Pool
from chorus.vocabulary import Kind, Lane
from chorus_browser_repost.app import session_source
from chorus_browser_repost.core import Outside, assemble
from chorus_browser_repost.pool.pool import BrowserPool
from chorus_browser_repost.pool.settings import BrowserPoolSettings
from chorus_browser_repost.settings import BrowserRepostSettings
from chorus_execution.core import Core
from chorus_sandbox.app import SESSION_KEY
from tests.integration.core_process import CoreProcess
from tests.integration.executor.harness import Harness

QUICK: Mapping[str, Any] = {
    "engagement_seconds": 10.0,
    "settle_seconds": 0.05,
    "verify_pauses": (0.1, 0.2),
    "beat_seconds": 0.1,
    "fence_seconds": 0.5,
    "dead_after_seconds": 0.8,
    "sweep_seconds": 0.1,
    "page_timeout_seconds": 2.0,
    "page_settling_seconds": 0.2,
    "page_answer_seconds": 1.5,
}


@dataclass(slots=True, kw_only=True)
class BrowserHarness(Harness):
    folder: Path
    pools: list[BrowserPool] = field(default_factory=list)

    async def browser(self, **settings: Any) -> CoreProcess:
        """One more browser executor, with a browser of its own, until the test ends."""
        wanted = BrowserRepostSettings(
            linkedin_url=self.server.linkedin_url,
            session_url=self.server.session_url,
            session_key=SESSION_KEY,
            **{**QUICK, **settings},
        )

        async def make(pool: Pool, stack: AsyncExitStack) -> Core:
            clock, sessions = SystemClock(), session_source(wanted, SystemClock())
            stack.push_async_callback(sessions.aclose)
            browsers = BrowserPool(
                BrowserPoolSettings(
                    browsers=1,
                    slots=3,
                    folder=self.folder,
                    reachable_hosts=(wanted.linkedin_host,),
                )
            )
            await browsers.start()
            self.pools.append(browsers)
            stack.push_async_callback(browsers.stop)
            return assemble(
                wanted, Outside(clock=clock, pool=pool, browsers=browsers, sessions=sessions)
            )

        process = CoreProcess(self.dsn, make, self.server.sandbox.hold_points)
        return await self.stack.enter_async_context(process)

    async def repost(self, text: str | None = None, **values: Any) -> ActivityDue:
        """A repost that is due, in the browser lane."""
        return await self.due(Kind.REPOST, text=text, lane=Lane.BROWSER, by_url=True, **values)

    async def evidence(self) -> list[dict[str, Any]]:
        return await (await self.owner.execute("select * from engagement.evidence")).fetchall()
