"""A world with a member, a post of somebody's, and the member's browser in front of it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from playwright.async_api import Page

from chorus.clock import SystemClock
from chorus_browser_repost.domain.own_reposts import Sought
from chorus_browser_repost.pages import Confirmation, PostPage, Seen, Site, find_own_repost
from chorus_browser_repost.pool.context import EphemeralContext
from chorus_sandbox.server import SandboxServer
from chorus_sandbox.world.faults import Fault, FaultKind
from chorus_sandbox.world.matching import Match
from chorus_sandbox.world.people import Account, Post
from chorus_sandbox.world.truth import Effect

FrontEnd = Literal["artdeco", "hashed"]
FRONT_ENDS: tuple[FrontEnd, ...] = ("artdeco", "hashed")
MEMBER = "account-member"


class Harness:
    """The member's session is in the context. `impatient` is for what never comes."""

    def __init__(self, server: SandboxServer, visit: EphemeralContext) -> None:
        self.server = server
        self.visit = visit
        self.site = Site(base_url=server.linkedin_url, settling=0.3)
        state = server.sandbox.state
        self.member: Account = state.accounts[MEMBER]
        self.author = state.add_person(name="Mia Berg")
        self.post = self.add_post()

    @property
    def page(self) -> Page:
        """The one that is open now."""
        return self.visit.page

    def be_impatient(self) -> None:
        self.site = replace(self.site, patience=1.5, answer=1.5)

    def add_post(self, text: str = "How we ship.", **values: Any) -> Post:
        sandbox = self.server.sandbox
        return sandbox.state.add_post(
            author=self.author, text=text, created_ms=sandbox.now_ms(), **values
        )

    def fault(self, kind: FaultKind, route: str | None = None, **values: Any) -> None:
        when = values.pop("when", "after" if kind.endswith("_after") else "before")
        match = Match(route=route)
        faults = self.server.sandbox.faults
        faults.add(Fault(id=faults.next_id(), kind=kind, match=match, when=when, **values))

    @property
    def reposts(self) -> list[Effect]:
        """What the member's reposts really did, by the sandbox's truth."""
        effects = self.server.sandbox.truth.effects
        return [each for each in effects if each.kind == "repost" and each.account_id == MEMBER]

    @property
    def writes(self) -> int:
        """How often the member's browser asked the site to repost."""
        counts = self.server.sandbox.website.accounts.get(MEMBER)
        return 0 if counts is None else counts["writes"]

    async def open(self, url: str | None = None, *known: str, seconds: float = 30) -> PostPage:
        return await PostPage.open(
            self.visit,
            url or self.post.share_url,
            *known,
            site=self.site,
            deadline=soon(seconds),
        )

    async def repost(self, text: str | None = None, *, seconds: float = 30) -> Confirmation:
        post = await self.open(seconds=seconds)
        return await post.repost(text, now=now(), permit=permitted)

    async def find_own_repost(
        self,
        text: str | None = None,
        *,
        since: datetime | None = None,
        url: str | None = None,
        claimed: frozenset[str] = frozenset(),
    ) -> Seen | None:
        return await find_own_repost(
            self.visit,
            url or self.post.share_url,
            sought=Sought(
                originals=frozenset(),
                since=since or datetime(2020, 1, 1, tzinfo=UTC),
                texts=(text or "",),
                claimed=claimed,
            ),
            site=self.site,
            deadline=soon(30),
        )


async def permitted() -> None:
    """Nothing stands against it."""


def soon(seconds: float) -> float:
    """A deadline."""
    return asyncio.get_running_loop().time() + seconds


def now() -> datetime:
    return SystemClock().now()
