"""Guesses at passwords are slowed down where they come from; whom they aim at is not shut out.

Guesses are counted for (account, device) where the device is known, else for (account, address);
only strangers, whose device and address the account has not signed in from, are counted for the
account as a whole and for their address as well.

One e-mail may be known in several teams. What a device and an address are known for is a person of
one team, and a right password of one forgives nothing that was guessed at the others.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from chorus.errors import ChorusError
from chorus.postgres.pool import Connection
from chorus_gateway.store import guesses
from chorus_gateway.store.guesses import Bucket

FREE: Final = 10
"""Guesses without a wait, of one place at one account."""
FREE_AT_ACCOUNT: Final = 100
FREE_OF_ADDRESS: Final = 1_000
LONGEST: Final = timedelta(minutes=15)
LONGEST_OF_KNOWN: Final = timedelta(minutes=1)
KNOWN_FOR: Final = timedelta(days=180)
NOBODY: Final = UUID(int=0)


class TooManyAttempts(ChorusError):
    """Somebody tries passwords. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many attempts to sign in.")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A guess that was counted, at the only person whom it can be or at several."""

    address: str
    own: Bucket
    shared: tuple[Bucket, ...]
    sole: bool


class Devices:
    """What a device shows to be known again: a random name, signed for one person."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def new(self, user_id: UUID) -> str:
        """For a device from which this person has just signed in."""
        name = secrets.token_hex(16)
        return f"{name}.{self._signature(user_id, name)}"

    def known(self, user_id: UUID, shown: str | None) -> str | None:
        """The device's name, where what it shows was made for this person."""
        name, _, signature = (shown or "").partition(".")
        right = self._signature(user_id, name)
        fits = hmac.compare_digest(signature.encode(), right.encode())
        return name if fits and len(name) == 32 else None

    def _signature(self, user_id: UUID, name: str) -> str:
        text = f"{user_id}/{name}".encode()
        return hmac.new(self._key, text, sha256).hexdigest()


async def take(
    conn: Connection,
    *,
    email: str,
    address: str,
    people: Sequence[UUID],
    device: str | None = None,
) -> Attempt:
    """Count a guess; the transaction is to be rolled back where TooManyAttempts is raised.

    `people` are those whom it can be; `device` is known for the only one of them. What is asked,
    and in what order, is the same for e-mails that nobody has.
    """
    who = email.lower()
    known = [await guesses.knows_place(conn, _place(one, address)) for one in people or [NOBODY]]
    at_home = all(known)
    if device is not None:
        own = Bucket(subject=_subject("device", str(people[0]), device), free=FREE, longest=LONGEST)
    else:
        longest = LONGEST_OF_KNOWN if at_home else LONGEST
        own = Bucket(subject=_subject("pair", who, address), free=FREE, longest=longest)
    shared: tuple[Bucket, ...] = ()
    if device is None and not at_home:
        shared = (
            Bucket(subject=_subject("account", who), free=FREE_AT_ACCOUNT, longest=LONGEST),
            Bucket(
                subject=_subject("address", address), free=FREE_OF_ADDRESS, longest=LONGEST_OF_KNOWN
            ),
        )
    await require(conn, own, *shared)
    return Attempt(address=address, own=own, shared=shared, sole=len(people) <= 1)


async def require(conn: Connection, *buckets: Bucket) -> None:
    """Count a guess in each. Raises TooManyAttempts at the first that has to wait."""
    for bucket in buckets:
        wait = await guesses.take(conn, bucket)
        if wait > 0:
            raise TooManyAttempts(wait)


async def forgive(conn: Connection, attempt: Attempt, user_id: UUID) -> None:
    """The guess was right: it does not count, and its place is known from now on.

    Nor do earlier ones, where they can have been at this person alone.
    """
    await guesses.give_back(conn, attempt.own, everything=attempt.sole)
    for bucket in attempt.shared:
        await guesses.give_back(conn, bucket)
    await guesses.note_place(conn, _place(user_id, attempt.address), KNOWN_FOR)


def of_present_password(user_id: object) -> Bucket:
    """Guesses at one's own password, by whoever holds the session."""
    return Bucket(subject=_subject("password", str(user_id)), free=5, longest=LONGEST)


def of_tokens(address: str) -> Bucket:
    """Tokens of pages that are nobody's, tried from one address."""
    return Bucket(subject=_subject("tokens", address), free=30, longest=LONGEST)


def of_invitation(invitation_id: object) -> Bucket:
    """Addresses named at one invitation, by whoever holds its link."""
    return Bucket(subject=_subject("invitation", str(invitation_id)), free=5, longest=LONGEST)


def _place(user_id: UUID, address: str) -> bytes:
    return _subject("place", str(user_id), address)


def _subject(*parts: str) -> bytes:
    return sha256("/".join(parts).encode()).digest()
