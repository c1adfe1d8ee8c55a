"""The reader of `status_of_account`: whether an account's sign-in is still there."""

from chorus.clock import Clock
from chorus.events import SeenAccount
from chorus.vocabulary import Platform
from chorus_executor.domain.watch_orders import Order
from chorus_executor.providers.registry import Registry


class AccountStatusReader:
    """One call a check, to the provider's own record."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def read(self, order: Order, platform: Platform, deadline: float) -> SeenAccount:
        """Raises ProviderError. The order names an account at a provider."""
        provider = self._registry.reading(platform)
        asked_at = self._clock.now()
        account = order.provider_account_id or ""
        state = await provider.state_of(account=account, deadline=deadline)
        return SeenAccount(word=state.word, profile_id=state.profile_id, asked_at=asked_at)
