"""The system in one process, on virtual time, under one seed: see README.md."""
