"""The journal of executions: a row is committed before a call and closed after it.

Both executors stand on it. It knows who works on what and what a dead worker left behind; whether
an activity may be carried out, and how, is theirs.
"""

from chorus_execution.journal.journal import Journal, open_journal_pool
from chorus_execution.journal.keep import Keep
from chorus_execution.journal.records import (
    NOBODY,
    AttemptKey,
    Closing,
    Earlier,
    Inherited,
    Judged,
    Known,
    Opened,
    Opening,
    Place,
    key_of,
)
from chorus_execution.journal.worker import Lease, Worker

__all__ = [
    "NOBODY",
    "AttemptKey",
    "Closing",
    "Earlier",
    "Inherited",
    "Journal",
    "Judged",
    "Keep",
    "Known",
    "Lease",
    "Opened",
    "Opening",
    "Place",
    "Worker",
    "key_of",
    "open_journal_pool",
]
