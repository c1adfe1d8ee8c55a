"""The gateway's rows: a module an area, its SQL beside it, in the caller's transaction."""
