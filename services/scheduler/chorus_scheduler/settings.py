"""The scheduler's settings; each from the environment variable CHORUS_<NAME>."""

from pydantic import Field, SecretStr

from chorus.settings import ServiceSettings
from chorus.vocabulary import Lane
from chorus_scheduler.domain.instants import SECOND, Micros
from chorus_scheduler.domain.limits import LaneRate


class SchedulerSettings(ServiceSettings):
    """Times are seconds."""

    service: str = "scheduler"
    internal_token: SecretStr = Field(min_length=16)
    """Shared with the gateway; guards the internal API."""
    dispatch_lead: float = Field(default=0.25, ge=0, le=5)
    """How early a due activity is handed over; its executor waits for the instant."""
    dispatch_batch: int = Field(default=500, ge=1, le=5000)
    """Claimed at once."""
    dispatch_in_hand: int = Field(default=2000, ge=1)
    """Back-pressure: nothing more is handed over to a lane that holds so many; once full, the next
    ones go when a quarter of it is free.
    """
    dispatch_poll: float = Field(default=1.0, gt=0)
    """The longest sleep, should a wake-up be lost."""
    lease: float = Field(default=5.0, gt=0)
    """A command that no executor has journaled by then is sent again."""
    lease_journaled: float = Field(default=30.0, gt=0)
    """A journaled one without an outcome is sent again after this long."""
    late_after: float = Field(default=60.0, gt=1)
    """When something due has waited so long, nothing ran: what is late is placed anew, with its
    distances.
    """
    acts_within: float = Field(default=30.0, gt=0)
    """How long after its time, or its hand-over if that is later, a call may still be made: what
    is later has lost its distances and is given another time.
    """
    browser_acts_within: float = Field(default=120.0, gt=0)
    """The same in a browser, where looking and making a page ready come before the call."""
    sweep_seconds: float = Field(default=1.0, gt=0)
    """Between looks at leases, approvals and what pauses have parked."""
    reconcile_seconds: float = Field(default=15.0, gt=0)
    """How often posts and consents are compared with the ledger."""
    reconcile_after: float = Field(default=20.0, ge=0)
    """How long an event may take before its post is planned without it."""
    reconcile_ahead: float = Field(default=6 * 3600.0, gt=0)
    """How far ahead planned activities are compared with consents and members."""
    age_seconds: float = Field(default=5.0, gt=0)
    """How often the age of the oldest due activity is measured."""
    depth_seconds: float = Field(default=60.0, gt=0)
    """How often the whole queue is counted."""
    parked_expires: float = Field(default=24 * 3600.0, gt=0)
    """What stood in a pause for longer is skipped, not caught up."""
    reminder_share: float = Field(default=0.25, ge=0, le=1)
    """So much of the time for a yes is left when people are reminded of it."""
    reminder_least: float = Field(default=1800.0, ge=0)
    """At least so many seconds, but not before its own time has come."""
    retention_seconds: float = Field(default=300.0, gt=0)
    """How often what is no longer needed is deleted, a batch of each table."""
    history_days: int = Field(default=400, ge=30)
    """How long decisions and plans are kept."""
    watch_seconds: float = Field(default=1.0, gt=0)
    """How often due watches are looked for."""
    watch_batch: int = Field(default=100, ge=1, le=1000)
    """Watches claimed at once."""
    watch_in_hand: int = Field(default=100, ge=1)
    """So many looks are out at once; tenants share them."""
    watch_lease: float = Field(default=90.0, gt=0)
    """A look that was not answered by then is asked for again."""
    status_every: int = Field(default=1800, ge=300, le=86_400)
    """Seconds between looks at whether a sign-in is still there, a fifth more or less."""
    voice_model_url: str | None = None
    """Of an OpenAI-compatible endpoint, ending in `/v1`; without it cartridges render by rules."""
    voice_model_key: SecretStr = SecretStr("")
    """Its secret, if it asks for one."""
    voice_model_name: str = "default"
    """Which of its models is asked."""
    voice_model_seconds: float = Field(default=10.0, gt=0, le=60)
    """For one text."""
    voice_every: float = Field(default=1.0, gt=0)
    """How often texts are looked for that wait for the model."""
    browser_per_minute: int = Field(default=5, ge=1)
    """Starts a minute in the browser lane, over all replicas."""
    browser_at_once: int = Field(default=5, ge=1)
    """Under way at once in the browser lane, over all replicas."""
    api_per_minute: int | None = Field(default=None, ge=1)
    """Starts a minute in the API lane; none: no bound."""
    api_at_once: int | None = Field(default=None, ge=1)
    """Under way at once in the API lane; none: no bound."""

    def acts_within_lanes(self) -> dict[Lane, Micros]:
        """How late a call may be, for each lane."""
        return {
            Lane.API: int(self.acts_within * SECOND),
            Lane.BROWSER: int(self.browser_acts_within * SECOND),
        }

    def lane_rates(self) -> dict[str, LaneRate]:
        """The rate of each lane."""
        return {
            "api": LaneRate(per_minute=self.api_per_minute, at_once=self.api_at_once),
            "browser": LaneRate(per_minute=self.browser_per_minute, at_once=self.browser_at_once),
        }
