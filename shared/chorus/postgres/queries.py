"""Named SQL. A file holds blocks, each under a line `-- name: claim_due`.

What several queries say alike stands once, in a file of parts: `{waits}` in a query stands for the
part of that name.
"""

import re
from collections.abc import Iterator, Mapping
from importlib import resources

_PART = re.compile(r"\{(?P<name>[a-z][a-z_]*)\}")
_NAME = re.compile(r"--\s*name:\s*(?P<name>[a-z][a-z0-9_]*)\s*\Z")


class Queries(Mapping[str, str]):
    """SQL by name: `queries["claim_due"]` or `queries.claim_due`."""

    def __init__(self, blocks: Mapping[str, str]) -> None:
        self._blocks = dict(blocks)

    def __getitem__(self, name: str) -> str:
        return self._blocks[name]

    def __getattr__(self, name: str) -> str:
        try:
            return self.__dict__["_blocks"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(f"no query is named {name!r}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._blocks)

    def __len__(self) -> int:
        return len(self._blocks)


def load(package: str, file: str = "queries.sql", *, parts: str | None = None) -> Queries:
    """Read the named blocks of a package's SQL file; `parts` is the file of what they share.

    Raises ValueError when one is unnamed, empty, or there twice, or names a part that is not there.
    """
    queries = _read(package, file)
    if parts is None:
        return Queries(queries)
    return Queries(filled(queries, _read(package, parts), f"{package}/{file}"))


def _read(package: str, file: str) -> dict[str, str]:
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    return parse(text, f"{package}/{file}")


def filled(queries: Mapping[str, str], parts: Mapping[str, str], where: str) -> dict[str, str]:
    """The queries, with each `{part}` in its place, without the line that says its contract."""
    bare = {name: _without_comments(part) for name, part in parts.items()}

    def part(match: re.Match[str]) -> str:
        if match["name"] not in bare:
            raise ValueError(f"{where}: there is no part {match['name']!r}")
        return bare[match["name"]]

    return {name: _PART.sub(part, query) for name, query in queries.items()}


def _without_comments(sql: str) -> str:
    return "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))


def parse(text: str, where: str) -> dict[str, str]:
    """Split `text` into its named blocks; `where` is for the error messages."""
    blocks: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        match = _NAME.match(line.strip())
        if match:
            if match["name"] in blocks:
                raise ValueError(f"{where}:{number}: the name {match['name']!r} is used twice")
            current = blocks[match["name"]] = []
        elif current is not None:
            current.append(line)
        elif line.strip() and not line.lstrip().startswith("--"):
            raise ValueError(f"{where}:{number}: SQL before the first '-- name:' line")
    return {name: _body(name, lines, where) for name, lines in blocks.items()}


def _body(name: str, lines: list[str], where: str) -> str:
    body = "\n".join(lines).strip()
    if not any(line.strip() and not line.lstrip().startswith("--") for line in lines):
        raise ValueError(f"{where}: the query {name!r} is empty")
    return body
