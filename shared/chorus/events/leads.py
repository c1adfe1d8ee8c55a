"""Events about leads. Keyed by the campaign."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from chorus.events.event import Event


class LeadCaptured(Event):
    """A reply held an e-mail address (W3, W4)."""

    type: ClassVar[str] = "chorus.lead.captured.v1"
    topic: ClassVar[str] = "lead.captured"
    description: ClassVar[str] = "A person answered a campaign's message with an e-mail address."

    client_id: UUID
    campaign_id: UUID
    lead_id: UUID
    email: str
    name: str | None = None
    source: str
    captured_at: datetime
    correlation_id: str

    @property
    def key(self) -> str:
        return str(self.campaign_id)
