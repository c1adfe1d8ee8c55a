"""The executor's settings; each from the environment variable CHORUS_<NAME>."""

from pydantic import Field, SecretStr

from chorus_execution.settings import ExecutionSettings


class ExecutorSettings(ExecutionSettings):
    """Times are seconds."""

    service: str = "executor"
    unipile_url: str
    """Ends in `/api/v1`."""
    unipile_api_key: SecretStr
    """The provider's secret."""
    check_first: bool = True
    """Whether a like is preceded by a check, one more call for each: without it a reaction that the
    member gave by hand is replaced. Reposts always are."""
    watch_check_seconds: float = Field(default=30.0, gt=0)
    """How long a check that a watch asks for may take."""
    watch_checks_at_once: int = Field(default=4, ge=1, le=100)
    """Checks under way at once, beside the calls of acts."""
