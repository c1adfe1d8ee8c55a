"""What the gateway asks of the provider about accounts."""

from datetime import datetime
from typing import Final, Protocol

from chorus.vocabulary import Platform
from chorus_gateway.domain.account_links import Shown

USUAL: Final = Platform.LINKEDIN
"""The network of a new account where nobody names one."""


class HostedAccounts(Protocol):
    """All raise DependencyUnavailable when no answer came that makes sense."""

    async def page(
        self, *, name: str, platform: str, expires_at: datetime, reconnect: str | None, back: str
    ) -> str:
        """The address of a page that is good once, until `expires_at`.

        The provider's callback brings `name` back. `reconnect` is the provider's id of an account
        that is to be signed in again; None: a new one. The person comes back to `<back>/done`, or
        to `<back>/failed`.
        """
        ...

    async def show(self, provider_account_id: str) -> Shown | None:
        """The account as it is at the provider now; None where there is none."""
        ...

    async def forget(self, provider_account_id: str) -> None:
        """The provider ends the sign-in and keeps nothing of it. One that is not there: done."""
        ...
