"""The rules of this service: no I/O, no clock, no third-party code."""
