"""Checks: what watches ask for is read, once for each time that it is asked for."""
