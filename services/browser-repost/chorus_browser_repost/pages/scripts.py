"""The scripts that read a page: one round trip each, instead of one for every element.

A script waits inside the page until what it wants is there, or its patience has run out, and
answers with plain data. It reads; it never clicks, writes or changes anything.
"""

from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from playwright.async_api import Page

from chorus_browser_repost.pages import selectors, wording
from chorus_browser_repost.pages.errors import Failure, PageMoved, milliseconds_until, reading

Read: TypeAlias = dict[str, Any]

_MOVES: Final = 4
"""How often a page may go elsewhere by itself while it is being read."""
_RESERVE: Final = 250.0
"""Milliseconds that a script stops before the deadline, so that its answer still arrives."""


async def run(
    page: Page,
    name: str,
    *,
    doing: str,
    deadline: float,
    patience: float = 8.0,
    **arg: object,
) -> Read:
    """What the script says of the page; `patience` is seconds.

    Raises ProviderErrors that mean: no effect.
    """
    for _ in range(_MOVES):
        left = milliseconds_until(deadline) - _RESERVE
        values = _tables() | {"patience": max(0.0, min(patience * 1000, left))} | arg
        try:
            answer: Read = await reading(
                page.evaluate(_expression(name), values), doing=doing, deadline=deadline
            )
        except PageMoved:
            continue
        return answer
    raise Failure.MOVED.without_effect(doing)


@cache
def _expression(name: str) -> str:
    return f"async (arg) => {{\n{_source('prelude')}\n{_source(name)}\n}}"


def _source(name: str) -> str:
    return (Path(__file__).with_name("reading") / f"{name}.js").read_text(encoding="utf-8")


@cache
def _tables() -> dict[str, object]:
    return {"words": wording.as_json(), "select": dict(selectors.SCRIPTS)}
