"""The system as these tests run it: everything twice that may be there twice, and little patience.

Every time here is a setting of the product, and shorter than its default.
"""

from collections.abc import Mapping
from pathlib import Path

from chorus_lab.stack import Stack
from chorus_lab.stack.progress import Progress, silent

PROCESSES = (
    "gateway",
    "scheduler",
    "scheduler-2",
    "executor",
    "executor-2",
    "notifier",
    "browser-repost",
)

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "*": {
        "CHORUS_SESSION_TIMEOUT_MS": "2000",
        "CHORUS_REQUEST_TIMEOUT_MS": "5000",
        "CHORUS_DRAIN_SECONDS": "2",
    },
    "scheduler": {
        "CHORUS_LEASE": "2",
        "CHORUS_LEASE_JOURNALED": "8",
        "CHORUS_SWEEP_SECONDS": "0.5",
        "CHORUS_RECONCILE_SECONDS": "3",
        "CHORUS_RECONCILE_AFTER": "4",
    },
    "executor": {
        "CHORUS_CONCURRENCY": "20",
        "CHORUS_ENGAGEMENT_SECONDS": "3",
        "CHORUS_SETTLE_SECONDS": "1",
        "CHORUS_VERIFY_PAUSES": "[0.4, 0.8, 1.6]",
        "CHORUS_BEAT_SECONDS": "0.4",
        "CHORUS_FENCE_SECONDS": "1",
        "CHORUS_DEAD_AFTER_SECONDS": "1.6",
        "CHORUS_SWEEP_SECONDS": "0.5",
    },
}


def make_stack(folder: Path, *, progress: Progress = silent) -> Stack:
    """Not started. Postgres is durable here: what it has confirmed is there after a crash."""
    return Stack(
        folder,
        executors=2,
        schedulers=2,
        settings=SETTINGS,
        progress=progress,
    )
