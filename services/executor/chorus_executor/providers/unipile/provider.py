"""LinkedIn over Unipile v1: all three ports."""

import contextlib
from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

import aiohttp
import orjson
from yarl import URL

from chorus.clock import Clock, SystemClock
from chorus.errors import ChallengeError, PermanentProviderError
from chorus.linkedin import post_url
from chorus.vocabulary import ErrorType, Platform
from chorus_execution.port import ABSENT, Done, EffectMarks, Found, Permit, Sighting
from chorus_executor.domain.recognition import (
    Candidate,
    Verdict,
    chosen,
    is_certain,
    keys,
    newer,
)
from chorus_executor.lru import Remembered
from chorus_executor.providers.port import AccountState, CannotTell, OwnPost, PostInfo
from chorus_executor.providers.registry import Ports
from chorus_executor.providers.unipile import account_states, listings
from chorus_executor.providers.unipile.listings import id_of, pages, text_of
from chorus_executor.providers.unipile.own_posts import written_by
from chorus_executor.providers.unipile.post_ids import lookup_id, segment
from chorus_executor.providers.unipile.transport import Endpoint, Json, Transport

LIST_BOUND = 20
"""Pages of 100 that are read in search of an effect."""

FIRST_BOUND = 3
"""Pages that are read before a comment is written, to see whether the account has one there."""

_BEFORE_ALL = datetime(2003, 5, 1, tzinfo=UTC)
"""LinkedIn's beginning."""

ASKED_BOUND = 20
"""Posts that are looked up, in one look, because a repost names them by an id not known."""


