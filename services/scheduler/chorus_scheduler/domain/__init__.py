"""The scheduler's rules: pure functions over frozen values.

Instants are integer microseconds of Unix time, UTC.
"""
