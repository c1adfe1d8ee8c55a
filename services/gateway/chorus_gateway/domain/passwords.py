"""What a password must be."""

from typing import Final

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 200


def fault(password: str, *, email: str) -> str | None:
    """Why a password will not do, as a sentence; None where it will.

    Length and not being one's own e-mail: rules about kinds of characters make passwords worse.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return f"A password must have {MIN_LENGTH} to {MAX_LENGTH} characters."
    if password.lower() in (email.lower(), email.lower().partition("@")[0]):
        return "A password must not be the e-mail address."
    if len(set(password)) < 5:
        return "A password must have at least 5 different characters."
    return None
