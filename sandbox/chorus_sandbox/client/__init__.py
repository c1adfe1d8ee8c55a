"""Typed clients of the gateway's API and of the sandbox's control API."""

from chorus_sandbox.client.errors import ApiError, NoAnswerError
from chorus_sandbox.client.gateway import GatewayClient
from chorus_sandbox.client.records import (
    SETTLED,
    Activity,
    Amplification,
    Effect,
    Entry,
    Planned,
    Post,
    Skipped,
    Summary,
    Tokens,
)
from chorus_sandbox.client.sandbox import SandboxClient

__all__ = [
    "SETTLED",
    "Activity",
    "Amplification",
    "ApiError",
    "Effect",
    "Entry",
    "GatewayClient",
    "NoAnswerError",
    "Planned",
    "Post",
    "SandboxClient",
    "Skipped",
    "Summary",
    "Tokens",
]
