"""A member's visit to LinkedIn: the session, a context made of it, one page, and nothing left."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from playwright.async_api import Page

from chorus.errors import DependencyUnavailable, TransientProviderError
from chorus.events import ActivityDue
from chorus.vocabulary import ErrorType
from chorus_browser_repost.pages import Site, leave
from chorus_browser_repost.pool.options import ContextOptions
from chorus_browser_repost.pool.pool import BrowserPool
from chorus_browser_repost.sessions.port import SessionSource


class Visits:
    def __init__(self, pool: BrowserPool, sessions: SessionSource, site: Site) -> None:
        self._pool = pool
        self._sessions = sessions
        self.site = site

    @asynccontextmanager
    async def page(self, command: ActivityDue, *, deadline: float) -> AsyncIterator[Page]:
        """A page in the member's own session, fetched for it and forgotten with it (P6).

        Raises ProviderErrors before the page is there; BrowserErrors out of the block.
        """
        session = await self._sessions.fetch(command.provider_account_id)
        try:
            options = ContextOptions(
                user_agent=session.user_agent, cookies=session.cookies_for(self.site.base_url)
            )
        finally:
            session.forget()
        async with AsyncExitStack() as stack:
            try:
                entered = self._pool.context(options, deadline=deadline)
                context = await stack.enter_async_context(entered)
            except DependencyUnavailable as error:
                raise TransientProviderError(
                    str(error), error_type=ErrorType.NETWORK_ERROR, code="browser_unavailable"
                ) from error
            page = context.pages[0]
            try:
                yield page
            finally:
                await leave(page)
