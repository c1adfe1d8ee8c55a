"""The executor's settings; each from the environment variable CHORUS_<NAME>."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from chorus.settings import ServiceSettings


class ExecutorSettings(ServiceSettings):
    """Times are seconds."""

    service: str = "executor"
    unipile_url: str
    """Ends in `/api/v1`."""
    unipile_api_key: SecretStr
    concurrency: int = Field(default=5, ge=1, le=1000)
    """Calls under way at once (E1)."""
    max_in_flight: int = Field(default=1000, ge=1)
    """Commands in hand, nearly all of them waiting for their instant or a slot."""
    engagement_seconds: float = Field(default=30.0, gt=0)
    standing_seconds: float = Field(default=1.0, gt=0, le=2)
    """How old the last look at pauses and consent may be when a call goes out."""
    settle_seconds: float = Field(default=1.5, ge=0)
    """How long a call whose answer was lost may still take effect."""
    look_pauses: tuple[float, ...] = (0.5, 1.0, 2.0)
    """Between the looks of a verification, as lists may lag."""
    beat_seconds: float = Field(default=1.0, gt=0)
    fence_seconds: float = Field(default=2.0, gt=0)
    dead_after_seconds: float = Field(default=3.0, gt=0)
    sweep_seconds: float = Field(default=1.0, gt=0)
    keep_attempts_seconds: float = Field(default=30 * 86_400.0, gt=0)
    """Ended attempts are detail: the ledger itself stays (A5)."""
    voice_model_url: str | None = None
    """Of an OpenAI-compatible endpoint, ending in `/v1`; without it cartridges render by rules."""
    voice_model_key: SecretStr = SecretStr("")
    voice_model_name: str = "default"
    voice_model_seconds: float = Field(default=10.0, gt=0)

    @model_validator(mode="after")
    def _fence_is_before_death(self) -> Self:
        if not self.beat_seconds < self.fence_seconds < self.dead_after_seconds:
            raise ValueError(
                "CHORUS_BEAT_SECONDS < …_FENCE_SECONDS < …_DEAD_AFTER_SECONDS must hold"
            )
        return self
