"""Where sessions come from, whoever keeps them."""

from typing import Protocol

from chorus_browser_repost.sessions.session import Session


class SessionSource(Protocol):
    async def fetch(self, provider_account_id: str) -> Session:
        """The account's session as it is now; never one that was kept from before.

        Raises ProviderErrors. ChallengeError `no_session`: the account's owner must connect it
        again. Nothing that it raises holds a part of a session.
        """

    async def aclose(self) -> None: ...
