"""Pauses as they are told of; those that are judged by are in `handover`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """A pause that began: of everything, a tenant, a pod or an account."""

    id: UUID
    scope: str
    client_id: UUID | None
    scope_id: UUID | None
    """Of a pod or an account."""
    code: str
    reason: str
    paused_by: str
    paused_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Paused):
    """A pause that ended."""

    resumed_by: str
    resumed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPause:
    """A pause that a challenge began."""

    id: UUID
    client_id: UUID
    account_id: UUID
    reason: str
    paused_at: datetime
