"""Kafka: topics, envelopes, the producer and the one consume loop."""
