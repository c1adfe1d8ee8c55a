"""The settings of every process that carries out executions."""

from typing import Self

from pydantic import Field, model_validator

from chorus.settings import ServiceSettings
from chorus_execution.domain.verify_schedule import VerifySchedule
from chorus_execution.journal import Keep, Lease


class ExecutionSettings(ServiceSettings):
    """Times are seconds."""

    concurrency: int = Field(default=5, ge=1, le=1000)
    """Calls under way at once (E1)."""
    max_in_flight: int = Field(default=4000, ge=1)
    """Commands in hand, nearly all of them waiting for their instant or a slot. All that the
    scheduler hands over at once fits in, so that no tenant's wait in the broker behind another's.
    """
    engagement_seconds: float = Field(default=30.0, gt=0)
    """The deadline of one engagement; covers everything."""
    works_seconds: float | None = Field(default=None, ge=0)
    """For how long after a request has left the provider may still bring about its effect, when no
    answer came: until then it is not absent. None: twice as long as an engagement may take.
    """
    eligibility_seconds: float = Field(default=1.0, gt=0, le=2)
    """How old the last check of pauses and consent may be when a call goes out."""
    settle_seconds: float = Field(default=1.5, ge=0)
    """How long a call whose answer was lost may still take effect."""
    verify_pauses: tuple[float, ...] = (0.5, 1.0, 2.0)
    """Between the checks of a verification, as lists may lag."""
    beat_seconds: float = Field(default=1.0, gt=0)
    """Between two heartbeats. This and the next two grow, in this order."""
    fence_seconds: float = Field(default=2.0, gt=0)
    """A worker that was not confirmed for so long calls nothing."""
    dead_after_seconds: float = Field(default=3.0, gt=0)
    """A worker whose heartbeats stand still for so long is dead to the others."""
    sweep_seconds: float = Field(default=0.5, gt=0)
    """Between looks for rows that dead workers left."""
    keep_attempts_seconds: float = Field(default=30 * 86_400.0, gt=0)
    """Ended attempts are kept so long, those of open activities until these end."""
    keep_executed_seconds: float = Field(default=7 * 86_400.0, gt=0)
    """The same of those that were executed."""
    keep_executed: int = Field(default=1_000, ge=1)
    """So many of a team that were executed, the newest; an hour's at least."""
    keep_others: int = Field(default=500, ge=1)
    """So many of a team of each other outcome: failed, unknown, withheld."""

    @model_validator(mode="after")
    def _fence_is_before_death(self) -> Self:
        if not self.beat_seconds < self.fence_seconds < self.dead_after_seconds:
            raise ValueError(
                "CHORUS_BEAT_SECONDS < …_FENCE_SECONDS < …_DEAD_AFTER_SECONDS must hold"
            )
        return self

    @property
    def keep(self) -> Keep:
        return Keep(
            seconds=self.keep_attempts_seconds,
            executed_seconds=self.keep_executed_seconds,
            executed=self.keep_executed,
            others=self.keep_others,
        )

    @property
    def lease(self) -> Lease:
        return Lease(
            beat_seconds=self.beat_seconds,
            fence_seconds=self.fence_seconds,
            dead_after_seconds=self.dead_after_seconds,
        )

    @property
    def verify_schedule(self) -> VerifySchedule:
        return VerifySchedule(settle=self.settle_seconds, pauses=self.verify_pauses)

    @property
    def works(self) -> float:
        wanted = self.works_seconds
        return 2 * self.engagement_seconds if wanted is None else wanted

    @property
    def effect_window(self) -> float:
        """As long as a worker itself would have waited: it may call until its fence closes, is
        given the time of an engagement for the answer, then checks until it believes in none, and
        without an answer not before the provider has ceased to work on it.
        """
        verifying = self.engagement_seconds + self.settle_seconds + sum(self.verify_pauses)
        return self.fence_seconds + max(verifying, self.works)
