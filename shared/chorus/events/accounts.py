"""Events about accounts. Keyed by the account."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from chorus.events.event import Event


class AccountChallenged(Event):
    """A look that belongs to no activity met a challenge: the account was paused at that moment.

    One that an execution meets is told by its `activity.executed`.
    """

    type: ClassVar[str] = "chorus.account.challenged.v1"
    topic: ClassVar[str] = "account.challenged"
    description: ClassVar[str] = (
        "The network asks for an account's person, as a look found; the account is paused."
    )

    client_id: UUID
    account_id: UUID
    pause_id: UUID
    reason: str
    """What the network said, in at most 500 characters."""
    met_at: datetime
    correlation_id: str

    @property
    def key(self) -> str:
        return str(self.account_id)


class AccountStatusChanged(Event):
    """The provider, asked, says something else of an account's sign-in than before."""

    type: ClassVar[str] = "chorus.account.status_changed.v1"
    topic: ClassVar[str] = "account.status_changed"
    description: ClassVar[str] = "An account's sign-in at the provider was lost, or is there again."

    client_id: UUID
    account_id: UUID
    status: Literal["connected", "needs_login", "restricted", "disconnected"]
    word: str | None = None
    """The provider's own, such as CREDENTIALS."""
    since: datetime
    my_page: str | None = None
    """Where people sign their accounts in again, if anywhere."""
    correlation_id: str

    @property
    def key(self) -> str:
        return str(self.account_id)
