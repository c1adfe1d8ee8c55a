"""Whole-system measurements: real Kafka, real Postgres, the sandbox as the network."""
