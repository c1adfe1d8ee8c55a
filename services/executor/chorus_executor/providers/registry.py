"""Who does what on which platform. What nobody does is refused before anything is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chorus.errors import PermanentProviderError
from chorus.vocabulary import ErrorType, Platform
from chorus_executor.providers.port import (
    EngagementProvider,
    PublishingProvider,
    ReadingProvider,
)


class NotProvidedError(PermanentProviderError):
    """No provider of this executor can do it on that platform. No call was made."""

    def __init__(self, what: str, platform: Platform) -> None:
        super().__init__(
            f"This executor has no provider for {what} on {platform}.",
            error_type=ErrorType.API_ERROR,
            code="not_provided",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What is provided on one platform; None: nobody does it."""

    engagement: EngagementProvider | None = None
    publishing: PublishingProvider | None = None
    reading: ReadingProvider | None = None


_NOTHING: Final = Ports()


class Registry:
    """Each method answers the port of the account's platform, or raises NotProvidedError."""

    def __init__(self, ports: Mapping[Platform, Ports]) -> None:
        self._ports = dict(ports)

    def engagement(self, platform: Platform) -> EngagementProvider:
        found = self._of(platform).engagement
        if found is None:
            raise NotProvidedError("likes, comments and reposts", platform)
        return found

    def publishing(self, platform: Platform) -> PublishingProvider:
        found = self._of(platform).publishing
        if found is None:
            raise NotProvidedError("publishing", platform)
        return found

    def reading(self, platform: Platform) -> ReadingProvider:
        found = self._of(platform).reading
        if found is None:
            raise NotProvidedError("reading", platform)
        return found

    def _of(self, platform: Platform) -> Ports:
        return self._ports.get(platform, _NOTHING)
