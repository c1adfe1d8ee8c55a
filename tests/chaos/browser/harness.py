"""The browser lane as these tests run it: one scheduler, two browser services, little patience.

Every time and rate here is a setting of the product. The gateway and the other services are left
out; what they would write is written straight into the database, and found by reconciling.
"""

from collections.abc import Mapping
from pathlib import Path

from chorus_lab.stack import Stack
from chorus_lab.stack.progress import Progress, silent

BROWSER_SERVICES = ("browser-repost", "browser-repost-2")
PROCESSES = ("scheduler", *BROWSER_SERVICES)

_SETTINGS: Mapping[str, Mapping[str, str]] = {
    "*": {
        "CHORUS_SESSION_TIMEOUT_MS": "4000",
        "CHORUS_REQUEST_TIMEOUT_MS": "10000",
    },
    "scheduler": {
        "CHORUS_LEASE": "3",
        "CHORUS_LEASE_JOURNALED": "20",
        "CHORUS_SWEEP_SECONDS": "0.5",
        "CHORUS_RECONCILE_SECONDS": "1",
        "CHORUS_RECONCILE_AFTER": "0",
        # The lane's limits (P4) are tested elsewhere: what waits here waits in its service.
        "CHORUS_BROWSER_PER_MINUTE": "6000",
        "CHORUS_BROWSER_AT_ONCE": "64",
        # And it may wait for long: behind the limits of the lane nothing does.
        "CHORUS_BROWSER_ACTS_WITHIN": "600",
    },
    "browser-repost": {
        "CHORUS_ENGAGEMENT_SECONDS": "30",
        "CHORUS_SETTLE_SECONDS": "1",
        "CHORUS_VERIFY_PAUSES": "[0.4, 0.8, 1.6]",
        "CHORUS_BEAT_SECONDS": "0.5",
        "CHORUS_FENCE_SECONDS": "1.5",
        "CHORUS_DEAD_AFTER_SECONDS": "2.5",
        "CHORUS_SWEEP_SECONDS": "0.5",
        "CHORUS_PAGE_TIMEOUT_SECONDS": "12",
        "CHORUS_PAGE_ANSWER_SECONDS": "12",
        "CHORUS_BROWSER_BROWSERS": "1",
        "CHORUS_BROWSER_SLOTS": "2",
        "CHORUS_CONCURRENCY": "2",
        "CHORUS_DRAIN_SECONDS": "20",
        "CHORUS_BROWSER_DRAIN_SECONDS": "20",
    },
}


def make_stack(folder: Path, browsers: Path, *, progress: Progress = silent) -> Stack:
    """Not started. Its browsers keep their files in `browsers`, whose path must be short."""
    own = {"CHORUS_BROWSER_FOLDER": str(browsers)}
    return Stack(
        folder,
        services=("scheduler", "browser-repost"),
        browser_services=len(BROWSER_SERVICES),
        settings={**_SETTINGS, "browser-repost": {**_SETTINGS["browser-repost"], **own}},
        progress=progress,
    )
