"""Looking posts up where no provider is configured."""

from chorus.errors import DependencyUnavailable
from chorus.linkedin import PostAddress
from chorus_gateway.domain.post_identity import FoundPost


class NoPostLookup:
    """Nobody can say anything about a post."""

    async def resolve(self, address: PostAddress, account: str) -> FoundPost | None:
        del address, account
        raise DependencyUnavailable("No provider is configured: set CHORUS_UNIPILE_URL.")
