"""Events about activities. Keyed by the account: an account never does two things at once."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field, model_validator

from chorus.events.event import Event, Part
from chorus.events.targets import Target
from chorus.events.upcasts import with_platform, with_target
from chorus.vocabulary import ErrorType, Kind, Lane, Mode, Outcome, Platform, State


class ActivityScheduled(Event):
    """An activity is in the ledger: planned, moved, or waiting for a person (A2)."""

    type: ClassVar[str] = "chorus.activity.scheduled.v1"
    topic: ClassVar[str] = "activity.scheduled"
    description: ClassVar[str] = "An activity was planned, moved to another time, or set aside."

    client_id: UUID
    activity_id: UUID
    target: Target = Field(discriminator="kind")
    post_id: UUID | None = None
    """The target's, where it is a post: for readers of before `target`."""
    pod_id: UUID | None = None
    account_id: UUID
    kind: Kind
    lane: Lane
    state: State
    scheduled_for: datetime | None
    reason_code: str
    reason: str
    """One sentence for a person: why it is as it is."""
    correlation_id: str

    upcast = model_validator(mode="before")(with_target)

    @property
    def key(self) -> str:
        return str(self.account_id)


class ActivityDue(Event):
    """The command to execute an activity at `due_at`; handed over a little early
    (`activity.due.<lane>`).
    """

    type: ClassVar[str] = "chorus.activity.due.v1"
    topic: ClassVar[str] = "activity.due"
    description: ClassVar[str] = (
        "An activity is to be executed at its due instant, never before it."
    )

    client_id: UUID
    activity_id: UUID
    execution: int
    """Counts the hand-overs of this activity from 1; with the activity's id it names one execution.
    """
    attempt: int
    max_attempts: int
    mode: Mode
    kind: Kind
    lane: Lane
    platform: Platform
    account_id: UUID
    provider_account_id: str
    target: Target = Field(discriminator="kind")
    text: str | None = None
    """What is to go out: a comment, a post, the words of a repost."""
    voice: Literal["none", "cartridge", "model", "fallback"] | None = None
    """Whose voice the text is in already: it goes out as it is. None: of before, when the executor
    still laid the voice of the cartridge over it.
    """
    cartridge_id: UUID | None = None
    reaction: str = "like"
    due_at: datetime
    acts_until: datetime | None = None
    """From when on the call may not be made any more: the account's hours have ended, or it has
    waited too long. None: of before; then the ledger's row says it.
    """
    correlation_id: str

    upcast = model_validator(mode="before")(with_platform)
    upcast_target = model_validator(mode="before")(with_target)

    @property
    def key(self) -> str:
        return str(self.account_id)

    def topic_name(self) -> str:
        return f"{self.topic}.{self.lane}"

    @property
    def subject(self) -> str:
        return str(self.activity_id)


class Failure(Part):
    """Why an execution did not succeed (E4). `message` never holds secrets or people's text."""

    error_type: ErrorType
    message: str
    code: str | None = None
    """The provider's own word for it."""
    retryable: bool
    retry_after: float | None = None
    """Seconds the provider asked us to wait."""
    challenge: bool = False
    """The network asks for the account's person: the account is paused at once."""


class CallResult(Part):
    """What the provider gave back (E4)."""

    provider_id: str | None = None
    """Id of the comment, post or repost that came to be, where the provider tells it."""
    url: str | None = None
    social_id: str | None = None
    """The target's (or new post's) id for actions, as resolved on the way."""
    answer: str | None = None
    """The provider's own answer, at most 500 characters."""


class ActivityExecuted(Event):
    """An execution ended: executed, failed, unknown, or withheld."""

    type: ClassVar[str] = "chorus.activity.executed.v1"
    topic: ClassVar[str] = "activity.executed"
    description: ClassVar[str] = "One execution of an activity ended, well or not."

    client_id: UUID
    activity_id: UUID
    execution: int
    attempt: int
    mode: Mode
    kind: Kind
    lane: Lane
    account_id: UUID
    target: Target = Field(discriminator="kind")
    post_id: UUID | None = None
    """The target's, where it is a post: for readers of before `target`."""
    outcome: Outcome
    verified: bool = False
    """The effect was found by looking, not taken from the answer to the call."""
    called_at: datetime | None = None
    """When the call went out; None where none was made."""
    finished_at: datetime
    result: CallResult | None = None
    final_text: str | None = None
    """The text that went out."""
    voice: Literal["none", "cartridge", "model", "fallback"] = "none"
    failure: Failure | None = None
    withheld_code: str | None = None
    withheld_reason: str | None = None
    correlation_id: str

    upcast = model_validator(mode="before")(with_target)

    @property
    def key(self) -> str:
        return str(self.account_id)

    @property
    def subject(self) -> str:
        return str(self.activity_id)
