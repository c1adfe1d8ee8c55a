"""What makes a draft sound like its person."""

from typing import Protocol

from chorus.documents import VoiceCartridge
from chorus.errors import ChorusError


class VoiceFailedError(ChorusError):
    """No text came of it, or one that the cartridge does not allow. The message holds no text."""


class VoiceRenderer(Protocol):
    async def render(self, draft: str, cartridge: VoiceCartridge) -> str:
        """A text that the cartridge allows. Raises VoiceFailedError; bounded in time."""
        ...
