"""A network in memory, beside the port. It passes the contract suite of the real adapters."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chorus.errors import (
    ChallengeError,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.execution.port import ABSENT, Done, Found, Sighting, Traces
from chorus.vocabulary import ErrorType
from chorus_executor.domain.texts import is_one_of
from chorus_executor.providers.port import PostInfo


@dataclass(slots=True, kw_only=True)
class FakePost:
    social_id: str
    author: str
    text: str = ""
    repost_of: str | None = None
    reactions: dict[str, str] = field(default_factory=dict)
    comments: list[tuple[str, str, datetime]] = field(default_factory=list)
    written_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def url(self) -> str:
        return f"https://www.linkedin.com/feed/update/{self.social_id}/"


class FakeSocialProvider:
    """`writes` counts every accepted write. `refuse` is asked before each call, by its name."""

    def __init__(self) -> None:
        self.posts: dict[str, FakePost] = {}
        self.accounts: set[str] = set()
        self.writes: list[tuple[str, str, str]] = []
        self.refuse: Callable[[str], ProviderError | None] = lambda _name: None

    def add_post(self, author: str, text: str = "", repost_of: str | None = None) -> FakePost:
        number = 7_000_000_000_000_000_000 + len(self.posts)
        post = FakePost(
            social_id=f"urn:li:activity:{number}", author=author, text=text, repost_of=repost_of
        )
        self.posts[post.social_id] = post
        return post

    async def aclose(self) -> None:
        """Nothing is open."""

    async def resolve(self, reference: str, *, account: str, deadline: float) -> PostInfo:
        self._enter("resolve", account, deadline)
        post = self._post(reference.rstrip("/").rpartition("/")[2])
        return PostInfo(social_id=post.social_id, url=post.url, reacted=account in post.reactions)

    async def react(self, post: str, reaction: str, *, account: str, deadline: float) -> Done:
        self._enter("react", account, deadline)
        self._post(post).reactions[account] = reaction
        return self._written("react", account, post)

    async def comment(self, post: str, text: str, *, account: str, deadline: float) -> Done:
        self._enter("comment", account, deadline)
        self._post(post).comments.append((account, text, datetime.now(UTC)))
        return self._written("comment", account, post)

    async def repost(self, post: str, text: str, *, account: str, deadline: float) -> Done:
        self._enter("repost", account, deadline)
        self.add_post(account, text, repost_of=self._post(post).social_id)
        return self._written("repost", account, post)

    async def publish(self, text: str, *, account: str, deadline: float) -> Done:
        self._enter("publish", account, deadline)
        post = self.add_post(account, text)
        self._written("publish", account, post.social_id)
        return Done(id=post.social_id, answer="{}")

    async def find_reaction(self, post: str, *, account: str, deadline: float) -> Sighting:
        self._enter("find_reaction", account, deadline)
        return Found() if account in self._post(post).reactions else ABSENT

    async def find_comment(
        self, post: str, traces: Traces, *, account: str, deadline: float
    ) -> Sighting:
        self._enter("find_comment", account, deadline)
        for number, (author, text, at) in enumerate(self._post(post).comments):
            if author == account and at >= traces.since and is_one_of(text, traces.texts):
                return Found(id=f"{post}/{number}")
        return ABSENT

    async def find_repost(
        self, post: str, traces: Traces, *, account: str, deadline: float
    ) -> Sighting:
        self._enter("find_repost", account, deadline)
        original = self._post(post).social_id
        return self._own(account, traces, lambda own: own.repost_of == original)

    async def find_post(self, traces: Traces, *, account: str, deadline: float) -> Sighting:
        self._enter("find_post", account, deadline)
        return self._own(
            account,
            traces,
            lambda own: own.repost_of is None and is_one_of(own.text, traces.texts),
        )

    def _own(self, account: str, traces: Traces, is_it: Callable[[FakePost], bool]) -> Sighting:
        for post in self.posts.values():
            if post.author == account and post.written_at >= traces.since and is_it(post):
                return Found(id=post.social_id, url=post.url)
        return ABSENT

    def _enter(self, name: str, account: str, deadline: float) -> None:
        error = self.refuse(name)
        if error is not None:
            raise error
        if deadline <= asyncio.get_running_loop().time():
            raise TransientProviderError("No time is left.", error_type=ErrorType.NETWORK_ERROR)
        if account not in self.accounts:
            raise ChallengeError("The account is not connected.", error_type=ErrorType.AUTH_ERROR)

    def _post(self, social_id: str) -> FakePost:
        post = self.posts.get(social_id)
        if post is None:
            raise PermanentProviderError(
                "There is no such post.", error_type=ErrorType.POST_NOT_FOUND
            )
        return post

    def _written(self, name: str, account: str, post: str) -> Done:
        self.writes.append((name, account, post))
        return Done(answer="{}")
