"""The fake beside `SessionSource`."""

from chorus.clock import Clock
from chorus.errors import ProviderError, TransientProviderError
from chorus.vocabulary import ErrorType
from chorus_browser_repost.sessions.session import Cookie, Session, no_session

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36"


class FakeSessionSource:
    """Has a session for each account in `accounts`. `failure` is raised in place of any answer."""

    def __init__(self, clock: Clock, *, domain: str = ".linkedin.com") -> None:
        self._clock = clock
        self._domain = domain
        self.accounts: dict[str, list[Cookie]] = {}
        self.available = True
        self.failure: ProviderError | None = None
        self.fetched: list[str] = []

    def add(self, account: str) -> None:
        self.accounts[account] = [
            self._cookie("li_at", f"fake-sign-in-of-{account}"),
            self._cookie("JSESSIONID", f"ajax:fake-{account}"),
        ]

    async def fetch(self, provider_account_id: str) -> Session:
        """See `SessionSource.fetch`."""
        self.fetched.append(provider_account_id)
        if self.failure is not None:
            raise self.failure
        if not self.available:
            raise TransientProviderError(
                "The session endpoint could not be reached.",
                error_type=ErrorType.NETWORK_ERROR,
                code="session_endpoint_away",
            )
        cookies = self.accounts.get(provider_account_id)
        if cookies is None:
            raise no_session("No session is held for this account.")
        return Session(cookies=cookies, user_agent=USER_AGENT, now=self._clock.now())

    async def aclose(self) -> None:
        """See `SessionSource.aclose`."""

    def _cookie(self, name: str, value: str) -> Cookie:
        return Cookie(name=name, value=value, domain=self._domain)
