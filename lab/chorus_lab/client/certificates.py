"""The authorities whose word clients take, read once: that takes longer than many requests."""

import ssl
from functools import lru_cache

import httpx


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """As httpx would make one for each client."""
    return httpx.create_ssl_context()
