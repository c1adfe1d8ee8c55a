"""What every service shares: events, consume loop, outbox, settings, logs and metrics."""
