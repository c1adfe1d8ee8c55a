"""Named SQL. A file holds blocks, each under a line `-- name: claim_due`."""

import re
from collections.abc import Iterator, Mapping
from importlib import resources

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


def load(package: str, file: str = "queries.sql") -> Queries:
    """Read the named blocks of a package's SQL file.

    Raises ValueError when one is unnamed, empty, or there twice.
    """
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    return Queries(parse(text, f"{package}/{file}"))


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
