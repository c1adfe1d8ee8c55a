"""What a member says, in the member's voice, before anybody is shown it (E3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from chorus.documents import VoiceCartridge
from chorus.vocabulary import Kind
from chorus.voice.voicing import by_rules

Voice = Literal["none", "cartridge", "model", "fallback", "pending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`text` is what is shown, approved and sent; `source` what it was before the voice."""

    text: str | None
    voice: Voice = "none"
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """The cartridges of those who speak. `by_model`: a language model says it later."""

    cartridges: Mapping[UUID, VoiceCartridge] = field(default_factory=dict)
    by_model: bool = False

    def say(
        self, text: str | None, *, kind: Kind, cartridge_id: UUID | None, activity_id: UUID
    ) -> Words:
        """Comments have a voice; what a repost says is its member's own phrase as it is (P5)."""
        if text is None or kind is not Kind.COMMENT or cartridge_id is None:
            return Words(text=text)
        if self.by_model and cartridge_id in self.cartridges:
            return Words(text=text, voice="pending", source=text)
        voiced = by_rules(text, self.cartridges.get(cartridge_id), activity_id)
        return Words(text=voiced.text, voice=voiced.voice, source=text)
