"""Who may change what about a pod's member."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from chorus_gateway.domain.principals import Principal
from chorus_gateway.domain.roles import Permission

PHRASES: Final = "phrases"
OWN: Final = frozenset({PHRASES, "active", "kinds"})
"""What the account's owner decides: their words, and whether and in what they take part."""
STANDING: Final = frozenset({"active", "kinds"})
"""What decides whether something that is planned may still happen."""


def refusal(principal: Principal, *, owner_user_id: UUID, changed: Collection[str]) -> str | None:
    """The code of why not, or None.

    Phrases are the words of the account's owner: nobody else sets them, and no program does.
    """
    owner = principal.user_id == owner_user_id
    if PHRASES in changed and not owner:
        return "phrases_are_personal"
    if PHRASES in changed and principal.key_id is not None:
        return "phrases_are_personal"
    if PHRASES in changed and principal.temporary:
        return "password_is_temporary"
    if principal.may(Permission.MANAGE):
        return None
    return None if owner and OWN.issuperset(changed) else "not_allowed"
