"""Random numbers that can be repeated: a hash of a seed, so that a preview is the plan."""

from hashlib import blake2b
from uuid import UUID

from chorus.vocabulary import Kind, WatchKind


class SeededRandom:
    """Repeatable numbers in [0, 1): one for each account, by seed, purpose and kind."""

    __slots__ = ("_hash",)

    def __init__(self, seed: int, purpose: str, kind: Kind | WatchKind) -> None:
        self._hash = blake2b(f"{seed}/{purpose}/{kind}/".encode(), digest_size=7)

    def of(self, account_id: UUID) -> float:
        """The account's number."""
        own = self._hash.copy()
        own.update(account_id.bytes)
        return int.from_bytes(own.digest()) / (1 << 56)
