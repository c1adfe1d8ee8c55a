"""The rules of an execution: no I/O, no clock, no third-party code."""
