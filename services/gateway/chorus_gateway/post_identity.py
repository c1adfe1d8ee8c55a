"""Which post of the network a registered address is: asked of the provider, then told to others."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog

from chorus.clock import Clock
from chorus.errors import DependencyUnavailable
from chorus.linkedin import parse_post
from chorus.postgres.pool import Connection
from chorus_gateway.challenges import Challenges
from chorus_gateway.domain.post_identity import (
    NEVER_SAID,
    NO_SUCH_POST,
    SAME_POST,
    FoundPost,
    Refused,
    Registered,
    ask_again_at,
    identify,
)
from chorus_gateway.lookup.port import AccountCannotLook, AccountChallenged, PostLookup
from chorus_gateway.post_events import announce
from chorus_gateway.store import audit, lookups, posts
from chorus_gateway.store.database import Database
from chorus_gateway.store.lookups import Asker
from chorus_gateway.store.posts import Post

_log = structlog.get_logger(__name__)
FIRST_LOOK: Final = timedelta(seconds=10)
"""After its registration a post is looked up at once; the loop looks when that came to nothing."""
_ASKED: Final = 2
"""Accounts that must not see a post before it counts as not there."""
_TRIED: Final = 4
"""Accounts that are tried in one round, with those that may not look."""
_NOBODY: Final = "No account of the team can look the post up now: connect one, or wait."
_AWAY: Final = "The provider does not answer now. The post is looked up again."
_LEASE: Final = timedelta(seconds=60)
_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A post after a round. `code` is a refusal's."""

    post: Post
    code: str | None = None


class PostIdentity:
    """A round asks a few accounts, each once, and settles what the post is; any may be repeated."""

    def __init__(
        self,
        database: Database,
        lookup: PostLookup,
        challenges: Challenges,
        clock: Clock,
        *,
        at_once_within: float = 5.0,
    ) -> None:
        self._database = database
        self._lookup = lookup
        self._challenges = challenges
        self._clock = clock
        self._at_once_within = at_once_within

    async def at_once(self, client_id: UUID, post_id: UUID) -> Settled | None:
        """A round within a few seconds; None: the loop goes on with it."""
        try:
            async with asyncio.timeout(self._at_once_within):
                return await self.resolve(client_id, post_id)
        except TimeoutError:
            return None

    async def resolve(self, client_id: UUID, post_id: UUID) -> Settled | None:
        """One round. None: it still waits, or waits no more. Raises psycopg.Error alone."""
        tried: list[UUID] = []
        unseen = 0
        while len(tried) < _TRIED:
            post, asker = await self._next(client_id, post_id, tried)
            if post is None:
                return None
            if asker is None:
                break
            tried.append(asker.id)
            try:
                found = await self._lookup.resolve(parse_post(post.reference or ""), _at(asker))
            except AccountChallenged as error:
                await self._challenges.met(client_id, asker.id, str(error))
                continue
            except AccountCannotLook as error:
                _log.warning("post.lookup_refused", account_id=str(asker.id), why=str(error))
                async with self._database.tenant(client_id) as conn:
                    await lookups.exhaust(conn, asker.id)
                continue
            except DependencyUnavailable as error:
                _log.warning("post.lookup_postponed", post_id=str(post_id), why=str(error))
                return await self._put_off(client_id, post_id, _AWAY)
            if found is not None:
                return await self._settle(client_id, post_id, found)
            unseen += 1
            if unseen == _ASKED:
                break
        if unseen:
            return await self._settle(client_id, post_id, None)
        return await self._put_off(client_id, post_id, _NOBODY)

    async def sweep(self) -> None:
        """Tell what is untold, then a round for every post whose time has come."""
        await self._challenges.tell()
        now = self._clock.now()
        async with self._database.nobody() as conn:
            waiting = await posts.claim_resolving(conn, now=now, until=now + _LEASE, limit=_AT_ONCE)
        for post in waiting:
            try:
                await self.resolve(post.client_id, post.post_id)
            except Exception:  # noqa: BLE001 - the others must not wait behind one
                _log.exception("post.lookup_failed", post_id=str(post.post_id))

    async def _next(
        self, client_id: UUID, post_id: UUID, tried: list[UUID]
    ) -> tuple[Post | None, Asker | None]:
        async with self._database.tenant(client_id) as conn:
            post = await posts.find(conn, post_id)
            if post is None or post.state != "resolving":
                return None, None
            asker = await lookups.next_asker(
                conn,
                platform=post.platform,
                pod_id=post.pod_id,
                but=tried,
                now=self._clock.now(),
            )
        return post, asker

    async def _settle(
        self, client_id: UUID, post_id: UUID, found: FoundPost | None
    ) -> Settled | None:
        now = self._clock.now()
        async with self._database.tenant(client_id) as conn:
            post = await posts.lock(conn, post_id)
            if post is None or post.state != "resolving":
                return None
            if found is None:
                return await _refuse(conn, post, NO_SUCH_POST)
            return await _found(conn, post, found, now)

    async def _put_off(self, client_id: UUID, post_id: UUID, reason: str) -> Settled | None:
        now = self._clock.now()
        async with self._database.tenant(client_id) as conn:
            post = await posts.lock(conn, post_id)
            if post is None or post.state != "resolving" or post.resolving_since is None:
                return None
            at = ask_again_at(now, post.lookups + 1, post.resolving_since)
            if at is None:
                return await _refuse(conn, post, NEVER_SAID)
            await posts.put_off(conn, post_id, ask_at=at, reason=reason)
            return None


async def _found(conn: Connection, post: Post, found: FoundPost, now: datetime) -> Settled | None:
    author = found.author_provider_id
    own = await lookups.account_of_profile(conn, post.platform, author) if author else None
    named = post.author_account_id
    said = Registered(
        address=parse_post(post.reference or ""),
        author_account_id=named,
        published_at=post.published_at,
    )
    identity = identify(
        said,
        found,
        {author: own} if author and own else {},
        await lookups.profile_of_account(conn, named) if named else None,
        now,
    )
    if isinstance(identity, Refused):
        return await _refuse(conn, post, identity)
    try:
        async with conn.transaction():
            known = await posts.identified(conn, post.id, identity)
    except psycopg.errors.UniqueViolation:
        first = await posts.find_by_social_id(conn, post, identity.social_id)
        return await _merge(conn, post, first) if first else None
    if known is None:
        return None
    await announce(conn, known, now)
    await _note(conn, known, "post.identified", {"social_id": known.social_id})
    return Settled(post=known)


async def _merge(conn: Connection, post: Post, first: Post) -> Settled | None:
    await posts.merge(conn, post.id, into=first.id, reason=SAME_POST)
    await _note(conn, post, "post.merged", {"into": str(first.id)})
    merged = await posts.find(conn, post.id)
    return Settled(post=merged) if merged else None


async def _refuse(conn: Connection, post: Post, refused: Refused) -> Settled | None:
    await posts.refuse(conn, post.id, refused.reason)
    await _note(conn, post, "post.refused", {"code": refused.code})
    failed = await posts.find(conn, post.id)
    return Settled(post=failed, code=refused.code) if failed else None


async def _note(conn: Connection, post: Post, action: str, detail: Mapping[str, Any]) -> None:
    await audit.add(
        conn,
        client_id=post.client_id,
        actor="system",
        action=action,
        subject_id=post.id,
        detail=dict(detail),
    )
    _log.info("post.identity_noted", action=action, post_id=str(post.id), **detail)


def _at(asker: Asker) -> str:
    return asker.provider_account_id
