"""Events and commands: what travels over Kafka."""

from chorus.events.accounts import AccountChallenged, AccountStatusChanged
from chorus.events.activities import (
    ActivityDue,
    ActivityExecuted,
    ActivityScheduled,
    CallResult,
    Failure,
)
from chorus.events.event import Event
from chorus.events.leads import LeadCaptured
from chorus.events.people import PasswordEnded
from chorus.events.posts import PostPublished, PostQueued, PublishFailed
from chorus.events.targets import OccasionTarget, PersonTarget, PostTarget, Target
from chorus.events.watches import SeenAccount, SeenPost, WatchChecked, WatchDue

ALL: tuple[type[Event], ...] = (
    PostQueued,
    PostPublished,
    PublishFailed,
    ActivityScheduled,
    ActivityDue,
    ActivityExecuted,
    AccountChallenged,
    PasswordEnded,
    AccountStatusChanged,
    WatchDue,
    WatchChecked,
    LeadCaptured,
)

__all__ = [
    "ALL",
    "AccountChallenged",
    "AccountStatusChanged",
    "ActivityDue",
    "ActivityExecuted",
    "ActivityScheduled",
    "CallResult",
    "Event",
    "Failure",
    "LeadCaptured",
    "OccasionTarget",
    "PasswordEnded",
    "PersonTarget",
    "PostPublished",
    "PostQueued",
    "PostTarget",
    "PublishFailed",
    "SeenAccount",
    "SeenPost",
    "Target",
    "WatchChecked",
    "WatchDue",
]
