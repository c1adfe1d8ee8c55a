"""Words of Unipile's API that more than one service has to understand."""

from typing import Final

PERSON_NEEDED: Final = frozenset(
    [
        "multiple_sessions",
        "expired_credentials",
        "invalid_proxy_credentials",
        "invalid_checkpoint_solution",
        "checkpoint_error",
        "captcha_not_supported",
        "disconnected_account",
        "action_required",
        "session_mismatch",
        "account_mismatch",
        "wrong_account",
    ]
)
"""Types of errors that only the account's person can end: each is a challenge."""
RESTRICTED: Final = "account_restricted"
"""The network keeps the account from acting: a challenge too."""
