"""The ledger in Postgres: rows become typed values here, and nowhere else.

Only the callers commit.
"""
