"""The browser-repost service."""
