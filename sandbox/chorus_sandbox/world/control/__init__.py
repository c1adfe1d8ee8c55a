"""The control API: it makes the world, injects faults, and tells the truth. Loopback only."""
