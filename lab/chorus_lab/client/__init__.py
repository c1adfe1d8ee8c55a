"""Typed clients of the gateway's API and of the sandbox's control API."""

from chorus_lab.client.errors import ApiError, NoAnswerError, NotConnectedError
from chorus_lab.client.gateway import GatewayClient
from chorus_lab.client.joining import Joined, Joining
from chorus_lab.client.records import (
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
from chorus_lab.client.sandbox import SandboxClient

__all__ = [
    "SETTLED",
    "Activity",
    "Amplification",
    "ApiError",
    "Effect",
    "Entry",
    "GatewayClient",
    "Joined",
    "Joining",
    "NoAnswerError",
    "NotConnectedError",
    "Planned",
    "Post",
    "SandboxClient",
    "Skipped",
    "Summary",
    "Tokens",
]
