"""A voice cartridge (E3): how a member or a pod sounds.

The gateway stores it, the executor renders by it.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Phrase = str


class EmojiHabit(BaseModel):
    """How often an emoji closes a comment, and which ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frequency: float = Field(default=0.0, ge=0, le=1)
    favourites: tuple[str, ...] = Field(default=(), max_length=20)


class VoiceCartridge(BaseModel):
    """Personality, tone and habits.

    Everything is optional: an empty cartridge leaves a text as it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    personality: str = Field(default="", max_length=2000)
    """In plain words; used by a language model where one is configured."""
    tone: Literal["plain", "warm", "professional", "playful", "direct", "curious"] = "plain"
    vocabulary: dict[str, str] = Field(default_factory=dict, max_length=200)
    """Word or phrase → what this person would say instead (whole words, case kept)."""
    openings: tuple[Phrase, ...] = Field(default=(), max_length=50)
    closings: tuple[Phrase, ...] = Field(default=(), max_length=50)
    opening_frequency: float = Field(default=0.5, ge=0, le=1)
    closing_frequency: float = Field(default=0.3, ge=0, le=1)
    emoji: EmojiHabit = Field(default_factory=EmojiHabit)
    min_length: int = Field(default=1, ge=1, le=1250)
    max_length: int = Field(default=1250, ge=1, le=1250)
    forbidden_words: tuple[str, ...] = Field(default=(), max_length=200)
    """A text that would hold one of these is not sent in that form."""

    @model_validator(mode="after")
    def _lengths_are_in_order(self) -> Self:
        if self.max_length < self.min_length:
            raise ValueError("max_length must not be below min_length")
        return self
