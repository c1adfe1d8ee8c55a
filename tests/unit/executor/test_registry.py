"""Who does what on which platform, and what is said where nobody does it."""

import pytest

from chorus.errors import ProviderError
from chorus.vocabulary import Platform
from chorus_executor.providers.fake import FakeProvider
from chorus_executor.providers.registry import NotProvidedError, Ports, Registry

ASKED = ("engagement", "publishing", "reading")


def test_a_provider_is_asked_for_by_platform() -> None:
    """P1: two networks may have two providers."""
    here, there = FakeProvider(), FakeProvider()
    registry = Registry(
        {
            Platform.LINKEDIN: Ports(engagement=here, publishing=here, reading=here),
            Platform.TIKTOK: Ports(publishing=there),
        }
    )
    assert registry.engagement(Platform.LINKEDIN) is here
    assert registry.publishing(Platform.LINKEDIN) is here
    assert registry.reading(Platform.LINKEDIN) is here
    assert registry.publishing(Platform.TIKTOK) is there


@pytest.mark.parametrize("port", ASKED)
@pytest.mark.parametrize("ports", [{}, {Platform.TIKTOK: Ports()}], ids=["unknown", "idle"])
def test_what_nobody_does_is_refused_by_name(port: str, ports: dict[Platform, Ports]) -> None:
    """E4, E6: for good, with the platform in the sentence; no attribute is missed."""
    with pytest.raises(NotProvidedError, match="on tiktok") as caught:
        getattr(Registry(ports), port)(Platform.TIKTOK)
    error: ProviderError = caught.value
    assert (error.code, error.retryable) == ("not_provided", False)
