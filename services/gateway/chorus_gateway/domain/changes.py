"""A change of a document: what it names is set, what it does not name stays."""

from collections.abc import Mapping
from typing import Any, Final

# Mappings that are values themselves: words would otherwise never go away.
WHOLE: Final = frozenset({"vocabulary"})


def merged(present: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """`present` with what `given` names, member by member; lists and values are replaced."""
    result = dict(present)
    for name, value in given.items():
        before = result.get(name)
        if name not in WHOLE and isinstance(before, Mapping) and isinstance(value, Mapping):
            result[name] = merged(before, value)
        else:
            result[name] = value
    return result
