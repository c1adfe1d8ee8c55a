"""This service's core: the shared life of an execution, with browsers as the way to act."""

from dataclasses import dataclass

from chorus.clock import Clock
from chorus.postgres.pool import Pool
from chorus.vocabulary import Lane
from chorus_browser_repost.acts import BrowserActs
from chorus_browser_repost.failure_screenshots import FailureScreenshots
from chorus_browser_repost.pages import Site
from chorus_browser_repost.pool.pool import BrowserPool
from chorus_browser_repost.sessions.port import SessionSource
from chorus_browser_repost.settings import BrowserRepostSettings
from chorus_browser_repost.visits import Visits
from chorus_execution import core
from chorus_execution.core import Core
from chorus_execution.journal.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the core is given: the clock, the database, browsers, and where sessions come from."""

    clock: Clock
    pool: Pool
    browsers: BrowserPool
    sessions: SessionSource


def assemble(settings: BrowserRepostSettings, outside: Outside) -> Core:
    """The core, not started."""
    visits = Visits(outside.browsers, outside.sessions, site(settings))
    screenshots = FailureScreenshots(Evidence(outside.pool))
    return core.assemble(
        settings,
        core.Outside(
            lane=Lane.BROWSER,
            clock=outside.clock,
            pool=outside.pool,
            acts=BrowserActs(visits, screenshots, outside.clock),
        ),
    )


def site(settings: BrowserRepostSettings) -> Site:
    """LinkedIn, as the settings say."""
    return Site(
        base_url=settings.linkedin_url,
        patience=settings.page_timeout_seconds,
        settling=settings.page_settling_seconds,
        answer=settings.page_answer_seconds,
    )
