"""What messages of before do not say, said where they are read: some are still on their way, and
journals keep theirs.
"""

from typing import Any

from chorus.events.targets import PostTarget
from chorus.linkedin import PLATFORM


def with_platform(said: Any) -> Any:
    """A message that names no network is of the time when there was one."""
    if not isinstance(said, dict) or "platform" in said:
        return said
    return {**said, "platform": PLATFORM}


def with_target(said: Any) -> Any:
    """A message whose target has no kind, or that names a post alone, is of the time when there
    were posts alone. One that names its target says its post besides, for readers of before.
    """
    if not isinstance(said, dict):
        return said
    target, post_id = said.get("target"), said.get("post_id")
    if target is None and post_id is not None:
        return {**said, "target": {"kind": "post", "post_id": post_id}}
    if isinstance(target, dict):
        target = {"kind": "post", **target}
        post_id = target.get("post_id")
    elif target is not None:
        post_id = target.post_id if isinstance(target, PostTarget) else None
    return {**said, "target": target, "post_id": post_id}
