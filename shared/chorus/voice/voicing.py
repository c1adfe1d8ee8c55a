"""A draft in its member's voice, or as it was where no voice can say it (E3)."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from chorus.documents import VoiceCartridge
from chorus.texts import fault
from chorus.voice.rules import VoiceUnfitError, fits, render

Voice = Literal["none", "cartridge", "model", "fallback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiced:
    """What is shown, approved and sent, byte for byte, and whose voice it is in."""

    text: str
    voice: Voice


def by_rules(draft: str, cartridge: VoiceCartridge | None, activity_id: UUID) -> Voiced:
    """The draft as the cartridge says it. None, as one that nobody can read: the draft itself."""
    if cartridge is None:
        return Voiced(text=draft, voice="fallback")
    try:
        text = render(draft, cartridge, activity_id)
    except VoiceUnfitError:
        return Voiced(text=draft, voice="fallback")
    if fault(text) is not None:
        return Voiced(text=draft, voice="fallback")
    return Voiced(text=text, voice="cartridge")


def of_model(said: str | None, draft: str, cartridge: VoiceCartridge, activity_id: UUID) -> Voiced:
    """What a model said, where the cartridge allows it; else by the rules. None: nothing."""
    if said is not None and fits(said, cartridge) and fault(said) is None:
        return Voiced(text=said, voice="model")
    return by_rules(draft, cartridge, activity_id)
