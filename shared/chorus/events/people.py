"""Events about the people of a team. Keyed by the person."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from chorus.events.event import Event


class PasswordEnded(Event):
    """A password that rested on an account ended with it; its person and the team's admins are to
    hear of it.
    """

    type: ClassVar[str] = "chorus.password.ended.v1"
    topic: ClassVar[str] = "password.ended"
    description: ClassVar[str] = "A person's password ended, as the account it rested on is gone."

    client_id: UUID
    user_id: UUID
    code: Literal["account_gone", "connected_elsewhere", "taken_back"]
    """Why: their last account went; one was connected in another session than it was chosen in; the
    account of the session that it was chosen in was taken back.
    """
    ended_at: datetime
    correlation_id: str

    @property
    def key(self) -> str:
        return str(self.user_id)
