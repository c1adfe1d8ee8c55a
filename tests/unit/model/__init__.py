"""A model of the product: its real rules around an in-memory ledger, and a network that is honest
about what happened.
"""
