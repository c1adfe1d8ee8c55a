"""Decides whether and when an account acts."""
