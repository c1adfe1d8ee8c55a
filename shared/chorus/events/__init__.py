"""Events and commands: what travels over Kafka."""

from chorus.events.accounts import AccountChallenged
from chorus.events.activities import (
    ActivityDue,
    ActivityExecuted,
    ActivityScheduled,
    CallResult,
    Failure,
    Target,
)
from chorus.events.event import Event
from chorus.events.leads import LeadCaptured
from chorus.events.posts import PostPublished, PostQueued, PublishFailed
from chorus.events.watches import SeenPost, WatchChecked, WatchDue

ALL: tuple[type[Event], ...] = (
    PostQueued,
    PostPublished,
    PublishFailed,
    ActivityScheduled,
    ActivityDue,
    ActivityExecuted,
    AccountChallenged,
    WatchDue,
    WatchChecked,
    LeadCaptured,
)

__all__ = [
    "ALL",
    "AccountChallenged",
    "ActivityDue",
    "ActivityExecuted",
    "ActivityScheduled",
    "CallResult",
    "Event",
    "Failure",
    "LeadCaptured",
    "PostPublished",
    "PostQueued",
    "PublishFailed",
    "SeenPost",
    "Target",
    "WatchChecked",
    "WatchDue",
]
