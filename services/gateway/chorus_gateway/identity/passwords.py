"""Password digests (argon2id). Verification takes as long where there is no such person."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chorus.errors import DependencyUnavailable

_LONGEST_QUEUE: Final = 100


class Passwords:
    """Hashes and verifies off the event loop, a few at a time: each takes much time and memory."""

    def __init__(self, *, at_once: int = 4, time_cost: int = 3, memory_kib: int = 65_536) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self._room = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """A new digest, with its parameters and a random salt."""
        async with self._place():
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, digest: str | None) -> bool:
        """Whether the password fits. `digest` None: the same work is done, and the answer is no."""
        async with self._place():
            fits = await asyncio.to_thread(self._fits, password, digest or self._nobody)
        return fits and digest is not None

    def outdated(self, digest: str) -> bool:
        """Whether the digest was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(digest)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._waiting >= _LONGEST_QUEUE:
            raise DependencyUnavailable("Too many passwords are being looked at.")
        self._waiting += 1
        try:
            async with self._room:
                yield
        finally:
            self._waiting -= 1

    def _fits(self, password: str, digest: str) -> bool:
        try:
            return self._hasher.verify(digest, password)
        except (VerificationError, InvalidHashError):
            return False
