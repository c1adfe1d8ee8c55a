"""By rules alone."""

from uuid import UUID

from chorus.documents import VoiceCartridge
from chorus.execution.domain.endings import Voice
from chorus_executor.domain.voice import VoiceUnfitError, render
from chorus_executor.voice.port import VoiceFailedError


class CartridgeRenderer:
    voice: Voice = "cartridge"

    async def render(self, draft: str, cartridge: VoiceCartridge, activity_id: UUID, /) -> str:
        try:
            return render(draft, cartridge, activity_id)
        except VoiceUnfitError as error:
            raise VoiceFailedError(str(error)) from error
