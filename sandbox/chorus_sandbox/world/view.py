"""What a reader gets to see: everything, or a listing that has not caught up yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from chorus_sandbox.world.people import Person


class Written(Protocol):
    @property
    def written(self) -> float | None: ...
    @property
    def author(self) -> Person: ...


W = TypeVar("W", bound=Written)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Eventual consistency. Seeded things are always seen; only writes over an API can be hidden.

    hide_newest: the reader's newest write in a listing is missing (anybody's, if it has none).
    hide_after: whatever was written after this monotonic second is missing.
    list_after: whatever was written after it is missing in lists.
    landed: what is written later than this has not come to be yet.
    twist: a fault that changes what is shown or done, where the call understands it.
    """

    reader: str | None = None
    hide_newest: bool = False
    hide_after: float | None = None
    list_after: float | None = None
    landed: float | None = None
    twist: str | None = None

    @property
    def hides(self) -> bool:
        return self.hide_newest or self.hide_after is not None

    def visible(self, items: Sequence[W]) -> Sequence[W]:
        if self is FRESH:
            return items
        if self.landed is not None:
            items = [item for item in items if self.exists(item)]
        cut = self.hide_after
        if cut is not None:
            items = [item for item in items if item.written is None or item.written <= cut]
        if self.hide_newest:
            hidden = self._newest(items)
            items = [item for item in items if item is not hidden]
        return items

    def exists(self, item: Written) -> bool:
        return self.landed is None or item.written is None or item.written <= self.landed

    def listed(self, items: Sequence[W]) -> Sequence[W]:
        """Those of a list, which may be behind what is visible elsewhere."""
        cut = self.list_after
        if cut is not None:
            items = [item for item in items if item.written is None or item.written <= cut]
        return self.visible(items)

    def _newest(self, items: Sequence[W]) -> W | None:
        written = [item for item in items if item.written is not None]
        own = [item for item in written if item.author.provider_id == self.reader]
        candidates = own or written
        return candidates[-1] if candidates else None


FRESH = View()
