"""Reposts through the pool against reposts as simple scripts do them, on the same pages."""
