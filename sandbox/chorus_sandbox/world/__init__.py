"""What stands behind the providers: people and posts, the truth, faults, hold points, control."""
