"""Identifiers. Random ones sort by time (UUIDv7, RFC 9562); an activity's id (UUIDv5) follows
from its intent."""

import os
import time
from hashlib import sha1
from uuid import UUID

from chorus.vocabulary import Kind, SubjectKind

_INTENTS = {
    SubjectKind.POST: UUID("6c0e1c3a-6c0f-5d7b-9b53-2b4a5f0f7c11"),
    SubjectKind.PERSON: UUID("7e6d2a54-3f0b-5c1e-8a9d-5b1f60c4d823"),
    SubjectKind.OCCASION: UUID("94b7f6de-0c52-5e8a-a6f1-d3e07b9c2a46"),
}
"""A namespace each: what two kinds of subject are called is never one intent."""


def new_id() -> UUID:
    """A new UUIDv7: 48 bits of Unix milliseconds, then random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


class Intents:
    """The ids of what accounts may do about one subject: `activity_id` for one subject and kind.

    `subject`: the id of a post, a person or an occasion.
    """

    __slots__ = ("_kind", "_subject")

    def __init__(
        self, *, subject: UUID, kind: Kind, subject_kind: SubjectKind = SubjectKind.POST
    ) -> None:
        space = _INTENTS[subject_kind]
        self._subject = sha1(space.bytes + subject.bytes, usedforsecurity=False)
        self._kind = kind.encode()

    def of(self, account_id: UUID) -> UUID:
        """The account's: a UUIDv5 of (subject, account, kind)."""
        name = self._subject.copy()
        name.update(account_id.bytes + self._kind)
        value = int.from_bytes(name.digest()[:16], "big")
        value = value & ~(0xF << 76) | 0x5 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        return UUID(int=value)


def activity_id(
    *,
    subject: UUID,
    account_id: UUID,
    kind: Kind,
    subject_kind: SubjectKind = SubjectKind.POST,
) -> UUID:
    """The id of the one activity that (subject, account, kind) can ever have.

    Deriving it makes planning repeatable: the same intent planned twice is the same row.
    """
    return Intents(subject=subject, kind=kind, subject_kind=subject_kind).of(account_id)
