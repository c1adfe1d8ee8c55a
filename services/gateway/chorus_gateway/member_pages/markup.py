"""HTML out of values: what is no markup of ours is text, in every place. Pure."""

from collections.abc import Iterable
from html import escape
from typing import Final

_EMPTY: Final = frozenset({"input", "meta", "link", "br"})


class Markup(str):
    """HTML of ours. Everything else that is put into it is escaped."""

    __slots__ = ()


Child = str | Iterable[str] | None
Value = str | int | bool | None


def el(tag: str, /, *children: Child, **attributes: Value) -> Markup:
    """An element. `class_` and the like lose their last sign; None and False leave one out."""
    opened = "".join(_attribute(key, value) for key, value in attributes.items())
    if tag in _EMPTY:
        return Markup(f"<{tag}{opened}>")
    return Markup(f"<{tag}{opened}>{together(*children)}</{tag}>")


def together(*children: Child) -> Markup:
    """One after the other."""
    return Markup("".join(_shown(child) for child in children))


def text(*sentences: str) -> Markup:
    """A paragraph for each."""
    return together([el("p", sentence) for sentence in sentences])


def _shown(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, str):
        return child if isinstance(child, Markup) else escape(child)
    return "".join(_shown(one) for one in child)


def _attribute(key: str, value: Value) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
