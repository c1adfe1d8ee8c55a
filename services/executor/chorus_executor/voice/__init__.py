"""Whose voice a text goes out in (E3)."""
