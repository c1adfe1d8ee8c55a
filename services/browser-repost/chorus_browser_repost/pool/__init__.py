"""A pool of Chromium processes: an ephemeral context for a job, and nothing of it afterwards."""

from chorus_browser_repost.pool.errors import (
    BrowserCallFailed,
    BrowserDeadline,
    BrowserError,
    BrowserLost,
    BrowserStartFailed,
    BrowserUnavailable,
    Level,
    PoolStopping,
)
from chorus_browser_repost.pool.options import ContextOptions
from chorus_browser_repost.pool.pool import BrowserPool
from chorus_browser_repost.pool.settings import BrowserPoolSettings

__all__ = [
    "BrowserCallFailed",
    "BrowserDeadline",
    "BrowserError",
    "BrowserLost",
    "BrowserPool",
    "BrowserPoolSettings",
    "BrowserStartFailed",
    "BrowserUnavailable",
    "ContextOptions",
    "Level",
    "PoolStopping",
]