class UnipileProvider:
    def __init__(self, endpoint: Endpoint, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._transport = Transport(endpoint, self._clock)
        self._reaction_url = self._transport.url("/posts/reaction")
        self._posts_url = self._transport.url("/posts")
        self._own_ids: Remembered[str, str] = Remembered(10_000)

    async def aclose(self) -> None:
        await self._transport.aclose()

    @property
    def ports(self) -> dict[Platform, Ports]:
        """What it does, for the registry."""
        return {Platform.LINKEDIN: Ports(engagement=self, publishing=self, reading=self)}

    async def resolve(self, reference: str, *, account: str, deadline: float) -> PostInfo:
        post = await self._post(lookup_id(reference), account, deadline)
        social_id = id_of(post, "social_id")
        if social_id is None:
            raise PermanentProviderError(
                "Unipile gave no social_id for the post.",
                error_type=ErrorType.API_ERROR,
                code="no_social_id",
            )
        return PostInfo(
            social_id=social_id,
            url=listings.address_of(post),
            reacted=text_of(post, "user_reacted") is not None,
            author_id=id_of(post, "author", "id"),
            published_at=listings.published_at(post, social_id),
            text=text_of(post, "text"),
        )

    def address_of(self, post: str) -> str | None:
        return post_url(post)

    async def react(
        self, post: str, reaction: str, *, account: str, deadline: float, permit: Permit
    ) -> Done:
        body = orjson.dumps({"account_id": account, "post_id": post, "reaction_type": reaction})
        answer = await self._transport.post(
            self._reaction_url, body, deadline=deadline, permit=permit
        )
        return Done(answer=_shown(answer))

    async def comment(
        self, post: str, text: str, *, account: str, deadline: float, permit: Permit
    ) -> Done:
        body = orjson.dumps({"account_id": account, "text": text})
        url = self._transport.url(f"/posts/{segment(post)}/comments")
        answer = await self._transport.post(url, body, deadline=deadline, permit=permit)
        return Done(id=id_of(answer, "comment_id"), answer=_shown(answer))

    async def repost(
        self, post: str, text: str, *, account: str, deadline: float, permit: Permit
    ) -> Done:
        fields = {"account_id": account, "text": text, "repost": post}
        return await self._create(fields, deadline, permit)

    async def publish(self, text: str, *, account: str, deadline: float, permit: Permit) -> Done:
        return await self._create({"account_id": account, "text": text}, deadline, permit)

    async def find_reaction(self, post: str, *, account: str, deadline: float) -> Sighting:
        seen = await self._post(post, account, deadline)
        if text_of(seen, "user_reacted") is not None:
            return Found()
        # An older instance does not tell `user_reacted`: its silence proves nothing.
        own_id = await self._own_id(account, deadline)
        url = self._transport.url(f"/posts/{segment(post)}/reactions")
        async for items in self._pages(url, account, deadline, bound=LIST_BOUND):
            if any(text_of(item, "author", "id") == own_id for item in items):
                return Found()
        return ABSENT

    async def own_comments(self, post: str, *, account: str, deadline: float) -> frozenset[str]:
        found: set[str] = set()
        try:
            async for each in self._own_comments(post, account, deadline, bound=FIRST_BOUND):
                found.add(each.id or "")
        except listings.ListTooLong:
            if not found:
                raise
        return frozenset(found)

    async def find_comment(
        self, post: str, marks: EffectMarks, *, account: str, deadline: float
    ) -> Sighting:
        found: list[Candidate] = []
        try:
            async for each in self._own_comments(post, account, deadline, bound=LIST_BOUND):
                found.append(each)
                if is_certain(each, marks.texts, marks.claimed):
                    break
        except listings.ListTooLong:
            if chosen(found, marks.texts, marks.claimed) is Verdict.ABSENT:
                raise
        return _sighting(found, marks)

    async def _own_comments(
        self, post: str, account: str, deadline: float, *, bound: int
    ) -> AsyncIterator[Candidate]:
        """The account's comments on the post. Where the post has too many to be read, those of the
        account's own list, and then ListTooLong: that list shows presence, and proves no absence.
        """
        own_id = await self._own_id(account, deadline)
        url = self._transport.url(f"/posts/{segment(post)}/comments")
        try:
            async for items in self._pages(url, account, deadline, bound=bound):
                for item in items:
                    if text_of(item, "author_details", "id") == own_id:
                        yield listings.candidate_of(item)
        except listings.ListTooLong:
            async for candidate in self._listed_comments(post, own_id, account, deadline):
                yield candidate
            raise

    async def _listed_comments(
        self, post: str, own_id: str, account: str, deadline: float
    ) -> AsyncIterator[Candidate]:
        """Of the account's newest comments those on the post, as far as its names tell."""
        shown = await self._post(post, account, deadline)
        names = {post, *filter(None, (id_of(shown, "id"), id_of(shown, "social_id")))}
        url = self._transport.url(f"/users/{segment(own_id)}/comments")
        with contextlib.suppress(listings.ListTooLong):
            async for items in self._pages(url, account, deadline, bound=FIRST_BOUND):
                for item in items:
                    if listings.is_on(item, names):
                        yield listings.candidate_of(item)

    async def find_repost(
        self, post: str, marks: EffectMarks, *, account: str, deadline: float
    ) -> Sighting:
        """An instant repost and one with words are one: whatever it says, it repeats the post, and
        is younger by the network's own clock.
        """
        original = await self._post(post, account, deadline)
        known = {post, *filter(None, (id_of(original, "id"), id_of(original, "social_id")))}
        social_id = id_of(original, "social_id") or post
        same, since = _SamePost(self, known, social_id), listings.published_at(original, social_id)
        worded = any(text.strip() for text in marks.texts)
        found: list[Candidate] = []
        async for item in self._posts_since(account, since or _BEFORE_ALL, deadline):
            if not listings.is_repost(item):
                # One with words may be shown as any post of one's own: then they must tell.
                plain = listings.candidate_of(item)
                if worded and is_certain(plain, marks.texts, marks.claimed):
                    found.append(plain)
            elif await same.is_in(item, account, deadline):
                found.append(listings.candidate_of(item, sure=True))
                if is_certain(found[-1], marks.texts, marks.claimed):
                    break
        return _sighting(found, marks)

    async def own_posts(self, *, account: str, deadline: float) -> tuple[frozenset[str], ...]:
        async for items in self._posts_of(account, deadline):
            return tuple(frozenset(listings.candidate_of(item).names) for item in items)
        return ()

    async def posts_of(
        self, *, account: str, since: datetime, deadline: float
    ) -> tuple[OwnPost, ...]:
        """One page: nobody writes so many posts within a day."""
        own_id = await self._own_id(account, deadline)
        async for items in self._posts_of(account, deadline):
            return written_by(items, own_id, since)
        return ()

    async def state_of(self, *, account: str, deadline: float) -> AccountState:
        url = self._transport.url(f"/accounts/{segment(account)}")
        try:
            found = await self._transport.get(url, deadline=deadline)
        except PermanentProviderError as error:
            if error.code != "resource_not_found":
                raise
            return AccountState(word="DELETED")
        return account_states.read(found, account)

    async def find_post(self, marks: EffectMarks, *, account: str, deadline: float) -> Sighting:
        found: list[Candidate] = []
        new = (
            self._posts_since(account, marks.since, deadline)
            if marks.stood is None
            else self._posts_beside(marks.stood, account, deadline)
        )
        async for item in new:
            if not listings.is_repost(item):
                found.append(listings.candidate_of(item))
                if is_certain(found[-1], marks.texts, marks.claimed):
                    break
        return _sighting(found, marks)

    async def _posts_beside(
        self, stood: AbstractSet[str], account: str, deadline: float
    ) -> AsyncIterator[Json]:
        """The account's own posts that were not there when `stood` was noted, newest first."""
        async for items in self._posts_of(account, deadline):
            names = [listings.candidate_of(item).names for item in items]
            for place in newer(names, stood):
                yield items[place]
            if any(keys(stood) & keys(each) for each in names):
                return

    async def _posts_since(
        self, account: str, since: datetime, deadline: float
    ) -> AsyncIterator[Json]:
        """The account's own posts, newest first, down to what is certainly older."""
        now = self._clock.now()
        async for items in self._posts_of(account, deadline):
            fresh = [item for item in items if not listings.is_older(item, since, now)]
            for item in fresh:
                yield item
            if items and not fresh:
                return

    async def _posts_of(self, account: str, deadline: float) -> listings.Pages:
        own_id = await self._own_id(account, deadline)
        url = self._transport.url(f"/users/{segment(own_id)}/posts")
        async for items in self._pages(url, account, deadline, bound=LIST_BOUND):
            yield items

    async def _create(self, fields: dict[str, str], deadline: float, permit: Permit) -> Done:
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in fields.items():
            form.add_field(name, value)
        answer = await self._transport.post(self._posts_url, form, deadline=deadline, permit=permit)
        return Done(id=id_of(answer, "post_id"), answer=_shown(answer))

    async def _post(self, post: str, account: str, deadline: float) -> Json:
        url = self._transport.url(f"/posts/{segment(post)}")
        return await self._transport.get(
            url.update_query({"account_id": account}), deadline=deadline
        )

    async def _own_id(self, account: str, deadline: float) -> str:
        known = self._own_ids.get(account)
        if known is not None:
            return known
        url = self._transport.url("/users/me").update_query({"account_id": account})
        try:
            profile = await self._transport.get(url, deadline=deadline)
        except PermanentProviderError as error:
            if error.error_type is not ErrorType.POST_NOT_FOUND:
                raise
            raise PermanentProviderError(
                "Unipile does not know the account.",
                error_type=ErrorType.API_ERROR,
                code="account_not_found",
            ) from error
        own_id = id_of(profile, "provider_id")
        if own_id is None:
            raise CannotTell("Unipile did not say who the account is.")
        self._own_ids.put(account, own_id)
        return own_id

    def _pages(self, url: URL, account: str, deadline: float, *, bound: int) -> listings.Pages:
        return pages(self._transport, url, account=account, deadline=deadline, bound=bound)


class _SamePost:
    """Tells the reposts of one post, which may be named by any of its three numbers."""

    def __init__(self, provider: UnipileProvider, known: set[str], social_id: str) -> None:
        self._provider = provider
        self._known = known
        self._social_id = social_id
        self._others: set[str] = set()

    async def is_in(self, item: Json, account: str, deadline: float) -> bool:
        """Raises (cannot tell) when a repost does not say of what, or of what nobody can tell."""
        names = listings.originals_of(item)
        if not names:
            raise CannotTell("A repost does not say which post it repeats.")
        if keys(self._known) & keys(names):
            return True
        for name in names - self._others:
            await self._ask(name, account, deadline)
        return bool(self._known & names)

    async def _ask(self, name: str, account: str, deadline: float) -> None:
        if len(self._others) >= ASKED_BOUND:
            raise CannotTell("There are too many reposts of posts that are not known.")
        try:
            info = await self._provider.resolve(name, account=account, deadline=deadline)
        except PermanentProviderError as error:
            if isinstance(error, ChallengeError):
                raise
            raise CannotTell("What a repost repeats cannot be looked up.") from error
        (self._known if info.social_id == self._social_id else self._others).add(name)


def _sighting(candidates: list[Candidate], marks: EffectMarks) -> Sighting:
    """Raises (cannot tell) where something may be ours and nothing says that it is."""
    choice = chosen(candidates, marks.texts, marks.claimed)
    if choice is Verdict.ABSENT:
        return ABSENT
    if isinstance(choice, Verdict):
        raise CannotTell(
            "The account has done something there, and it cannot be told whether it is ours."
        )
    return Found(id=choice.id, url=choice.url)


def _shown(answer: Json) -> str:
    return orjson.dumps(answer).decode()[:500]
