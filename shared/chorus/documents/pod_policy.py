"""How a pod amplifies a post (A1, P3, P4).

Durations are seconds. The gateway stores it, the scheduler plans by it.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MINUTE = 60.0
HOUR = 3600.0


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PerPost(_Document):
    """At most `count` members act on one post within any `per_seconds`."""

    count: int = Field(ge=1, le=1000)
    per_seconds: float = Field(default=HOUR, gt=0, le=86400)


class KindPolicy(_Document):
    """One kind of activity: whether, when, how many, and who says yes."""

    enabled: bool = True
    from_seconds: float = Field(ge=0, le=7 * 86400)
    """Start of the window, after the post (for reposts: after the trigger)."""
    to_seconds: float = Field(ge=0, le=7 * 86400)
    spread: Literal["linear", "uniform"] = "linear"
    """linear: members evenly over the window with jitter; uniform: each at random in it."""
    jitter: float = Field(default=0.0, ge=0, le=0.5)
    """Share of the delay by which a linear slot may move, either way."""
    per_post: PerPost | None = None
    approval: Literal["auto", "required", "suggest"] = "auto"
    """suggest: members do it by hand, and Chorus never does. A member's own word may narrow it."""

    @model_validator(mode="after")
    def _window_is_forward(self) -> Self:
        if self.to_seconds < self.from_seconds:
            raise ValueError("to_seconds must not be before from_seconds")
        return self


class CommentPolicy(KindPolicy):
    """Comments wait for a person's yes unless the policy says `auto` in so many words."""

    approval: Literal["auto", "required", "suggest"] = "required"


class RepostPolicy(KindPolicy):
    """Some reposts carry a comment out of the member's own phrases (P5)."""

    comment_share: float = Field(default=0.3, ge=0, le=1)
    """Probability that a repost carries one; 0: all are instant."""


def _like() -> KindPolicy:
    return KindPolicy(
        from_seconds=5 * MINUTE, to_seconds=30 * MINUTE, jitter=0.10, per_post=PerPost(count=3)
    )


def _comment() -> CommentPolicy:
    return CommentPolicy(from_seconds=HOUR, to_seconds=6 * HOUR, jitter=0.15)


def _repost() -> RepostPolicy:
    return RepostPolicy(from_seconds=2 * MINUTE, to_seconds=15 * MINUTE, spread="uniform")


class PodPolicy(_Document):
    """A pod's policy.

    The defaults are the requirements' own; a comment waits for a person by default.
    """

    like: KindPolicy = Field(default_factory=_like)
    comment: CommentPolicy = Field(default_factory=_comment)
    repost: RepostPolicy = Field(default_factory=_repost)
    on_publish: tuple[Literal["like", "comment", "repost"], ...] = ("like", "comment")
    """What is planned by itself when a member's post goes live."""
    repost_via: Literal["api", "browser"] = "api"
    reaction: Literal["like", "celebrate", "support", "love", "insightful", "funny"] = "like"
    comment_texts: tuple[str, ...] = Field(default=(), max_length=200)
    """What members may say; each activity draws one, and one post never gets the same text twice.
    """
    approval_expires_seconds: float = Field(default=48 * HOUR, gt=0)
    detect_posts: bool = False
    """Whether members' new posts are looked for, and amplified without anybody asking (A7)."""
    detect_every_seconds: float = Field(default=15 * MINUTE, ge=5 * MINUTE, le=24 * HOUR)
    """How often each member's account looks."""

    @model_validator(mode="after")
    def _texts_fit(self) -> Self:
        for text in self.comment_texts:
            if not 1 <= len(text.strip()) <= 1250:
                raise ValueError("each of comment_texts must have 1 to 1250 characters")
        return self
