"""Words of Unipile's API that more than one service has to understand."""

from collections.abc import Sequence
from typing import Final

import orjson

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

OK: Final = "OK"
_WEIGHTIEST_FIRST: Final = ("CREDENTIALS", "PERMISSIONS", "STOPPED", "ERROR")
_NOT_FOUND: Final = "resource_not_found"


def account_word(statuses: Sequence[str]) -> str:
    """The one word for an account: the weightiest of its sources' that is not OK.

    What has no source is not OK either.
    """
    if not statuses:
        return "NO_SOURCES"
    wrong = set(statuses) - {OK}
    known = next((word for word in _WEIGHTIEST_FIRST if word in wrong), None)
    return known or min(wrong, default=OK)


def says_not_found(body: bytes) -> bool:
    """Whether a 404 is Unipile's own word, and not that of a proxy on the way."""
    try:
        problem = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return isinstance(problem, dict) and problem.get("type") == f"errors/{_NOT_FOUND}"
