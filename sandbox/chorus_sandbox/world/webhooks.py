"""Calls of the provider about its accounts' statuses: once, twice, never, or late and reordered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import httpx

from chorus_sandbox.world.waiting import Waiting

ATTEMPTS = 6
CALLS = ("once", "twice", "never", "held")
_TIMES = {"once": 1, "twice": 2}
_FIRST_WAIT_S = 0.2
_TIMEOUT_S = 30.0
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Who is told, and by which headers they know us. `account_ids` None: of every account."""

    id: str
    url: str
    headers: Mapping[str, str]
    account_ids: frozenset[str] | None = None


@dataclass(slots=True)
class StatusCalls:
    """`calls`: how often a change is told of; `held` ones wait until somebody lets them go."""

    hooks: list[Webhook] = field(default_factory=list)
    calls: str = "once"
    held: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, waiting: Waiting, account_id: str, message: str) -> None:
        """An account's status is another one now."""
        if self.calls == "held":
            self.held.append((account_id, message))
            return
        told = [(account_id, message)] * _TIMES.get(self.calls, 0)
        waiting.run_behind(self._deliver(waiting, told))

    def let_go(self, waiting: Waiting, *, reverse: bool) -> int:
        """Make the calls that were held, the last first where `reverse`; how many there were."""
        told = list(reversed(self.held)) if reverse else list(self.held)
        self.held.clear()
        waiting.run_behind(self._deliver(waiting, told))
        return len(told)

    async def _deliver(self, waiting: Waiting, told: Iterable[tuple[str, str]]) -> None:
        """One after the other; each again and again, with growing waits, until it is taken."""
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
            for account_id, message in told:
                for hook in list(self.hooks):
                    if hook.account_ids is None or account_id in hook.account_ids:
                        await _call(client, waiting, hook, account_id, message)


async def _call(
    client: httpx.AsyncClient, waiting: Waiting, hook: Webhook, account_id: str, message: str
) -> None:
    said = {"account_id": account_id, "account_type": "LINKEDIN", "message": message}
    wait = _FIRST_WAIT_S
    for _ in range(ATTEMPTS):
        try:
            answer = await client.post(hook.url, json={"AccountStatus": said}, headers=hook.headers)
            if answer.status_code == _OK:
                return
        except httpx.HTTPError:
            pass
        await waiting.pause(wait)
        wait *= 2
