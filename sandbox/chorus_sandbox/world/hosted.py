"""Pages on which people connect accounts, as the provider hosts them; and its callbacks."""

from dataclasses import dataclass, field

import httpx

from chorus_sandbox.world.people import Account, Person
from chorus_sandbox.world.state import State
from chorus_sandbox.world.waiting import Waiting

ATTEMPTS = 6
_FIRST_WAIT_S = 0.2
_TIMEOUT_S = 30.0
_OK = 200
CALLBACKS = ("once", "twice", "never")


@dataclass(slots=True, kw_only=True)
class HostedPage:
    """A page that somebody asked for. `reconnect` is the account that it is for, if any."""

    token: str
    expires_ms: int
    name: str | None = None
    notify_url: str | None = None
    success_url: str | None = None
    failure_url: str | None = None
    reconnect: str | None = None
    used: bool = False


@dataclass(slots=True)
class HostedPages:
    """`callbacks`: how often a used page is told of."""

    pages: dict[str, HostedPage] = field(default_factory=dict)
    callbacks: str = "once"

    def add(self, page: HostedPage) -> None:
        self.pages[page.token] = page


def sign_in(state: State, page: HostedPage, person: Person, *, now_ms: int) -> Account | None:
    """The account that the provider has now; None: it is not the one that the page is for."""
    account = next((one for one in state.accounts.values() if one.person is person), None)
    if page.reconnect is not None and (account is None or account.id != page.reconnect):
        return None
    if account is None:
        account = state.add_account(
            person=person, created_ms=now_ms, account_id=person.future_account_id
        )
    account.status = "OK"
    page.used = True
    return account


async def call_back(
    waiting: Waiting, page: HostedPage, status: str, account_id: str | None, times: int
) -> None:
    """Tell of a page: again and again, with growing waits, until it is taken."""
    if page.notify_url is None:
        return
    body = {"status": status, "account_id": account_id, "name": page.name}
    async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
        for _ in range(times):
            await _deliver(client, waiting, page.notify_url, body)


async def _deliver(
    client: httpx.AsyncClient, waiting: Waiting, url: str, body: dict[str, str | None]
) -> None:
    wait = _FIRST_WAIT_S
    for _ in range(ATTEMPTS):
        try:
            if (await client.post(url, json=body)).status_code == _OK:
                return
        except httpx.HTTPError:
            pass
        await waiting.pause(wait)
        wait *= 2
