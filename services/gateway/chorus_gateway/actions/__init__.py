"""The use cases: each with its transaction, its rule, its audit row and its event; no HTTP."""
