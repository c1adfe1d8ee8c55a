"""The settings of browser-repost; each from the environment variable CHORUS_<NAME>.

Those of its browsers are in `pool/settings.py`.
"""

import ipaddress
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from chorus.settings import KafkaSettings
from chorus_execution.journal.evidence import KEEP_SECONDS
from chorus_execution.settings import ExecutionSettings


class BrowserRepostSettings(ExecutionSettings):
    """Times are seconds."""

    service: str = "browser-repost"
    max_in_flight: int = Field(default=50, ge=1)
    settle_seconds: float = Field(default=3.0, ge=0)
    """How long a call whose answer was lost may still take effect: longer than elsewhere, as a
    browser may outlive its service by some seconds.
    """
    linkedin_url: str = "https://www.linkedin.com"
    """An https address, or this machine."""
    session_url: str
    """Where a member's session is asked for: an https address, or this machine; holds
    `{account_id}`, the provider's id of it.
    """
    session_url_plain: bool = False
    """Let sessions come over plain http from another machine: only where the network encrypts."""
    session_header: str = "X-API-KEY"
    """The header that carries the key."""
    session_key: SecretStr
    """The secret of the session endpoint."""
    session_seconds: float = Field(default=8.0, gt=0)
    """For one fetch of a session."""
    page_timeout_seconds: float = Field(default=8.0, gt=0)
    """How long a page may take to show what it must, before its layout counts as changed."""
    page_settling_seconds: float = Field(default=0.6, gt=0)
    """How long a control must stay away before it counts as not offered."""
    page_answer_seconds: float = Field(default=10.0, gt=0)
    """How long a page may take to say what became of a click."""
    keep_evidence_seconds: float = Field(default=KEEP_SECONDS, gt=0)
    """How long pictures of failures are kept."""

    @field_validator("linkedin_url")
    @classmethod
    def _travels_in_private(cls, url: str) -> str:
        """A session must not travel in the clear, but on this machine alone."""
        if not _is_private(url):
            raise ValueError("must be an https address")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _sessions_come_in_private(self) -> Self:
        if not (self.session_url_plain or _is_private(self.session_url)):
            raise ValueError(
                "CHORUS_SESSION_URL must be an https address, or CHORUS_SESSION_URL_PLAIN be set"
            )
        return self

    @property
    def linkedin_host(self) -> str:
        return urlsplit(self.linkedin_url).hostname or ""


class BrowserKafkaSettings(KafkaSettings):
    """A repost under way may take its whole time before its partitions are let go of."""

    drain_seconds: float = Field(default=35, ge=0)
    """What is under way at SIGTERM may end; give the process a minute."""


def _is_private(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and _on_this_machine(parts.hostname))


def _on_this_machine(host: str | None) -> bool:
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
