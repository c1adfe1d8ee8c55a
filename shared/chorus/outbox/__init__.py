"""The outbox: events stored with the change that caused them, and the relay that publishes them."""
