"""The closed word lists that events, the ledger and the API share.

Values are what is stored and sent.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What an account does. One ledger holds all of them."""

    LIKE = "like"
    COMMENT = "comment"
    REPOST = "repost"
    PUBLISH = "publish"
    SEND_DM = "send_dm"
    SCAN_COMMENTS = "scan_comments"
    READ_REPLIES = "read_replies"
    DETECT_POSTS = "detect_posts"


class WatchKind(StrEnum):
    """What is looked at again and again."""

    POSTS_OF_ACCOUNT = "posts_of_account"
    COMMENTS_OF_POST = "comments_of_post"
    MESSAGES_OF_CONVERSATION = "messages_of_conversation"
    STATUS_OF_ACCOUNT = "status_of_account"
    """Whether its sign-in at the provider is still there."""


class ApprovalMode(StrEnum):
    """Who does what is planned for an account; the widest first, each next one narrower."""

    AUTO = "auto"
    """Chorus, without a yes of this person's."""
    APPROVE_EACH = "approve_each"
    """Chorus, after a yes to each."""
    SUGGEST = "suggest"
    """The account's person, by hand: it is shown, and Chorus never does it."""


class SubjectKind(StrEnum):
    """What an activity is about."""

    POST = "post"
    PERSON = "person"
    OCCASION = "occasion"
    """What happened once and is answered once: a comment, a message."""


class Lane(StrEnum):
    """The way by which an activity goes out; each has a topic of due commands and an executor."""

    API = "api"
    BROWSER = "browser"


class State(StrEnum):
    """An activity's life. The allowed moves are in the scheduler's `domain/states.py`."""

    PLANNED = "planned"
    AWAITING_APPROVAL = "awaiting_approval"
    SCHEDULED = "scheduled"
    DISPATCHED = "dispatched"
    EXECUTED = "executed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How one execution ended, as the executor saw it."""

    EXECUTED = "executed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The call may have taken effect and the provider could not tell us yet."""
    WITHHELD = "withheld"
    """No call was made: a pause, a revoked consent or a cancellation was found first."""


class WithheldCode(StrEnum):
    """Why an executor made no call. The scheduler goes by it, and takes others for reasons of
    another day's program.
    """

    PAUSED = "paused"
    ACCOUNT_NOT_CONNECTED = "account_not_connected"
    CONSENT_REVOKED = "consent_revoked"
    MEMBER_INACTIVE = "member_inactive"
    KIND_DISABLED = "kind_disabled"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    LATE = "late"
    ALREADY_DONE = "already_done"
    WATCH_NOT_WANTED = "watch_not_wanted"
    APPROVAL_NEEDED = "approval_needed"
    SUGGEST_ONLY = "suggest_only"


class Mode(StrEnum):
    """What a due command asks for."""

    PERFORM = "perform"
    VERIFY = "verify"
    """Only look whether an earlier call took effect; never call again."""


class ErrorType(StrEnum):
    """The six classes of E6."""

    RATE_LIMIT = "rate_limit"
    AUTH_ERROR = "auth_error"
    NETWORK_ERROR = "network_error"
    POST_NOT_FOUND = "post_not_found"
    PROFILE_BLOCKED = "profile_blocked"
    API_ERROR = "api_error"


class Platform(StrEnum):
    """The networks of Q3."""

    LINKEDIN = "linkedin"
    TIKTOK = "tiktok"
    INSTAGRAM = "instagram"
    YOUTUBE = "youtube"
    FACEBOOK = "facebook"
    TWITTER = "twitter"
    REDDIT = "reddit"
