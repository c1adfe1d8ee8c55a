"""A member's own session, fetched for one job and forgotten after it (P5, P6)."""
