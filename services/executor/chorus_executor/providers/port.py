"""What the executor asks of a network, whoever provides it: three ports, for not every provider can
do everything. `registry.py` says who does what on which platform.

Errors of every method are ProviderErrors. A write raises IndeterminateWrite when it may have taken
effect, and any other ProviderError only when it did not. `deadline` is an instant of the event
loop's clock (`loop.time()`): a call that is not answered by then has failed.
`account` is the account's id at the provider, `post` the post's `social_id`.

What is looked for is told by account and post: what the account has on the post and is not one of
`marks.claimed` is ours, or it cannot be told (an error); whether there was anything already was
looked at before each call. An own post is ours when it was not there before (`marks.stood`). No
clock of ours says so. Texts help to choose among several.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chorus.errors import TransientProviderError
from chorus.vocabulary import ErrorType
from chorus_execution.port import Done, EffectMarks, Permit, Sighting


class CannotTell(TransientProviderError):
    """Something is there, or may be, and nothing says whose it is."""

    def __init__(self, why: str) -> None:
        super().__init__(why, error_type=ErrorType.API_ERROR, code="cannot_tell")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostInfo:
    """A post as an account sees it. `social_id` is the one id form that actions take.

    reacted: the account has a reaction on it. author_id: the author's id at the network.
    """

    social_id: str
    url: str | None
    reacted: bool = False
    author_id: str | None = None
    published_at: datetime | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPost:
    """A post that an account itself wrote. `names`: every id and address that the network shows.
    `text`: what it says, None where that is not shown.
    """

    social_id: str
    url: str | None
    author_id: str
    published_at: datetime
    names: frozenset[str]
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """What the provider says of an account's sign-in. `word`: OK, or its word against it; DELETED
    where it has no such account. `profile_id`: whom of the network it is signed in as.
    """

    word: str
    profile_id: str | None = None


class ReadingProvider(Protocol):
    """What is looked at again and again. Nothing here changes anything in the world."""

    async def posts_of(
        self, *, account: str, since: datetime, deadline: float
    ) -> tuple[OwnPost, ...]:
        """What the account itself wrote since then, newest first: no reposts, and nothing that the
        network names somebody else as the author of. An error where it cannot be told.
        """

    async def state_of(self, *, account: str, deadline: float) -> AccountState:
        """The provider's own record of the account: the network is not asked. A lost sign-in is an
        answer here, and no error.
        """


class PostsProvider(Protocol):
    """How posts are named, for whoever acts on them and whoever makes them."""

    async def resolve(self, reference: str, *, account: str, deadline: float) -> PostInfo:
        """The post behind a URL, an URN or an id of any form."""

    def address_of(self, post: str) -> str | None:
        """The address that an id alone gives; None where it gives none. Nobody is asked."""


class EngagementProvider(PostsProvider, Protocol):
    """What is done to somebody's post, and how it is found again."""

    async def react(
        self, post: str, reaction: str, *, account: str, deadline: float, permit: Permit
    ) -> Done: ...

    async def comment(
        self, post: str, text: str, *, account: str, deadline: float, permit: Permit
    ) -> Done: ...

    async def repost(
        self, post: str, text: str, *, account: str, deadline: float, permit: Permit
    ) -> Done:
        """Republish; an empty text is an instant repost, without a word of one's own."""

    async def own_comments(self, post: str, *, account: str, deadline: float) -> frozenset[str]:
        """The names of the account's comments on the post, of whatever time."""

    async def find_reaction(self, post: str, *, account: str, deadline: float) -> Sighting:
        """Any reaction of the account on the post: LinkedIn keeps one a person."""

    async def find_comment(
        self, post: str, marks: EffectMarks, *, account: str, deadline: float
    ) -> Sighting: ...

    async def find_repost(
        self, post: str, marks: EffectMarks, *, account: str, deadline: float
    ) -> Sighting: ...


class PublishingProvider(PostsProvider, Protocol):
    """How an account's own post is made, and how it is found again."""

    async def publish(
        self, text: str, *, account: str, deadline: float, permit: Permit
    ) -> Done: ...

    async def own_posts(self, *, account: str, deadline: float) -> tuple[frozenset[str], ...]:
        """The account's newest posts, newest first, each by all its names."""

    async def find_post(self, marks: EffectMarks, *, account: str, deadline: float) -> Sighting: ...
