"""What makes a draft sound like its person."""

from typing import Protocol
from uuid import UUID

from chorus.documents import VoiceCartridge
from chorus.errors import ChorusError
from chorus.execution.domain.endings import Voice


class VoiceFailedError(ChorusError):
    """No text came of it, or one that the cartridge does not allow. The message holds no text."""


class VoiceRenderer(Protocol):
    @property
    def voice(self) -> Voice:
        """How a text of this renderer is recorded."""

    async def render(self, draft: str, cartridge: VoiceCartridge, activity_id: UUID, /) -> str:
        """A text that the cartridge allows. Raises VoiceFailedError; bounded in time."""
