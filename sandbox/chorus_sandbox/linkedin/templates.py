"""The files of the site: pages with `$names` in them, and what is served as it is."""

import functools
from collections.abc import Mapping
from pathlib import Path
from string import Template

SITE = Path(__file__).parent / "site"


class Templates:
    """`fill("artdeco/page", fields)`; a name without a field is a KeyError."""

    def __init__(self, folder: Path) -> None:
        self._by_name = {
            path.relative_to(folder).with_suffix("").as_posix(): Template(
                path.read_text(encoding="utf-8")
            )
            for path in folder.rglob("*.html")
        }

    def fill(self, name: str, fields: Mapping[str, str]) -> str:
        return self._by_name[name].substitute(fields)


@functools.cache
def site_templates() -> Templates:
    """Read once a process: reads the disk on the first call."""
    return Templates(SITE)
