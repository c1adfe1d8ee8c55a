"""What a person may say about one activity: asked of the scheduler by the gateway.

The table that server, client and fake read. A command's name is the end of its address, its fields
are the request, and the answer is what the activity is then.
"""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from chorus import texts
from chorus.vocabulary import State

Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1250)]
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class ActivityCommand(BaseModel):
    """Whose activity, which one, and who says so (`user:…`, `key:…`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    client_id: UUID
    activity_id: UUID
    actor: str


class _WithReason(ActivityCommand):
    reason: Reason = "no reason given"


class Approve(ActivityCommand):
    """It may go out: these words, named by their digest (`texts.digest`), or as edited."""

    name = "approve"
    text: Text | None = None
    text_sha256: Sha256 | None = None
    by_owner: bool = False
    """Whoever says so is, or acts for, the account's owner: the gateway knows."""


class Reject(_WithReason):
    """What waits for a yes shall not happen."""

    name = "reject"


class Cancel(_WithReason):
    """What has not happened yet shall not happen."""

    name = "cancel"


class Retry(_WithReason):
    """What ended without an effect is tried afresh; an unknown one is looked for first."""

    name = "retry"
    not_before: AwareDatetime | None = None
    """It waits until then, as a task that somebody puts off."""


class Reword(ActivityCommand):
    """It says something else, or nothing (None)."""

    name = "reword"
    text: Text | None


class Decide(_WithReason):
    """A person looked at what nobody could tell of: it is there, or it is not."""

    name = "decide"
    happened: bool


class Postpone(_WithReason):
    """Not before this instant: it is given a place from then on."""

    name = "postpone"
    until: AwareDatetime


class DoneByHand(_WithReason):
    """The account's person did it themselves: nobody does it any more."""

    name = "done_by_hand"


COMMANDS: tuple[type[ActivityCommand], ...] = (
    Approve,
    Reject,
    Cancel,
    Retry,
    Reword,
    Decide,
    Postpone,
    DoneByHand,
)


class Moved(BaseModel):
    """An activity after a command. `scheduled_for` is when it is due."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    state: State
    scheduled_for: datetime | None
    reason_code: str
    reason: str
    text: str | None = None

    @property
    def text_sha256(self) -> str:
        """Names the words that it will say."""
        return texts.digest(self.text)
