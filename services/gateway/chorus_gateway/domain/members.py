"""Who may change what about a pod's member."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chorus_gateway.domain.principals import Principal
from chorus_gateway.domain.roles import Permission

PHRASES: Final = "phrases"
OWN: Final = frozenset({PHRASES, "active", "kinds"})
"""What the account's owner decides: their words, and whether and in what they take part."""
STANDING: Final = frozenset({"active", "kinds"})
"""What decides whether something that is planned may still happen."""


_KINDS: Final = frozenset({"like", "comment", "repost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """What an account's owner wants no part of in a pod, by their own word."""

    whole: bool = False
    kinds: frozenset[str] = frozenset()

    def forbids(self, wanted: "Part") -> bool:
        """Whether this would put the account back into what its owner has left."""
        back = self.whole and wanted.active is True
        return back or bool(self.kinds.intersection(wanted.kinds or ()))

    def after(self, said: "Part") -> "Departure":
        """What stands once the owner has said this: what they take part in, and what not."""
        whole = self.whole if said.active is None else not said.active
        kinds = self.kinds if said.kinds is None else _KINDS - frozenset(said.kinds)
        return Departure(whole=whole, kinds=kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Whether and in what an account is to take part; None: as it is."""

    active: bool | None = None
    kinds: Collection[str] | None = None


def returns(principal: Principal, owner_user_id: UUID) -> bool:
    """Who left by themselves comes back by themselves: signed in, with a password of their own."""
    own = principal.user_id == owner_user_id and principal.key_id is None
    return own and not principal.temporary


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
