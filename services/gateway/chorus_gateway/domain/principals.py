"""Who is asking."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from chorus_gateway.domain.roles import Permission, Role, Scope, permissions


class ProofKind(StrEnum):
    """By what somebody is known."""

    SESSION = "session"
    """An access token of a sign-in; the id is that of its family of tokens."""
    KEY = "key"
    PAGE = "page"
    """A session of our pages."""
    ISSUER = "issuer"
    """A token of an outside issuer, which alone ends it; the id is the person's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a request was let in by, so that it can be asked for again."""

    kind: ProofKind
    id: UUID

    def role_of(self, role: Role) -> Role:
        """What somebody of this role is here: on our pages nobody is more than a member."""
        if self.kind is ProofKind.PAGE and role is not Role.VIEWER:
            return Role.MEMBER
        return role


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A person of a tenant, or an API key that acts for one."""

    client_id: UUID
    user_id: UUID
    name: str
    role: Role
    proof: Proof
    scopes: frozenset[Scope] | None = None
    temporary: bool = False
    """Somebody else chose the password: they may look, and do nothing in their own name."""

    @property
    def key_id(self) -> UUID | None:
        """The API key that acts for them."""
        return self.proof.id if self.proof.kind is ProofKind.KEY else None

    def may(self, permission: Permission) -> bool:
        """Whether role and key allow it."""
        return permission in permissions(self.role, self.scopes)

    def may_act_for(self, owner_user_id: UUID) -> bool:
        """Whether an account of that owner is theirs to handle: their own, or all for a manager.

        What a viewer may do with an account that they own is to stop it: routes ask for more.
        """
        if self.may(Permission.MANAGE):
            return True
        return self.may(Permission.STOP) and self.user_id == owner_user_id

    def may_speak_for(self, owner_user_id: UUID) -> bool:
        """Whether they may say yes to what goes out in that owner's name.

        A key needs its scope for it, and no other.
        """
        if not self.may(Permission.APPROVE):
            return False
        if Permission.MANAGE in permissions(self.role):
            return True
        return self.user_id == owner_user_id

    @property
    def actor(self) -> str:
        """How decisions and the audit log name them: `user:<id>` or `key:<id>`."""
        return f"key:{self.key_id}" if self.key_id else f"user:{self.user_id}"
