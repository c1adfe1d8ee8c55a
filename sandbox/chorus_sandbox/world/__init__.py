"""What stands behind the providers: people and posts, the truth, faults, gates, control."""
