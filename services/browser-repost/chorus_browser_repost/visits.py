"""A member's visit to LinkedIn: the session, a context made of it, one page, and nothing left."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from chorus.errors import DependencyUnavailable, TransientProviderError
from chorus.events import ActivityDue
from chorus.vocabulary import ErrorType
from chorus_browser_repost.pages import Site, Visit, leave
from chorus_browser_repost.pool.options import ContextOptions
from chorus_browser_repost.pool.pool import BrowserPool
from chorus_browser_repost.sessions.port import SessionSource


class Visits:
    def __init__(self, pool: BrowserPool, sessions: SessionSource, site: Site) -> None:
        self._pool = pool
        self._sessions = sessions
        self.site = site

    @asynccontextmanager
    async def visit(self, command: ActivityDue, *, deadline: float) -> AsyncIterator[Visit]:
        """One with the member's own session, fetched for it and forgotten with it (P6).

        Raises ProviderErrors before it has begun; BrowserErrors out of the block.
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
                visit = await stack.enter_async_context(entered)
            except DependencyUnavailable as error:
                raise TransientProviderError(
                    str(error), error_type=ErrorType.NETWORK_ERROR, code="browser_unavailable"
                ) from error
            try:
                yield visit
            finally:
                await leave(visit.page)
