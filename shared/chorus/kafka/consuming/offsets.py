"""Which offset of a partition may be committed. Pure."""

from collections import deque


class OffsetTracker:
    """Messages begin in the order of their offsets and end in any order.

    The position to commit is that after the last message of the unbroken run of ended ones.
    Offsets may have gaps (compaction, transaction markers): only those that began count.
    """

    __slots__ = ("_ended", "_open", "_position", "_reported")

    def __init__(self) -> None:
        self._open: deque[int] = deque()
        self._ended: set[int] = set()
        self._position: int | None = None
        self._reported: int | None = None

    def begin(self, offset: int) -> None:
        """A message was taken over. Offsets must rise."""
        if self._open and offset <= self._open[-1]:
            raise ValueError(f"offset {offset} begins after {self._open[-1]}")
        self._open.append(offset)

    def end(self, offset: int) -> None:
        """A message that had begun needs no more work."""
        if self._open and offset == self._open[0]:
            self._open.popleft()
            position = offset + 1
            while self._open and self._open[0] in self._ended:
                position = self._open.popleft()
                self._ended.remove(position)
                position += 1
            self._position = position
        else:
            self._ended.add(offset)

    @property
    def held(self) -> int:
        """How many messages began and hold the position back, ended or not."""
        return len(self._open)

    @property
    def oldest(self) -> int | None:
        """The first message that is not done; None when nothing is in hand."""
        return self._open[0] if self._open else None

    @property
    def position(self) -> int | None:
        """The next offset to be read by whoever goes on from here; None before the first end."""
        return self._position

    def uncommitted(self) -> int | None:
        """The position, if it has moved since the last `committed`."""
        return self._position if self._position != self._reported else None

    def committed(self, position: int) -> None:
        """The broker has stored `position`."""
        self._reported = position
