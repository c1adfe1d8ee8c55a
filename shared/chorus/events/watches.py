"""Events about watches. Keyed by the account that looks: it looks at one thing after the other."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from chorus.events.activities import Failure
from chorus.events.event import Event, Part
from chorus.vocabulary import WatchKind


class WatchDue(Event):
    """The command to look once at what a watch is about. Ids alone: the ledger's row says what."""

    type: ClassVar[str] = "chorus.watch.due.v1"
    topic: ClassVar[str] = "watch.due"
    description: ClassVar[str] = "An account is to look at something now, as a watch asks."

    client_id: UUID
    watch_id: UUID
    execution: int
    """Counts the looks of this watch from 1; a command that comes again has the same number."""
    account_id: UUID
    correlation_id: str

    @property
    def key(self) -> str:
        return str(self.account_id)

    @property
    def subject(self) -> str:
        return str(self.watch_id)


class SeenPost(Part):
    """A post that the account itself wrote, as the network names it."""

    social_id: str
    url: str | None = None
    author_provider_id: str
    published_at: datetime


class SeenAccount(Part):
    """What the provider says of an account, at some instant between asking and `checked_at`."""

    word: str
    """Its own, such as OK or CREDENTIALS; DELETED: it does not have the account."""
    profile_id: str | None = None
    """Whom of the network it is signed in as."""
    asked_at: datetime


class WatchChecked(Event):
    """A look ended: made, failed, or withheld."""

    type: ClassVar[str] = "chorus.watch.checked.v1"
    topic: ClassVar[str] = "watch.checked"
    description: ClassVar[str] = "A look that a watch asked for ended, well or not."

    client_id: UUID
    watch_id: UUID
    execution: int
    kind: WatchKind
    account_id: UUID
    outcome: Literal["checked", "failed", "withheld"]
    checked_at: datetime
    found: int = 0
    """How many things are new since the look before."""
    cursor: str | None = None
    """Where the next look goes on, in the reader's own JSON; None: where it was."""
    posts: tuple[SeenPost, ...] = ()
    """Of `posts_of_account`: all that is fresh. What was told before is told again, so that none
    is lost with a message.
    """
    account: SeenAccount | None = None
    """Of `status_of_account`."""
    failure: Failure | None = None
    withheld_code: str | None = None
    withheld_reason: str | None = None
    correlation_id: str

    @property
    def key(self) -> str:
        return str(self.account_id)

    @property
    def subject(self) -> str:
        return str(self.watch_id)
