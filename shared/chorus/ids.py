"""Identifiers. Random ones sort by time (UUIDv7, RFC 9562); an activity's id (UUIDv5) follows
from its intent."""

import os
import time
from hashlib import sha1
from uuid import UUID

from chorus.vocabulary import Kind

_INTENTS = UUID("6c0e1c3a-6c0f-5d7b-9b53-2b4a5f0f7c11")


def new_id() -> UUID:
    """A new UUIDv7: 48 bits of Unix milliseconds, then random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


class Intents:
    """The ids of what accounts may do on one post: `activity_id` for one post and kind."""

    __slots__ = ("_kind", "_post")

    def __init__(self, *, post_id: UUID, kind: Kind) -> None:
        self._post = sha1(_INTENTS.bytes + post_id.bytes, usedforsecurity=False)
        self._kind = kind.encode()

    def of(self, account_id: UUID) -> UUID:
        """The account's: a UUIDv5 of (post, account, kind)."""
        name = self._post.copy()
        name.update(account_id.bytes + self._kind)
        value = int.from_bytes(name.digest()[:16], "big")
        value = value & ~(0xF << 76) | 0x5 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        return UUID(int=value)


def activity_id(*, post_id: UUID, account_id: UUID, kind: Kind) -> UUID:
    """The id of the one activity that (post, account, kind) can ever have.

    Deriving it makes planning repeatable: the same intent planned twice is the same row.
    """
    return Intents(post_id=post_id, kind=kind).of(account_id)
