"""Watches: when each looks again, and what is against a look now.

A look changes nothing in the world, so it may be made again: there is no fence, no verification and
no hour of the day for it. It stands under the same pauses, consents and limits as an act.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chorus.events import Failure, WatchChecked
from chorus.vocabulary import ErrorType, Kind, WatchKind
from chorus_scheduler.domain import reasons, watch_reasons
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.gates import Gate, account_scope, check
from chorus_scheduler.domain.instants import HOUR, MINUTE, SECOND, Micros, to_datetime
from chorus_scheduler.domain.limits import Rule
from chorus_scheduler.domain.retries import slow_down_for
from chorus_scheduler.domain.seeded_random import SeededRandom
from chorus_scheduler.domain.sliding_windows import Limit

KINDS: Mapping[WatchKind, Kind] = {
    WatchKind.POSTS_OF_ACCOUNT: Kind.DETECT_POSTS,
    WatchKind.COMMENTS_OF_POST: Kind.SCAN_COMMENTS,
    WatchKind.MESSAGES_OF_CONVERSATION: Kind.READ_REPLIES,
}
"""What an account's owner agrees to, and what is limited, by the kind of watch. A look at an
account's status is not at the network: whoever agreed to anything has agreed to it.
"""

STATUS_LOOKS: Final = Limit(name="per_hour", count=12, window=HOUR)
"""So often the provider is asked about one account's status at most."""

AGAIN_AFTER_ERROR: Final = 10 * MINUTE
"""W8."""
FAILING_AFTER: Final = 6
"""So many looks in a row that failed are a person's to know of; it looks once an hour then."""
SENDS: Final = 3
"""So often a look is asked for that nobody answers; then it counts as failed."""
_SOON: Final = MINUTE
_SPREAD: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A claimed row, with what else the decision needs."""

    id: UUID
    client_id: UUID
    kind: WatchKind
    account_id: UUID
    every: Micros
    execution: int
    unheard: bool = False
    sends: int = 0
    errors: int = 0
    rule: Rule | None = None
    """The account's limit of looks of this kind."""
    wanted: bool = True
    consented: bool = True
    account_status: str = "connected"
    pause_reason: str | None = None

    @property
    def period(self) -> Micros:
        """Its own time between two looks: a fifth shorter or longer, so that those that began
        together do not go on together.
        """
        drawn = SeededRandom(0, "watch", KINDS.get(self.kind, self.kind)).of(self.id)
        return int(self.every * (1 - _SPREAD + 2 * _SPREAD * drawn))

    @property
    def of_status(self) -> bool:
        """It looks at the provider's own record of an account, whether that works or not."""
        return self.kind is WatchKind.STATUS_OF_ACCOUNT

    @property
    def lost(self) -> bool:
        """Its command was sent often enough, and nobody answered."""
        return self.unheard and self.sends >= SENDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Not now, but then."""

    at: Micros
    why: Decision


def first_look(watch_id: UUID, every: Micros, now: Micros) -> Micros:
    """Somewhere in its first interval."""
    return now + int(every * SeededRandom(0, "first_look", Kind.DETECT_POSTS).of(watch_id))


def status_rule(account_id: UUID) -> Rule:
    """The limit of looks at one account's status."""
    return Rule(scope=f"account:{account_id}:status", limits=(STATUS_LOOKS,))


def against(watch: Watch, gates: Mapping[str, Gate], now: Micros) -> Later | None:
    """What is against a look now, the weightiest first; None: it may be made.

    `gates` holds the account's, and that of the rule. What the account does in the other lane is
    not asked: nobody sees a look, and it must not hold an act up.
    """
    why = _refusal(watch)
    if why is not None:
        return Later(at=now + _SOON, why=why)
    closed = gates[account_scope(watch.account_id)].closed_until
    if closed is not None and closed > now:
        return Later(at=closed, why=_cooled_down(closed))
    denied = check(gates[watch.rule.scope], watch.rule, now) if watch.rule else None
    if denied is None:
        return None
    limit = denied.limit
    why = watch_reasons.LOOKS_PUT_OFF(
        limit_name=limit.name, value=limit.value, used=limit.used, limit=limit
    )
    return Later(at=max(denied.next_possible_at, now + SECOND), why=why)


