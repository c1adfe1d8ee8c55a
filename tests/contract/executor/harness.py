"""A network with accounts and a post, real (the sandbox over HTTP) or fake, seen alike."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol

from pydantic import SecretStr

from chorus_execution.port import Permit
from chorus_executor.providers.fake import FakeProvider
from chorus_executor.providers.port import (
    EngagementProvider,
    PublishingProvider,
    ReadingProvider,
)
from chorus_executor.providers.unipile.provider import UnipileProvider
from chorus_executor.providers.unipile.transport import Endpoint
from chorus_sandbox.app import UNIPILE_KEY
from chorus_sandbox.server import SandboxServer
from chorus_sandbox.world.behaviour import Behaviour
from chorus_sandbox.world.rewriting import as_shown

OURS, THEIRS = "account-ours", "account-theirs"
NAMES = {"ada-byron": "Ada Byron", "b-stone-77": "Bob Stone"}


class Provider(EngagementProvider, PublishingProvider, ReadingProvider, Protocol):
    """All three ports."""


class Network(Protocol):
    """`post` is the social_id of somebody's post, `url` its address."""

    post: str
    url: str

    @property
    def provider(self) -> Provider:
        """What is tested."""

    def add_post(self) -> str:
        """Another post; its social_id."""

    def disconnect(self, account: str) -> None:
        """The account needs its person."""

    def forget(self, account: str) -> None:
        """The provider has the account no more."""

    def rewrite(self) -> None:
        """From now on texts come back changed."""

    def show_three_ids(self) -> None:
        """From now on a post is named by another of its numbers each time."""

    def fall_behind(self) -> None:
        """From now on lists lack what is new."""

    def catch_up(self) -> None:
        """Lists show everything."""

    def be_late(self) -> None:
        """From now on what is accepted takes effect only with `land`."""

    def land(self) -> None: ...

    def date_by_age(self) -> None:
        """From now on dates are shown as ages."""

    def comment_by_hand(self, text: str, *, ago: float = 0.0) -> None:
        """Of our account on `post`, and so the other two."""

    def post_by_hand(self, text: str, *, ago: float = 0.0) -> None: ...

    def repost_by_hand(self, text: str = "", *, ago: float = 0.0) -> None: ...


class FakeNetwork:
    def __init__(self) -> None:
        self.provider = FakeProvider()
        self.provider.accounts = {OURS, THEIRS}
        self.post = self.add_post()
        self.url = self.provider.posts[self.post].url

    def add_post(self) -> str:
        return self.provider.add_post("somebody", "A post.").social_id

    def disconnect(self, account: str) -> None:
        self.provider.accounts.discard(account)

    def forget(self, account: str) -> None:
        self.provider.words[account] = "DELETED"

    def rewrite(self) -> None:
        self.provider.shows = lambda text: as_shown(text, name_of=NAMES.get)

    def show_three_ids(self) -> None:
        self.provider.three_ids = True

    def fall_behind(self) -> None:
        self.provider.behind = timedelta(hours=1)

    def catch_up(self) -> None:
        self.provider.behind = timedelta(0)

    def be_late(self) -> None:
        self.provider.late = True

    def land(self) -> None:
        self.provider.late = False
        self.provider.land()

    def date_by_age(self) -> None:
        """It compares instants."""

    def comment_by_hand(self, text: str, *, ago: float = 0.0) -> None:
        self.provider.add_comment(OURS, self.post, text, now() - timedelta(seconds=ago))

    def post_by_hand(self, text: str, *, ago: float = 0.0) -> None:
        self.provider.add_post(OURS, text, at=now() - timedelta(seconds=ago))

    def repost_by_hand(self, text: str = "", *, ago: float = 0.0) -> None:
        self.provider.add_post(OURS, text, self.post, at=now() - timedelta(seconds=ago))


class UnipileNetwork:
    def __init__(self, server: SandboxServer) -> None:
        self._server = server
        state = server.sandbox.state
        people = iter(NAMES.items())
        for account in (OURS, THEIRS):
            slug, name = next(people)
            state.add_account(
                person=state.add_person(name=name, public_identifier=slug),
                created_ms=server.sandbox.now_ms(),
                account_id=account,
            )
        self._author = state.add_person(name="Somebody")
        self.post = self.add_post()
        self.url = state.posts_by_social_id[self.post].share_url
        self.provider = UnipileProvider(
            Endpoint(base_url=server.unipile_url, api_key=SecretStr(UNIPILE_KEY))
        )

    def add_post(self) -> str:
        sandbox = self._server.sandbox
        return sandbox.state.add_post(
            author=self._author, text="A post.", created_ms=sandbox.now_ms()
        ).social_id

    def disconnect(self, account: str) -> None:
        self._server.sandbox.state.accounts[account].status = "CREDENTIALS"

    def forget(self, account: str) -> None:
        del self._server.sandbox.state.accounts[account]

    def rewrite(self) -> None:
        self._behaviour.rewrites_texts = True

    def show_three_ids(self) -> None:
        self._behaviour.three_ids = True

    def fall_behind(self) -> None:
        self._behaviour.behind_ms = 3_600_000

    def catch_up(self) -> None:
        self._behaviour.behind_ms = 0

    def be_late(self) -> None:
        self._behaviour.late_answered, self._behaviour.late_ms = True, 3_600_000

    def land(self) -> None:
        self._behaviour.late_ms = 0
        for post in self._server.sandbox.state.posts:
            post.written = None
            for comment in post.comments:
                comment.written = None
            for reaction in post.reactions:
                reaction.written = None

    def date_by_age(self) -> None:
        self._behaviour.relative_dates = True

    def comment_by_hand(self, text: str, *, ago: float = 0.0) -> None:
        state = self._server.sandbox.state
        post, author = state.posts_by_social_id[self.post], state.accounts[OURS].person
        state.add_comment(author=author, post=post, text=text, created_ms=self._ms(ago))

    def post_by_hand(self, text: str, *, ago: float = 0.0) -> None:
        state = self._server.sandbox.state
        state.add_post(author=state.accounts[OURS].person, text=text, created_ms=self._ms(ago))

    def repost_by_hand(self, text: str = "", *, ago: float = 0.0) -> None:
        state = self._server.sandbox.state
        original, author = state.posts_by_social_id[self.post], state.accounts[OURS].person
        state.add_post(author=author, text=text, created_ms=self._ms(ago), original=original)

    @property
    def _behaviour(self) -> Behaviour:
        return self._server.sandbox.behaviour

    def _ms(self, ago: float) -> int:
        return self._server.sandbox.now_ms() - int(ago * 1000)


def soon(seconds: float = 5.0) -> float:
    """A deadline."""
    return asyncio.get_running_loop().time() + seconds


async def _free() -> None:
    """Nothing stands against it."""


FREE: Permit = _free


def now() -> datetime:
    return datetime.now(UTC)
