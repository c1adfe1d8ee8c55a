"""What the OpenAPI document promises, to be asked of a request before anything of it is read."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_METHODS: Final = ("get", "post", "put", "patch", "delete")
STOPS: Final = {"x-stops": True}
"""Marks an operation by which people say no: it has room of its own (`Bulkheads.stops`)."""
_PARAMETER: Final = re.compile(r"\{[^{}]+\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one address."""

    path: str
    method: str
    secured: bool
    """Whether somebody must be signed in."""
    queries: frozenset[str]
    """The query parameters that it knows."""
    reads: frozenset[str]
    """The media types of its body."""
    streams: bool
    """Whether its answer goes on for as long as the client stays."""
    stops: bool = False
    """Whether something is stopped by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an address knows: an operation for the method, or the methods that there are."""

    operation: Operation | None
    allowed: tuple[str, ...]


class Operations:
    """All operations, by address."""

    def __init__(self, document: Mapping[str, Any], pages: Iterable[str] = ()) -> None:
        self._exact: dict[str, list[Operation]] = {path: [_page(path)] for path in pages}
        self._patterns: list[tuple[re.Pattern[str], list[Operation]]] = []
        for path, methods in document["paths"].items():
            found = [_read(path, name, methods[name]) for name in _METHODS if name in methods]
            if "{" in path:
                self._patterns.append((_pattern(path), found))
            else:
                self._exact[path] = found

    def find(self, path: str, method: str) -> Found | None:
        """None where nothing has this address. Written-out addresses come before patterns."""
        known = list(self._exact.get(path, ()))
        for pattern, operations in self._patterns:
            if pattern.fullmatch(path):
                known += operations
        if not known:
            return None
        operation = next((one for one in known if one.method == method), None)
        return Found(operation=operation, allowed=tuple(sorted({one.method for one in known})))


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, _PARAMETER.split(path))))


def _page(path: str) -> Operation:
    return Operation(
        path=path,
        method="GET",
        secured=False,
        queries=frozenset(),
        reads=frozenset(),
        streams=False,
    )


def _read(path: str, name: str, described: Mapping[str, Any]) -> Operation:
    parameters = described.get("parameters", ())
    answers = described.get("responses", {}).get("200", {}).get("content", {})
    return Operation(
        path=path,
        method=name.upper(),
        secured=bool(described.get("security")),
        queries=frozenset(one["name"] for one in parameters if one["in"] == "query"),
        reads=frozenset(described.get("requestBody", {}).get("content", ())),
        streams="text/event-stream" in answers,
        stops=STOPS.items() <= described.items(),
    )
