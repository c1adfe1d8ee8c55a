"""Who may do what. A role is a set of permissions; an API key can only narrow it."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a person is in their tenant."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Permission(StrEnum):
    """One thing that may be done, within one's own tenant."""

    READ = "read"
    STOP = "stop"
    """Say no to what is done in one's own name: withdraw, pause, cancel, reject, leave.

    No role takes this away.
    """
    OWN_ACCOUNTS = "own_accounts"
    """Connect accounts, and answer for one's own: consent, approval, pause."""
    APPROVE = "approve"
    """Say yes to what goes out in somebody's name: in person, or with a key made for it."""
    MANAGE = "manage"
    """Pods, members, voices, posts, all accounts, all activities, all pauses."""
    ADMINISTER = "administer"
    """People, API keys, the audit log."""


class Scope(StrEnum):
    """What an API key was made for."""

    READ = "read"
    WRITE = "write"
    APPROVE = "approve"
    """Approvals and texts; the record names the key."""


_OF_ROLE: Final[dict[Role, frozenset[Permission]]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMIN: frozenset(Permission),
    Role.MEMBER: frozenset(
        {Permission.READ, Permission.STOP, Permission.OWN_ACCOUNTS, Permission.APPROVE}
    ),
    Role.VIEWER: frozenset({Permission.READ, Permission.STOP}),
}


def permissions(role: Role, scopes: frozenset[Scope] | None = None) -> frozenset[Permission]:
    """What a role may do; with `scopes` (of an API key) only what the key allows as well.

    A key never administers: whoever finds one must not be able to make another.
    """
    of_role = _OF_ROLE[role]
    if scopes is None:
        return of_role
    allowed = {Permission.READ} if scopes else set()
    if Scope.WRITE in scopes:
        allowed |= {Permission.STOP, Permission.OWN_ACCOUNTS, Permission.MANAGE}
    if Scope.APPROVE in scopes:
        allowed |= {Permission.APPROVE}
    return of_role & allowed


def may_change_user(*, actor: Role, present: Role, wanted: Role) -> bool:
    """Whether somebody may turn a `present` into a `wanted`: only owners touch owners."""
    if Role.OWNER in (present, wanted):
        return actor is Role.OWNER
    return actor in (Role.OWNER, Role.ADMIN)
