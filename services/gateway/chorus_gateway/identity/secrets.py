"""Secrets that are stored as digests alone: long and random, so a plain hash is enough."""

import base64
import hmac
import secrets
from hashlib import sha256
from typing import Final

API_KEY_PREFIX: Final = "chk_"
REFRESH_TOKEN_PREFIX: Final = "chr_"  # noqa: S105 - tells what a secret is, not the secret


def new_api_key() -> str:
    """A new API key, shown once."""
    return f"{API_KEY_PREFIX}{secrets.token_urlsafe(32)}"


def new_refresh_token() -> str:
    """A new refresh token."""
    return f"{REFRESH_TOKEN_PREFIX}{secrets.token_urlsafe(32)}"


def successor(key: bytes, token: str) -> str:
    """The refresh token that follows this one: always the same, and known to none without both."""
    made = hmac.new(key, b"successor/" + token.encode(), sha256).digest()
    return REFRESH_TOKEN_PREFIX + base64.urlsafe_b64encode(made).decode().rstrip("=")


def digest(secret: str) -> bytes:
    """What is stored, and looked up, instead of the secret."""
    return sha256(secret.encode()).digest()


def shown(secret: str) -> str:
    """The first characters of a key, by which its owner knows it again."""
    return secret[:12]


def new_link_secret() -> str:
    """What a link for connecting an account carries to the provider and back."""
    return secrets.token_urlsafe(32)
