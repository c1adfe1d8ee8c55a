"""A real Postgres and a real Apache Kafka on this machine, out of Python wheels and pinned jars."""
