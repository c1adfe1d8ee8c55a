"""Looking posts up in memory, for tests."""

from dataclasses import dataclass, field

from chorus.errors import DependencyUnavailable
from chorus.linkedin import PostAddress
from chorus_gateway.domain.post_identity import FoundPost
from chorus_gateway.lookup.port import AccountCannotLook, AccountChallenged


@dataclass(slots=True)
class FakePostLookup:
    """See `PostLookup`. Knows the posts it was told of; unless `strict`, every other address is a
    post too, by somebody unknown.
    """

    posts: dict[str, FoundPost] = field(default_factory=dict)
    """By reference: several may lead to one."""
    refused: set[str] = field(default_factory=set)
    """Accounts that the provider does not let look."""
    challenged: set[str] = field(default_factory=set)
    """Accounts whose person the network asks for."""
    blind: set[str] = field(default_factory=set)
    """Accounts to which nothing is shown."""
    strict: bool = False
    available: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Reference and account of every question."""

    async def resolve(self, address: PostAddress, account: str) -> FoundPost | None:
        self.asked.append((address.reference, account))
        if not self.available:
            raise DependencyUnavailable("The provider is away.")
        if account in self.challenged:
            raise AccountChallenged("The provider asks for the account's person.")
        if account in self.refused:
            raise AccountCannotLook("The account has to be signed in again.")
        if account in self.blind:
            return None
        known = self.posts.get(address.reference)
        if known is not None or self.strict:
            return known
        return FoundPost(social_id=address.reference, url=address.url, published_at=address.made_at)
