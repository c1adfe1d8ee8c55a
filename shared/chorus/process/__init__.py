"""A service as a process: it starts, answers probes, and stops in order."""
