"""SQL of the schema `gateway`, applied in order by `chorus.postgres.migrate`."""
