"""The browser executor."""
