"""Where no provider is configured."""

from datetime import datetime

from chorus.errors import DependencyUnavailable
from chorus_gateway.domain.account_links import Shown


class NoHostedAccounts:
    """See `HostedAccounts`: whoever asks is told what is missing."""

    async def page(
        self, *, name: str, platform: str, expires_at: datetime, reconnect: str | None, back: str
    ) -> str:
        del name, platform, expires_at, reconnect, back
        raise DependencyUnavailable("No provider is configured: set CHORUS_UNIPILE_URL.")

    async def show(self, provider_account_id: str) -> Shown | None:
        del provider_account_id
        raise DependencyUnavailable("No provider is configured: set CHORUS_UNIPILE_URL.")

    async def forget(self, provider_account_id: str) -> None:
        del provider_account_id
        raise DependencyUnavailable("No provider is configured: set CHORUS_UNIPILE_URL.")
