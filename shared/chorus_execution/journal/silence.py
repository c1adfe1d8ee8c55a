"""Which workers are silent, told by one's own monotonic clock.

The database's clock may step and machines may be suspended: neither may make a living worker dead.
So a worker is silent when whoever watches it has seen its count of beats stand still for long
enough, over several readings: the time between two readings counts for no more than `longest_gap`,
as who watches may have been standing still itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One reading of a worker.

    unseen: seconds since its last beat, by the database's clock.
    gone: its session has ended: its process is not there, or starts a new session very soon.
    """

    id: UUID
    beats: int
    unseen: float
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Still:
    beats: int
    seconds: float
    looked: float


class Silences:
    """What one watcher has seen. Seconds."""

    def __init__(self, *, dead_after: float, gone_after: float) -> None:
        self._dead_after = dead_after
        self._gone_after = gone_after
        self._longest_gap = dead_after / 3
        self._seen: dict[UUID, _Still] = {}

    def silent(self, signs: Iterable[Sign], now: float) -> list[Sign]:
        """Those to be taken for dead, at the monotonic instant `now`.

        Of a worker whose session has ended the database's clock is believed too: a watcher that
        has just begun need not wait for what happened before it.
        """
        signs = list(signs)
        self._seen = {sign.id: self._watched(sign, now) for sign in signs}
        return [sign for sign in signs if self._is_silent(sign)]

    def _watched(self, sign: Sign, now: float) -> _Still:
        before = self._seen.get(sign.id)
        if before is None or before.beats != sign.beats:
            return _Still(beats=sign.beats, seconds=0.0, looked=now)
        seconds = before.seconds + min(now - before.looked, self._longest_gap)
        return _Still(beats=sign.beats, seconds=seconds, looked=now)

    def _is_silent(self, sign: Sign) -> bool:
        still = self._seen[sign.id].seconds
        if not sign.gone:
            return still > self._dead_after
        return still > self._gone_after or sign.unseen > self._gone_after
