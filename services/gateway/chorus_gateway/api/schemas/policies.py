"""How pods and voices behave, as clients send it: whole, or what of it is to change.

What is stored is read by other services as the plain documents: a rule that comes later must not
make them unreadable, so what is asked of texts is asked here.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from chorus.documents import EmojiHabit, PodPolicy, VoiceCartridge
from chorus_gateway.api.fields import Document, few_signs, optional, said, seen

MAX_TEXT = 1250


def _each_said(texts: Iterable[str]) -> tuple[str, ...]:
    given = list(texts)
    few_signs(given)
    return tuple(said(_short(text).strip()) for text in given)


def _each_seen(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(seen(_short(text)) for text in texts)


def _swaps(words: dict[str, str]) -> dict[str, str]:
    return {seen(_short(word)): said(_short(instead)) for word, instead in words.items()}


def _short(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise ValueError(f"each text may have {MAX_TEXT} characters at most")
    return text


Said = Annotated[tuple[str, ...], AfterValidator(_each_said)]
Seen = Annotated[tuple[str, ...], AfterValidator(_each_seen)]
Swaps = Annotated[dict[str, str], AfterValidator(_swaps)]
OnPublish = tuple[Literal["like", "comment", "repost"], ...]


class NewPolicy(PodPolicy):
    """A pod's policy; what it leaves out has the defaults that the answer shows."""

    on_publish: OnPublish = Field(default=("like", "comment"), max_length=3)
    comment_texts: Said = Field(default=(), max_length=200)


class NewVoice(VoiceCartridge):
    """A voice; an empty one leaves a text as it is."""

    vocabulary: Swaps = Field(default_factory=dict, max_length=200)
    openings: Said = Field(default=(), max_length=50)
    closings: Said = Field(default=(), max_length=50)
    forbidden_words: Seen = Field(default=(), max_length=200)


class PerPostChanges(Document):
    """What of a limit per post is to change."""

    count: int = optional(ge=1, le=1000)
    per_seconds: float = optional(gt=0, le=86400)


class KindChanges(Document):
    """What of one kind's rules is to change; null for `per_post` takes the limit away."""

    enabled: bool = optional()
    from_seconds: float = optional(ge=0, le=7 * 86400)
    to_seconds: float = optional(ge=0, le=7 * 86400)
    spread: Literal["linear", "uniform"] = optional()
    jitter: float = optional(ge=0, le=0.5)
    per_post: PerPostChanges | None = None
    approval: Literal["auto", "required", "suggest"] = optional()


class RepostChanges(KindChanges):
    """The same for reposts."""

    comment_share: float = optional(ge=0, le=1)


class PolicyChanges(Document):
    """What of a policy is to change; the rest stays. A list is replaced as a whole."""

    like: KindChanges = optional()
    comment: KindChanges = optional()
    repost: RepostChanges = optional()
    on_publish: OnPublish = optional(max_length=3)
    repost_via: Literal["api", "browser"] = optional()
    reaction: Literal["like", "celebrate", "support", "love", "insightful", "funny"] = optional()
    comment_texts: Said = optional(max_length=200)
    approval_expires_seconds: float = optional(gt=0)
    detect_posts: bool = optional()
    detect_every_seconds: float = optional(ge=300, le=86400)


class VoiceChanges(Document):
    """What of a voice is to change; the rest stays. Lists and words are replaced as a whole."""

    personality: str = optional(max_length=2000)
    tone: Literal["plain", "warm", "professional", "playful", "direct", "curious"] = optional()
    vocabulary: Swaps = optional(max_length=200)
    openings: Said = optional(max_length=50)
    closings: Said = optional(max_length=50)
    opening_frequency: float = optional(ge=0, le=1)
    closing_frequency: float = optional(ge=0, le=1)
    emoji: EmojiHabit = optional()
    min_length: int = optional(ge=1, le=1250)
    max_length: int = optional(ge=1, le=1250)
    forbidden_words: Seen = optional(max_length=200)
