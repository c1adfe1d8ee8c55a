"""A network with accounts and a post, real (the sandbox over HTTP) or fake, seen alike."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol

from pydantic import SecretStr

from chorus_executor.providers.fake import FakeSocialProvider
from chorus_executor.providers.port import SocialProvider
from chorus_executor.providers.unipile.provider import UnipileProvider
from chorus_executor.providers.unipile.transport import Endpoint
from chorus_sandbox.app import UNIPILE_KEY
from chorus_sandbox.server import SandboxServer

OURS, THEIRS = "account-ours", "account-theirs"


class Network(Protocol):
    """`post` is the social_id of somebody's post, `url` its address."""

    post: str
    url: str

    @property
    def provider(self) -> SocialProvider:
        """What is tested."""

    def add_post(self) -> str:
        """Another post; its social_id."""

    def disconnect(self, account: str) -> None:
        """The account needs its person."""


class FakeNetwork:
    def __init__(self) -> None:
        self.provider = FakeSocialProvider()
        self.provider.accounts = {OURS, THEIRS}
        self.post = self.add_post()
        self.url = self.provider.posts[self.post].url

    def add_post(self) -> str:
        return self.provider.add_post("somebody", "A post.").social_id

    def disconnect(self, account: str) -> None:
        self.provider.accounts.discard(account)


class UnipileNetwork:
    def __init__(self, server: SandboxServer) -> None:
        self._server = server
        state = server.sandbox.state
        for account in (OURS, THEIRS):
            state.add_account(
                person=state.add_person(name=account),
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


def soon(seconds: float = 5.0) -> float:
    """A deadline."""
    return asyncio.get_running_loop().time() + seconds


def now() -> datetime:
    return datetime.now(UTC)
