"""The sign-ins of people who left are ended at the provider too, again and again until they are."""

from typing import Final

import structlog

from chorus.errors import DependencyUnavailable
from chorus_gateway.hosted.port import HostedAccounts
from chorus_gateway.store import accounts
from chorus_gateway.store.accounts import Forgetting
from chorus_gateway.store.database import Database

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 20


class ProviderSignOuts:
    """May be asked any number of times, and at once by several."""

    def __init__(self, database: Database, hosted: HostedAccounts) -> None:
        self._database = database
        self._hosted = hosted

    async def sweep(self) -> None:
        """Raises psycopg.Error alone."""
        async with self._database.nobody() as conn:
            waiting = await accounts.to_forget(conn, limit=_AT_ONCE)
        for one in waiting:
            try:
                await self._forget(one)
            except DependencyUnavailable as error:
                _log.warning("account.sign_out_postponed", error=str(error))
                return

    async def _forget(self, one: Forgetting) -> None:
        """Its row is held meanwhile: who connects it again waits, and is not signed out."""
        async with self._database.tenant(one.client_id) as conn:
            if await accounts.lock_removed(conn, one.account_id):
                await self._hosted.forget(one.provider_account_id)
                await accounts.forgotten(conn, one.account_id)
