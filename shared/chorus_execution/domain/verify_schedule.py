"""When to check for an effect, and when to stop. Listings may lag behind a write."""

from dataclasses import dataclass

_SHORTEST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifySchedule:
    """Seconds. A call whose answer was lost may still land: the first check waits for `settle`."""

    settle: float = 1.5
    pauses: tuple[float, ...] = (0.5, 1.0, 2.0)

    def waits(self, *, quiet: float = 0.0, effect_window: float = 0.0) -> tuple[float, ...]:
        """The seconds to wait before each check; an effect is absent when none of them found it.

        `quiet` seconds have gone by since the last sign of the call, and until `effect_window`
        seconds after that sign it may still take effect: the last check is not before that.
        """
        waits = [max(0.0, self.settle - quiet), *self.pauses]
        pause = max(waits[-1], _SHORTEST)
        left = effect_window - quiet - sum(waits)
        while left > 0:
            pause = min(2 * pause, left)
            waits.append(pause)
            left -= pause
        return tuple(waits)
