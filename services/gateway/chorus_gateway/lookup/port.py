"""What the gateway asks of the provider about posts."""

from typing import Protocol

from chorus.errors import ChorusError
from chorus.linkedin import PostAddress
from chorus_gateway.domain.post_identity import FoundPost


class AccountCannotLook(ChorusError):
    """The provider refuses this account: its person has to see to it. Ask another one."""


class AccountChallenged(AccountCannotLook):
    """The network asks for the account's person: the account is stopped, whoever met it."""


class PostLookup(Protocol):
    """One question, one call that reads; bounded in time."""

    async def resolve(self, address: PostAddress, account: str) -> FoundPost | None:
        """The post as the account sees it; None where the account sees no such post.

        `account` is the account's id at the provider. Raises AccountChallenged where only
        the account's person helps, AccountCannotLook where it is not one to ask, and
        DependencyUnavailable where nobody can say now.
        """
        ...
