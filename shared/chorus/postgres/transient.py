"""Which errors of the database will pass by themselves."""

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from chorus.errors import DependencyUnavailable

_PASSING_CLASSES = frozenset({"08", "40", "53", "57"})
"""SQLSTATE classes: connection, transaction rollback, resources, operator intervention."""
_PASSING_STATES = frozenset({"55P03", "25006", "25P03"})
"""A lock was not free in time; the server is a standby (a failover is under way); a transaction
stood idle for too long, as in a process that was frozen.
"""


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed when it is done again a little later."""
    if isinstance(error, DependencyUnavailable | PoolTimeout | PoolClosed | TooManyRequests):
        return True
    if isinstance(error, BaseExceptionGroup):
        return all(is_transient(inner) for inner in error.exceptions)
    if not isinstance(error, psycopg.Error):
        return False
    state = error.sqlstate
    if state is not None:
        return state[:2] in _PASSING_CLASSES or state in _PASSING_STATES
    # Without a state it is psycopg itself that speaks: the connection broke or was closed.
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
