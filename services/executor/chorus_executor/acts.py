"""What each kind of activity means at the provider: its one write, and how its effect is found."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID
from weakref import WeakValueDictionary

import structlog

from chorus.clock import Clock
from chorus.errors import ChallengeError, PermanentProviderError, ProviderError
from chorus.events import ActivityDue, CallResult, Event, PostTarget
from chorus.vocabulary import ErrorType, Kind
from chorus_execution.domain.outcomes import Wording
from chorus_execution.journal.retry import until_available
from chorus_execution.port import (
    ABSENT,
    Accomplished,
    AlreadyDoneError,
    Baseline,
    Done,
    EarlierUntold,
    EffectMarks,
    Found,
    Permit,
    Sighting,
)
from chorus_executor.domain.publishing import Wishes, published
from chorus_executor.domain.recognition import newer, steady, unclaimed
from chorus_executor.lru import Remembered
from chorus_executor.providers.port import (
    CannotTell,
    EngagementProvider,
    PostsProvider,
    PublishingProvider,
)
from chorus_executor.providers.registry import Registry

_log = structlog.get_logger()
_BEFORE_ALL = datetime(2003, 5, 1, tzinfo=UTC)
"""When the oldest of the networks began."""
_WRITES = frozenset({Kind.LIKE, Kind.COMMENT, Kind.REPOST, Kind.PUBLISH})


class WishSource(Protocol):
    async def of(self, client_id: UUID, post_id: UUID) -> Wishes:
        """What is wanted of the tenant's post once it is published."""


