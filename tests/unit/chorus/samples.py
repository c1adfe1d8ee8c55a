"""Commands for tests of pure parts."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chorus.events import ActivityDue, PostTarget
from chorus.vocabulary import Kind, Lane, Mode

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def command(**values: Any) -> ActivityDue:
    return ActivityDue(
        **{
            "client_id": UUID(int=1),
            "activity_id": UUID(int=2),
            "execution": 1,
            "attempt": 1,
            "max_attempts": 3,
            "mode": Mode.PERFORM,
            "kind": Kind.LIKE,
            "lane": Lane.API,
            "account_id": UUID(int=3),
            "provider_account_id": "account",
            "target": PostTarget(post_id=UUID(int=4)),
            "due_at": NOW,
            "correlation_id": "correlation",
            **values,
        }
    )
