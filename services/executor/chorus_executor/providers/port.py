"""What the executor asks of a network, whoever provides it.

Errors of every method are ProviderErrors. A write raises IndeterminateWrite when it may have taken
effect, and any other ProviderError only when it did not. `deadline` is an instant of the event
loop's clock (`loop.time()`): a call that is not answered by then has failed.
`account` is the account's id at the provider, `post` the post's `social_id`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from chorus.errors import PermanentProviderError
from chorus.vocabulary import ErrorType


@dataclass(frozen=True, slots=True, kw_only=True)
class PostInfo:
    """A post as an account sees it. `social_id` is the one id form that actions take."""

    social_id: str
    url: str | None
    reacted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A write that was accepted. `id` is what came to be, where the provider tells it."""

    id: str | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An effect of ours that stands there."""

    id: str | None = None
    url: str | None = None


class Absent:
    """Certain as far as one look goes: the provider showed all it has, and nothing of ours."""


ABSENT: Final = Absent()
Sighting = Found | Absent


class AlreadyDoneError(PermanentProviderError):
    """The provider says that the account has done this already: look whether that is so."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message, error_type=ErrorType.API_ERROR, code=code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """How to tell an effect of ours: one of these texts (spaces apart), not older than `since`."""

    texts: tuple[str, ...]
    since: datetime


class SocialProvider(Protocol):
    async def resolve(self, reference: str, *, account: str, deadline: float) -> PostInfo:
        """The post behind a URL, an URN or an id of any form."""

    async def react(self, post: str, reaction: str, *, account: str, deadline: float) -> Done: ...

    async def comment(self, post: str, text: str, *, account: str, deadline: float) -> Done: ...

    async def repost(self, post: str, *, account: str, deadline: float) -> Done:
        """Republish without a word of one's own."""

    async def publish(self, text: str, *, account: str, deadline: float) -> Done: ...

    async def find_reaction(self, post: str, *, account: str, deadline: float) -> Sighting:
        """Any reaction of the account on the post: LinkedIn keeps one a person."""

    async def find_comment(
        self, post: str, traces: Traces, *, account: str, deadline: float
    ) -> Sighting: ...

    async def find_repost(
        self, post: str, traces: Traces, *, account: str, deadline: float
    ) -> Sighting: ...

    async def find_post(self, traces: Traces, *, account: str, deadline: float) -> Sighting: ...

    async def aclose(self) -> None: ...
