"""A network in memory, beside the port. It passes the contract suite of the real adapters."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from chorus.errors import (
    ChallengeError,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.linkedin import post_url
from chorus.vocabulary import ErrorType, Platform
from chorus_execution.port import ABSENT, Done, EffectMarks, Found, Permit, Sighting
from chorus_executor.domain.recognition import Candidate, Verdict, chosen, newer
from chorus_executor.providers.port import AccountState, CannotTell, OwnPost, PostInfo
from chorus_executor.providers.registry import Ports

SKEW = timedelta(days=1)
"""See `unipile.listings.SKEW`."""

_FORMS = ("activity", "share", "ugcPost")


@dataclass(slots=True, kw_only=True)
class FakeComment:
    id: str
    author: str
    text: str
    written_at: datetime


@dataclass(slots=True, kw_only=True)
class FakePost:
    """`numbers` are its three; its `social_id` is made of the first."""

    numbers: tuple[int, int, int]
    author: str
    text: str = ""
    repost_of: str | None = None
    reactions: dict[str, str] = field(default_factory=dict)
    comments: list[FakeComment] = field(default_factory=list)
    written_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def social_id(self) -> str:
        return self.names[0]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(
            f"urn:li:{form}:{number}" for form, number in zip(_FORMS, self.numbers, strict=True)
        )

    @property
    def url(self) -> str:
        return post_url(self.social_id)


class FakeProvider:
    """All three ports. `writes` counts every accepted write. `refuse` is asked before each call, by
    its name.

    How it behaves is switched by: `shows`, what becomes of a text on the way; `three_ids`, a post
    is named by another of its numbers each time; `late`, what is written takes effect when `land`
    is called; `behind`, lists lack what is younger.
    """

    def __init__(self) -> None:
        self.posts: dict[str, FakePost] = {}
        self.accounts: set[str] = set()
        self.writes: list[tuple[str, str, str]] = []
        self.refuse: Callable[[str], ProviderError | None] = lambda _name: None
        self.shows: Callable[[str], str] = lambda text: text
        self.words: dict[str, str] = {}
        """What is said of accounts' sign-ins, where it is not what follows from `accounts`."""
        self.three_ids = False
        self.late = False
        self.behind = timedelta(0)
        self._waiting: list[Callable[[], object]] = []
        self._serial = count(7_000_000_000_000_000_000)
        self._turn = count()

    def add_post(
        self,
        author: str,
        text: str = "",
        repost_of: str | None = None,
        at: datetime | None = None,
    ) -> FakePost:
        post = self._made(author, text, repost_of)
        post.written_at = at or post.written_at
        self.posts[post.social_id] = post
        return post

    def add_comment(self, author: str, post: str, text: str, at: datetime | None = None) -> None:
        made = at or datetime.now(UTC)
        self._post(post).comments.append(
            FakeComment(id=str(next(self._serial)), author=author, text=text, written_at=made)
        )

    def land(self) -> None:
        """What was written late takes effect now."""
        for effect in self._waiting:
            effect()
        self._waiting.clear()

    async def aclose(self) -> None:
        """Nothing is open."""

    @property
    def ports(self) -> dict[Platform, Ports]:
        """What it does, for the registry."""
        return {Platform.LINKEDIN: Ports(engagement=self, publishing=self, reading=self)}

    async def resolve(self, reference: str, *, account: str, deadline: float) -> PostInfo:
        self._enter("resolve", account, deadline)
        post = self._post(reference.rstrip("/").rpartition("/")[2])
        return PostInfo(
            social_id=post.social_id,
            url=post.url,
            reacted=account in post.reactions,
            author_id=post.author,
            published_at=post.written_at,
            text=post.text,
        )

    def address_of(self, post: str) -> str | None:
        return post_url(post)

    async def react(
        self, post: str, reaction: str, *, account: str, deadline: float, permit: Permit
    ) -> Done:
        self._enter("react", account, deadline)
        reactions = self._post(post).reactions
        await permit()
        return self._written("react", account, post, lambda: reactions.update({account: reaction}))

    async def comment(
        self, post: str, text: str, *, account: str, deadline: float, permit: Permit
    ) -> Done:
        self._enter("comment", account, deadline)
        self._post(post)
        shown = self.shows(text)
        await permit()
        return self._written(
            "comment", account, post, lambda: self.add_comment(account, post, shown)
        )

    async def repost(
        self, post: str, text: str, *, account: str, deadline: float, permit: Permit
    ) -> Done:
        self._enter("repost", account, deadline)
        made = self._made(account, self.shows(text), self._post(post).social_id)
        await permit()
        return self._written("repost", account, post, lambda: self._keep(made))

    async def publish(self, text: str, *, account: str, deadline: float, permit: Permit) -> Done:
        self._enter("publish", account, deadline)
        made = self._made(account, self.shows(text), None)
        await permit()
        self._written("publish", account, made.social_id, lambda: self._keep(made))
        return Done(id=self._named(made), answer="{}")

    async def own_comments(self, post: str, *, account: str, deadline: float) -> frozenset[str]:
        self._enter("own_comments", account, deadline)
        return frozenset(each.id for each in self._comments_of(account, post))

    async def own_posts(self, *, account: str, deadline: float) -> tuple[frozenset[str], ...]:
        self._enter("own_posts", account, deadline)
        return tuple(frozenset(post.names) for post in self._posts_of(account))

    async def posts_of(
        self, *, account: str, since: datetime, deadline: float
    ) -> tuple[OwnPost, ...]:
        self._enter("posts_of", account, deadline)
        return tuple(
            OwnPost(
                social_id=post.social_id,
                url=post.url,
                author_id=account,
                published_at=post.written_at,
                names=frozenset(post.names),
                text=post.text,
            )
            for post in self._posts_of(account)
            if post.repost_of is None and post.written_at >= since
        )

    async def state_of(self, *, account: str, deadline: float) -> AccountState:
        self._enter("state_of", account, deadline, signed_in=False)
        word = self.words.get(account, "OK" if account in self.accounts else "CREDENTIALS")
        return AccountState(word=word, profile_id=None if word == "DELETED" else account)

    async def find_reaction(self, post: str, *, account: str, deadline: float) -> Sighting:
        self._enter("find_reaction", account, deadline)
        return Found() if account in self._post(post).reactions else ABSENT

    async def find_comment(
        self, post: str, marks: EffectMarks, *, account: str, deadline: float
    ) -> Sighting:
        self._enter("find_comment", account, deadline)
        return _sighting(
            marks,
            (
                Candidate(id=each.id, url=None, text=each.text, names=frozenset({each.id}))
                for each in self._comments_of(account, post)
            ),
        )

    async def find_repost(
        self, post: str, marks: EffectMarks, *, account: str, deadline: float
    ) -> Sighting:
        self._enter("find_repost", account, deadline)
        original = self._post(post).social_id
        reposts = [each for each in self._posts_of(account) if each.repost_of == original]
        return _sighting(marks, (_candidate(each, sure=True) for each in reposts))

    async def find_post(self, marks: EffectMarks, *, account: str, deadline: float) -> Sighting:
        self._enter("find_post", account, deadline)
        listed = self._posts_of(account)
        if marks.stood is None:
            new = [each for each in listed if each.written_at >= marks.since - SKEW]
        else:
            new = [listed[n] for n in newer([set(each.names) for each in listed], marks.stood)]
        return _sighting(marks, (_candidate(each) for each in new if each.repost_of is None))

    def _comments_of(self, account: str, post: str) -> list[FakeComment]:
        comments = self._post(post).comments
        return [each for each in comments if each.author == account and self._listed(each)]

    def _posts_of(self, account: str) -> list[FakePost]:
        """Newest first."""
        found = [each for each in self.posts.values() if each.author == account]
        found.sort(key=lambda each: each.written_at, reverse=True)
        return [each for each in found if self._listed(each)]

    def _listed(self, each: FakeComment | FakePost) -> bool:
        return not self.behind or each.written_at <= datetime.now(UTC) - self.behind

    def _enter(self, name: str, account: str, deadline: float, *, signed_in: bool = True) -> None:
        error = self.refuse(name)
        if error is not None:
            raise error
        if deadline <= asyncio.get_running_loop().time():
            raise TransientProviderError("No time is left.", error_type=ErrorType.NETWORK_ERROR)
        if signed_in and account not in self.accounts:
            raise ChallengeError("The account is not connected.", error_type=ErrorType.AUTH_ERROR)

    def _post(self, reference: str) -> FakePost:
        known = self.posts.get(reference)
        if known is not None:
            return known
        for post in self.posts.values():
            if reference in post.names:
                return post
        raise PermanentProviderError("There is no such post.", error_type=ErrorType.POST_NOT_FOUND)

    def _made(self, author: str, text: str, repost_of: str | None) -> FakePost:
        first, second, third = next(self._serial), next(self._serial), next(self._serial)
        return FakePost(
            numbers=(first, second, third), author=author, text=text, repost_of=repost_of
        )

    def _keep(self, post: FakePost) -> None:
        self.posts[post.social_id] = post

    def _named(self, post: FakePost) -> str:
        return post.names[next(self._turn) % len(_FORMS)] if self.three_ids else post.social_id

    def _written(self, name: str, account: str, post: str, effect: Callable[[], object]) -> Done:
        self.writes.append((name, account, post))
        if self.late:
            self._waiting.append(effect)
        else:
            effect()
        return Done(answer="{}")


def _candidate(post: FakePost, *, sure: bool = False) -> Candidate:
    return Candidate(
        id=post.social_id,
        url=post.url,
        text=post.text,
        names=frozenset(post.names),
        sure=sure,
    )


def _sighting(marks: EffectMarks, candidates: Iterable[Candidate]) -> Sighting:
    choice = chosen(candidates, marks.texts, marks.claimed)
    if choice is Verdict.ABSENT:
        return ABSENT
    if isinstance(choice, Verdict):
        raise CannotTell("It cannot be told.")
    return Found(id=choice.id, url=choice.url)
