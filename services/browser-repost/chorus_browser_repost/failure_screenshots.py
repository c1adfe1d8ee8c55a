"""Keeps a picture of what a page showed when something went wrong with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from playwright.async_api import Page

from chorus.errors import ProviderError
from chorus.events import ActivityDue
from chorus.postgres.transient import is_transient
from chorus_browser_repost import evidence
from chorus_browser_repost.pages import BLANK, Visit
from chorus_execution.journal.evidence import Evidence as EvidenceStore
from chorus_execution.journal.evidence import Screenshot
from chorus_execution.port import AlreadyDoneError

_log = structlog.get_logger()


class FailureScreenshots:
    def __init__(self, store: EvidenceStore) -> None:
        self._store = store

    @asynccontextmanager
    async def of(self, visit: Visit, command: ActivityDue) -> AsyncIterator[None]:
        """Let a ProviderError of the block pass, with a picture of its page kept before."""
        try:
            yield
        except AlreadyDoneError:
            raise
        except ProviderError as error:
            await self._keep(visit.page, command, error)
            raise

    async def _keep(self, page: Page, command: ActivityDue, error: ProviderError) -> None:
        if page.url == BLANK:
            return
        taken = await evidence.take(page, state=error.code or error.error_type)
        if taken is None:
            return
        shot = Screenshot(
            client_id=command.client_id,
            activity_id=command.activity_id,
            execution=command.execution,
            state=taken.state,
            page=taken.path,
            title=taken.title,
            image=taken.image,
        )
        try:
            evidence_id = await self._store.store(shot)
        except Exception as failure:
            if not is_transient(failure):
                raise
            _log.warning("evidence.not_stored", error=type(failure).__name__)
        else:
            _log.info("evidence.stored", evidence_id=evidence_id, state=taken.state)
