"""What messages of before do not say, said where they are read: some are still on their way, and
journals keep theirs.
"""

from typing import Any

from chorus.linkedin import PLATFORM


def with_platform(said: Any) -> Any:
    """A message that names no network is of the time when there was one."""
    if not isinstance(said, dict) or "platform" in said:
        return said
    return {**said, "platform": PLATFORM}
