"""Which messages of a partition a person has dealt with, in any order. Pure.

Kept as a committed offset and its metadata: everything below the offset, and the offsets named in
the metadata as `5,7-9`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

MAX_METADATA = 4_000
"""Below the broker's default for `offset.metadata.max.bytes`, 4096."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """Everything below `position`, and each of `beyond`."""

    position: int = 0
    beyond: frozenset[int] = frozenset()

    @classmethod
    def read(cls, position: int, metadata: str) -> Self:
        """What was committed; metadata that we did not write names nothing."""
        return cls(position=max(0, position), beyond=frozenset(_offsets(metadata)))

    def __contains__(self, offset: int) -> bool:
        return offset < self.position or offset in self.beyond

    def with_offsets(self, offsets: Iterable[int], *, kept: Iterable[int]) -> Self:
        """After dealing with `offsets`; `kept` are those that the partition still holds."""
        handled = self.beyond | frozenset(offsets)
        waiting = [offset for offset in kept if offset >= self.position and offset not in handled]
        last = max(handled, default=self.position - 1)
        position = max(self.position, min(waiting, default=last + 1))
        beyond = frozenset(offset for offset in handled if offset >= position)
        return type(self)(position=position, beyond=beyond)

    @property
    def metadata(self) -> str:
        """ValueError where it would be longer than a broker takes."""
        text = ",".join(_ranges(sorted(self.beyond)))
        if len(text) > MAX_METADATA:
            raise ValueError("too many gaps between the messages that were dealt with")
        return text


def _ranges(offsets: list[int]) -> Iterator[str]:
    first = 0
    for index, offset in enumerate(offsets):
        if index + 1 < len(offsets) and offsets[index + 1] == offset + 1:
            continue
        start, first = offsets[first], index + 1
        yield str(offset) if start == offset else f"{start}-{offset}"


def _offsets(metadata: str) -> Iterator[int]:
    for part in metadata.split(",")[:MAX_METADATA]:
        start, _, end = part.partition("-")
        if start.isdecimal() and (end.isdecimal() or not end):
            yield from range(int(start), int(end or start) + 1)
