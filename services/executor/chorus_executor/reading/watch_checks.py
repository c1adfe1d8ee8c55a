"""Checks that watches ask for. A command is an address: what is to be read, for whom and whether it
stands is asked of the ledger, right before the call.

No fence and no verification: nothing is changed in the world. An account may be read while it acts;
checks have slots of their own, so that no act waits behind one.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import orjson
import structlog

from chorus.clock import Clock
from chorus.errors import ChallengeError, ProviderError
from chorus.events import Failure, WatchChecked, WatchDue
from chorus.kafka.envelope import Received
from chorus.vocabulary import ErrorType, WatchKind
from chorus_execution.call_slots import TenantSlots
from chorus_execution.challenges import Challenges
from chorus_execution.domain.eligibility import CHALLENGED, Withheld
from chorus_execution.domain.outcomes import failure_of
from chorus_execution.journal.retry import until_available
from chorus_executor.domain.watch_orders import Order, withheld
from chorus_executor.reading.account_status import AccountStatusReader
from chorus_executor.reading.posts import PostsReader, Reading
from chorus_executor.reading.store import WatchCheckStore

_log = structlog.get_logger()


class WatchChecks:
    """`seconds`: how long one check may take. `at_once`: how many are made at once."""

    def __init__(
        self,
        *,
        store: WatchCheckStore,
        posts: PostsReader,
        status: AccountStatusReader,
        challenges: Challenges,
        clock: Clock,
        seconds: float,
        at_once: int,
    ) -> None:
        self._store = store
        self._posts = posts
        self._status = status
        self._challenges = challenges
        self._clock = clock
        self._seconds = seconds
        self._slots = TenantSlots(at_once)

    def request_stop(self) -> None:
        """Begin no check any more; what waits is asked for again when its lease is over."""
        self._slots.close()

    async def on_watch_due(self, received: Received[WatchDue]) -> None:
        """Returns when the check is answered, or is not for us to make."""
        command = received.event
        order = await self._store.order(command.watch_id)
        if order is None or command.execution > order.execution:
            _log.warning("watch.contradicted", watch_id=command.watch_id)
            return
        if not order.asks_for(command.execution) or not await self._store.begin(order):
            return
        if not await self._slots.take(order.client_id):
            return
        try:
            await self._check(order)
        finally:
            self._slots.give()

    async def _check(self, order: Order) -> None:
        """What was said while it waited for its slot is in force."""
        asked = await self._store.order(order.watch_id)
        if asked is None or not asked.asks_for(order.execution):
            return
        no = CHALLENGED if self._challenges.stops(asked.account_id) else withheld(asked)
        event, shown = (
            (_withhold(asked, no, self._clock.now()), None) if no else await self._read(asked)
        )
        # A challenge that was met must not be lost with a database that is away for a moment.
        await until_available(lambda: self._store.answer(asked, event, shown))
        if event.failure is not None and event.failure.challenge:
            self._challenges.recorded(event.account_id, time.monotonic())
        _log.info(
            "watch.checked",
            watch_id=event.watch_id,
            outcome=event.outcome,
            posts=len(event.posts),
            found=event.found,
        )

    async def _read(self, order: Order) -> tuple[WatchChecked, Mapping[str, str] | None]:
        """The answer, and how the posts begin that it tells of."""
        deadline = asyncio.get_running_loop().time() + self._seconds
        try:
            return await self._made(order, deadline)
        except ProviderError as error:
            if isinstance(error, ChallengeError):
                # From now on nothing of the account goes out, whoever commits first.
                self._challenges.met(order.account_id)
            return _failed(order, failure_of(error), self._clock.now()), None

    async def _made(
        self, order: Order, deadline: float
    ) -> tuple[WatchChecked, Mapping[str, str] | None]:
        platform = order.platform
        if platform is not None and order.kind is WatchKind.POSTS_OF_ACCOUNT:
            reading = await self._posts.read(order, platform, self._clock.now(), deadline)
            return _checked(order, reading, self._clock.now()), reading.shown
        if platform is not None and order.kind is WatchKind.STATUS_OF_ACCOUNT:
            seen = await self._status.read(order, platform, deadline)
            ended = _ended(order, "checked", self._clock.now())
            return ended.model_copy(update={"account": seen}), None
        return _failed(order, _NO_READER, self._clock.now()), None


_NO_READER = Failure(
    error_type=ErrorType.API_ERROR,
    code="no_reader",
    message="This executor does not know how to look at this.",
    retryable=True,
)


def _checked(order: Order, reading: Reading, now: datetime) -> WatchChecked:
    return _ended(order, "checked", now).model_copy(
        update={
            "found": reading.found,
            "cursor": orjson.dumps(reading.cursor).decode(),
            "posts": reading.posts,
        }
    )


def _failed(order: Order, failure: Failure, now: datetime) -> WatchChecked:
    return _ended(order, "failed", now).model_copy(update={"failure": failure})


def _withhold(order: Order, why: Withheld, now: datetime) -> WatchChecked:
    said = {"withheld_code": why.code, "withheld_reason": why.reason}
    return _ended(order, "withheld", now).model_copy(update=said)


def _ended(
    order: Order, outcome: Literal["checked", "failed", "withheld"], now: datetime
) -> WatchChecked:
    return WatchChecked(
        client_id=order.client_id,
        watch_id=order.watch_id,
        execution=order.execution,
        kind=order.kind,
        account_id=order.account_id,
        outcome=outcome,
        checked_at=now,
        correlation_id=str(order.watch_id),
    )