def _refusal(watch: Watch) -> Decision | None:
    if watch.pause_reason is not None:
        return watch_reasons.LOOKS_PAUSED(why=watch.pause_reason)
    if watch.account_status != "connected" and not watch.of_status:
        return watch_reasons.LOOKS_NOT_CONNECTED(status=watch.account_status)
    if not watch.consented:
        return watch_reasons.LOOKS_WITHOUT_CONSENT()
    return None if watch.wanted else NOT_WANTED


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """A watch after a look. `told`: it is a decision of its own, and not only the row's reason."""

    next_at: Micros
    errors: int
    reason: Decision
    told: bool = False
    rests_until: Micros | None = None
    """Until when the account does nothing at all."""

    @property
    def failing(self) -> bool:
        """So many failed in a row that a person is to see why."""
        return self.errors >= FAILING_AFTER


def after_look(watch: Watch, event: WatchChecked, now: Micros) -> After:
    """When it looks again, and why."""
    if event.outcome == "withheld":
        sentence = event.withheld_reason or "The executor found that the look does not stand."
        why = reasons.told(event.withheld_code or "withheld", _sentence(sentence))
        return After(next_at=now + _SOON, errors=watch.errors, reason=why)
    if event.outcome == "failed":
        return after_failure(watch, event.failure or UNANSWERED, now)
    again = now + watch.period
    return After(next_at=again, errors=0, reason=LOOKED)


def after_failure(watch: Watch, failure: Failure, now: Micros) -> After:
    """A 429 costs an hour, anything else ten minutes; what fails on and on, an hour."""
    errors = watch.errors + 1
    rests = None
    wait = AGAIN_AFTER_ERROR if errors < FAILING_AFTER else HOUR
    if failure.error_type is ErrorType.RATE_LIMIT:
        wait = slow_down_for(KINDS.get(watch.kind), 1, failure)
        rests = None if watch.of_status else now + wait
    again = now + wait
    when = to_datetime(again).isoformat(timespec="seconds").replace("+00:00", "Z")
    said = failure.message.strip()[:600].rstrip(".")
    reason = watch_reasons.WATCH_FAILING if errors >= FAILING_AFTER else watch_reasons.LOOK_FAILED
    why = reason(
        errors=errors, error=failure.error_type, said=said, when=when, next_possible_at=again
    )
    told = errors == FAILING_AFTER or rests is not None
    return After(next_at=again, errors=errors, reason=why, told=told, rests_until=rests)


def _sentence(text: str) -> str:
    return text[:1000] if len(text) >= 10 else f"Withheld: {text}"


def _cooled_down(until: Micros) -> Decision:
    at = to_datetime(until).isoformat(timespec="seconds").replace("+00:00", "Z")
    return reasons.COOLED_DOWN(until=at, next_possible_at=until)


UNANSWERED = Failure(
    error_type=ErrorType.NETWORK_ERROR,
    code="unanswered",
    message="The look was asked for again and again, and no executor answered.",
    retryable=True,
)
NOT_WANTED = watch_reasons.WATCH_NOT_WANTED()
LOOKED = watch_reasons.LOOKED()
ASKED = watch_reasons.LOOK_ASKED_FOR()
BEGAN: Mapping[WatchKind, Decision] = {
    WatchKind.POSTS_OF_ACCOUNT: watch_reasons.WATCH_BEGAN(
        what="which new posts the account has, as a pod that it is in asks for it"
    ),
    WatchKind.STATUS_OF_ACCOUNT: watch_reasons.WATCH_BEGAN(
        what="whether the account's sign-in is still there"
    ),
}
