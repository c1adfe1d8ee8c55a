"""Pictures of what went wrong, without the session or the person that it belongs to."""

from chorus_browser_repost.evidence.screenshot import Evidence, take

__all__ = ["Evidence", "take"]
