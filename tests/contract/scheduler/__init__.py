"""Contracts of the scheduler."""