class ApiActs:
    """`target` is the post's social_id; empty for a publish, which has none.

    Who is called is asked of the registry, by the platform of the command's account.
    """

    def __init__(
        self,
        registry: Registry,
        wishes: WishSource,
        clock: Clock,
        *,
        read_seconds: float = 10.0,
        read_again_after: tuple[float, ...] = (0.3, 1.0),
        check_first: bool = True,
    ) -> None:
        self._registry = registry
        self._wishes = wishes
        self._clock = clock
        self._read_seconds = read_seconds
        self._read_again_after = read_again_after
        self._check_first = check_first
        self._social_ids: Remembered[UUID, str] = Remembered(20_000)
        self._asking: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def target(self, command: ActivityDue, *, deadline: float) -> str:
        """The id to act on; asks the provider once for each post."""
        post = _post_of(command)
        if command.kind is Kind.PUBLISH:
            self._publishing(command)  # refused before anything is called
            return ""
        provider = self._engagement(command)
        known = post.social_id or self._social_ids.get(post.post_id)
        if known is not None:
            return known
        if post.url is None:
            raise _no_post()
        return await self._resolved(provider, command, post.url, deadline)

    async def _resolved(
        self, provider: PostsProvider, command: ActivityDue, url: str, deadline: float
    ) -> str:
        """Of many that act on one post at once, one asks and the others wait for its answer."""
        post_id = _post_of(command).post_id
        lock = self._asking.setdefault(post_id, asyncio.Lock())
        async with lock:
            known = self._social_ids.get(post_id)
            if known is not None:
                return known
            info = await provider.resolve(
                url,
                account=command.provider_account_id,
                deadline=min(deadline, self._deadline()),
            )
            self._social_ids.put(post_id, info.social_id)
            return info.social_id

    async def write(
        self,
        command: ActivityDue,
        target: str,
        text: str,
        *,
        deadline: float,
        baseline: Baseline,
        permit: Permit,
    ) -> Done:
        """The irreversible call: made once an execution."""
        account = command.provider_account_id
        if command.kind not in _WRITES:
            raise _unsupported(command.kind)
        if await self._stands_already(command, target, deadline, baseline):
            raise AlreadyDoneError("The account has done this already.", code="stands_already")
        match command.kind:
            case Kind.LIKE:
                return await self._engagement(command).react(
                    target, command.reaction, account=account, deadline=deadline, permit=permit
                )
            case Kind.COMMENT:
                return await self._engagement(command).comment(
                    target, text, account=account, deadline=deadline, permit=permit
                )
            case Kind.REPOST:
                return await self._engagement(command).repost(
                    target, text, account=account, deadline=deadline, permit=permit
                )
            case Kind.PUBLISH:
                return await self._publishing(command).publish(
                    text, account=account, deadline=deadline, permit=permit
                )
        raise _unsupported(command.kind)

    async def _stands_already(
        self, command: ActivityDue, target: str, deadline: float, baseline: Baseline
    ) -> bool:
        """Whether the account has done it, by hand or otherwise: a reaction would be replaced, a
        comment or a repost doubled. What cannot be told does not stand in the way of a first call:
        whoever looks for its effect cannot tell either, so that it is not made again. Raises
        EarlierUntold where it would be made again.
        """
        account, read_by = command.provider_account_id, min(deadline, self._deadline())
        try:
            match command.kind:
                case Kind.LIKE if self._check_first:
                    provider = self._engagement(command)
                    info = await provider.resolve(target, account=account, deadline=read_by)
                    return info.reacted
                case Kind.COMMENT:
                    return await self._has_commented(command, target, read_by, baseline)
                case Kind.REPOST:
                    ever = EffectMarks(texts=(), since=_BEFORE_ALL)
                    seen = await self._engagement(command).find_repost(
                        target, ever, account=account, deadline=read_by
                    )
                    return isinstance(seen, Found)
                case Kind.PUBLISH:
                    return await self._has_published(command, read_by, baseline)
        except CannotTell as error:
            if baseline.repeats:
                raise EarlierUntold(error) from error
            if command.kind is Kind.PUBLISH:
                await baseline.note(None)
            _log.info("effect.not_told", activity_id=command.activity_id, error=str(error))
        return False

    async def _has_commented(
        self, command: ActivityDue, target: str, deadline: float, baseline: Baseline
    ) -> bool:
        account = command.provider_account_id
        names = await self._engagement(command).own_comments(
            target, account=account, deadline=deadline
        )
        return bool(names and unclaimed(names, await baseline.claimed()))

    async def _has_published(
        self, command: ActivityDue, deadline: float, baseline: Baseline
    ) -> bool:
        """Whether there is something of which an earlier call may be the cause. Without such a call
        what is there is noted: it is not what this one will make.
        """
        stood = baseline.stood
        if stood is None and baseline.repeats:
            raise CannotTell("What was there before an earlier call was never told.")
        account = command.provider_account_id
        listed = await self._publishing(command).own_posts(account=account, deadline=deadline)
        if stood is None:
            await baseline.note(frozenset().union(*listed))
            return False
        new = [name for place in newer(listed, stood) for name in listed[place]]
        if new and unclaimed(new, await baseline.claimed()):
            return True
        # This call too is known by its note.
        await baseline.note(stood)
        return False

    async def find_effect(self, command: ActivityDue, target: str, marks: EffectMarks) -> Sighting:
        """One check for the effect. Raises ProviderError when it cannot be told."""
        account, deadline = command.provider_account_id, self._deadline()
        match command.kind:
            case Kind.LIKE:
                return await self._engagement(command).find_reaction(
                    target, account=account, deadline=deadline
                )
            case Kind.COMMENT:
                return await self._engagement(command).find_comment(
                    target, marks, account=account, deadline=deadline
                )
            case Kind.REPOST:
                return await self._engagement(command).find_repost(
                    target, marks, account=account, deadline=deadline
                )
            case Kind.PUBLISH:
                return await self._publishing(command).find_post(
                    marks, account=account, deadline=deadline
                )
        raise _unsupported(command.kind)

    async def complete(
        self, command: ActivityDue, target: str, wording: Wording, done: Done, marks: EffectMarks
    ) -> Accomplished:
        """What came to be by an accepted write; looked up where the provider does not say."""
        found, challenge = Found(id=done.id), None
        missing = done.id is None and command.kind is not Kind.LIKE
        if missing or command.kind is Kind.REPOST:
            marks = replace(marks, texts=(wording.text or "",))
            try:
                found = await self._detailed(command, target, found, marks)
            except ChallengeError as met:
                challenge = met
        return await self._described(command, target, found, done.answer, challenge)

    async def _detailed(
        self, command: ActivityDue, target: str, found: Found, marks: EffectMarks
    ) -> Found:
        """What came to be, with the address and the id that do not vary."""
        seen = await self._seek(command, target, marks)
        if isinstance(seen, Found):
            return seen
        if found.id is None:
            return found
        url, social_id = await self._address(command, found)
        return Found(id=steady(found.id, social_id), url=url)

    async def describe(self, command: ActivityDue, target: str, found: Found) -> Accomplished:
        """The result of an effect that stands; of a publish also the fact that a post is live."""
        return await self._described(command, target, found, None, None)

    async def _described(
        self,
        command: ActivityDue,
        target: str,
        found: Found,
        answer: str | None,
        challenge: ChallengeError | None,
    ) -> Accomplished:
        """After a challenge nothing more is asked of the network: what is known must do."""
        url: str | None = found.url
        social_id: str | None = target
        own_id = found.id
        if command.kind is Kind.PUBLISH:
            url, social_id = self._address_alone(command, found), None
            if challenge is None:
                try:
                    url, social_id = await self._address(command, found)
                except ChallengeError as met:
                    challenge = met
            own_id = steady(found.id, social_id)
        result = CallResult(provider_id=own_id, url=url, social_id=social_id, answer=answer)
        more = await self._facts(command, url, social_id)
        return Accomplished(result=result, more=more, challenge=challenge)

    async def _facts(
        self, command: ActivityDue, url: str | None, social_id: str | None
    ) -> tuple[Event, ...]:
        if command.kind is not Kind.PUBLISH:
            return ()
        if url is None:
            _log.error("publish.url_missed", activity_id=str(command.activity_id))
            return ()
        post_id = _post_of(command).post_id
        wishes = await until_available(lambda: self._wishes.of(command.client_id, post_id))
        live = published(
            command, wishes, post_id, url=url, social_id=social_id, at=self._clock.now()
        )
        return (live,)

    async def _seek(self, command: ActivityDue, target: str, marks: EffectMarks) -> Sighting:
        """Check a few times, as lists may lag. It only adds detail, so its failure is none, but for
        a challenge: that ends the checking and is raised.
        """
        for pause in (*self._read_again_after, None):
            try:
                seen = await self.find_effect(command, target, marks)
            except ChallengeError:
                raise
            except ProviderError as error:
                _log.info("effect.detail_failed", error=str(error), code=error.code)
            else:
                if isinstance(seen, Found):
                    return seen
            if pause is not None:
                await asyncio.sleep(pause)
        return ABSENT

    async def _address(self, command: ActivityDue, found: Found) -> tuple[str | None, str | None]:
        """URL and social_id of a new post; without an answer the URL that its id alone gives."""
        if found.id is None:
            return found.url, None
        provider = self._posts(command)
        for pause in (*self._read_again_after, None):
            try:
                info = await provider.resolve(
                    found.id, account=command.provider_account_id, deadline=self._deadline()
                )
            except ChallengeError:
                raise
            except ProviderError as error:
                _log.info("effect.detail_failed", error=str(error), code=error.code)
            else:
                return info.url or found.url, info.social_id
            if pause is not None:
                await asyncio.sleep(pause)
        return self._address_alone(command, found), None

    def _address_alone(self, command: ActivityDue, found: Found) -> str | None:
        """What is known without asking."""
        if found.id is None or found.url is not None:
            return found.url
        return self._posts(command).address_of(found.id)

    def _posts(self, command: ActivityDue) -> PostsProvider:
        publishes = command.kind is Kind.PUBLISH
        return self._publishing(command) if publishes else self._engagement(command)

    def _engagement(self, command: ActivityDue) -> EngagementProvider:
        return self._registry.engagement(command.platform)

    def _publishing(self, command: ActivityDue) -> PublishingProvider:
        return self._registry.publishing(command.platform)

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._read_seconds


def _post_of(command: ActivityDue) -> PostTarget:
    """Every kind that is carried out here acts on a post."""
    if not isinstance(command.target, PostTarget):
        raise PermanentProviderError(
            f"This executor does not {command.kind} where its target is no post.",
            error_type=ErrorType.API_ERROR,
            code="target_not_supported",
        )
    return command.target


def _no_post() -> PermanentProviderError:
    return PermanentProviderError(
        "The command names no post.", error_type=ErrorType.POST_NOT_FOUND, code="no_target"
    )


def _unsupported(kind: Kind) -> PermanentProviderError:
    return PermanentProviderError(
        f"This executor does not carry out {kind}.",
        error_type=ErrorType.API_ERROR,
        code="kind_not_supported",
    )
