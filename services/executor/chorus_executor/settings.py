"""The executor's settings; each from the environment variable CHORUS_<NAME>."""

from pydantic import Field, SecretStr

from chorus.execution.settings import ExecutionSettings


class ExecutorSettings(ExecutionSettings):
    """Times are seconds."""

    service: str = "executor"
    unipile_url: str
    """Ends in `/api/v1`."""
    unipile_api_key: SecretStr
    voice_model_url: str | None = None
    """Of an OpenAI-compatible endpoint, ending in `/v1`; without it cartridges render by rules."""
    voice_model_key: SecretStr = SecretStr("")
    voice_model_name: str = "default"
    voice_model_seconds: float = Field(default=10.0, gt=0)
    look_first: bool = True
    """Whether a like is preceded by a look, one more call for each: without it a reaction that the
    member gave by hand is replaced. Reposts always are."""
