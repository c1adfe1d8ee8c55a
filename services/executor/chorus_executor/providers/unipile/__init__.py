"""Unipile v1."""
