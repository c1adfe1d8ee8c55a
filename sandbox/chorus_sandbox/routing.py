"""A table of routes: fixed paths by one look-up, paths with `{names}` by their length."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class RouteTable(Generic[T]):
    """Fixed paths win over paths with names in them, as `/users/me` over `/users/{identifier}`."""

    _fixed: dict[tuple[str, str], T] = field(default_factory=dict)
    _open: dict[tuple[str, int], list[tuple[tuple[str, ...], T]]] = field(default_factory=dict)

    def add(self, method: str, path: str, target: T) -> None:
        segments = tuple(path.split("/"))
        if not any(segment.startswith("{") for segment in segments):
            self._fixed[method, path] = target
            return
        self._open.setdefault((method, len(segments)), []).append((segments, target))

    def find(self, method: str, path: str) -> tuple[T, tuple[str, ...]] | None:
        """Return the target and the values of the names in the path, in order."""
        fixed = self._fixed.get((method, path))
        if fixed is not None:
            return fixed, ()
        segments = path.split("/")
        for pattern, target in self._open.get((method, len(segments)), ()):
            values = _values(pattern, segments)
            if values is not None:
                return target, values
        return None


def _values(pattern: tuple[str, ...], segments: list[str]) -> tuple[str, ...] | None:
    values = []
    for expected, segment in zip(pattern, segments, strict=True):
        if expected.startswith("{"):
            if not segment:
                return None
            values.append(segment)
        elif expected != segment:
            return None
    return tuple(values)
