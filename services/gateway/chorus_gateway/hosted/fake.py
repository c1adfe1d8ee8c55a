"""Hosted pages in memory."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from chorus.errors import DependencyUnavailable
from chorus_gateway.domain.account_links import Shown


@dataclass(slots=True, kw_only=True)
class Page:
    """A page that somebody asked for."""

    name: str
    platform: str
    expires_at: datetime
    reconnect: str | None
    back: str


@dataclass(slots=True)
class FakeHostedAccounts:
    """See `HostedAccounts`. A test signs people in with `signs_in`, and calls back by itself."""

    pages: dict[str, Page] = field(default_factory=dict)
    accounts: dict[str, Shown] = field(default_factory=dict)
    available: bool = True

    async def page(
        self, *, name: str, platform: str, expires_at: datetime, reconnect: str | None, back: str
    ) -> str:
        self._check()
        url = f"https://hosted.test/{len(self.pages) + 1}"
        self.pages[url] = Page(
            name=name, platform=platform, expires_at=expires_at, reconnect=reconnect, back=back
        )
        return url

    async def show(self, provider_account_id: str) -> Shown | None:
        self._check()
        return self.accounts.get(provider_account_id)

    async def forget(self, provider_account_id: str) -> None:
        self._check()
        self.accounts.pop(provider_account_id, None)

    def page_of(self, link: str) -> Page:
        """The page to which one of ours leads."""
        (found,) = [page for page in self.pages.values() if page.back == link]
        return found

    def signs_in(self, account_id: str, *, profile_id: str | None = None) -> None:
        """The provider has this account now, signed in as that person of the network."""
        self.accounts[account_id] = Shown(
            id=account_id,
            platform="linkedin",
            word="OK",
            name=f"Name of {account_id}",
            profile_id=profile_id or f"ACo{account_id}",
            public_identifier=None,
        )

    def breaks(self, account_id: str, word: str = "CREDENTIALS") -> None:
        """The account has to be signed in again, or whatever else that word says."""
        self.accounts[account_id] = replace(self.accounts[account_id], word=word)

    def _check(self) -> None:
        if not self.available:
            raise DependencyUnavailable("The provider is away.")
