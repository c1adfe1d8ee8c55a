"""Hiding session data in a text; `masking.js` does the same to a page, with the same patterns."""

import re
from collections.abc import Sequence
from typing import Final

COVER: Final = "•••"
_SECRET: Final = (
    re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"ajax:\d+"),
    re.compile(r"[\w+/=~-]{32,}"),
    re.compile(r"\+?\d[\d ()./-]{7,}\d"),
)


def masked(text: str, names: Sequence[str]) -> str:
    """The text without addresses of e-mail, tokens, telephone numbers and the given names."""
    for pattern in _SECRET:
        text = pattern.sub(COVER, text)
    for name in names:
        if len(name) > 1:
            text = text.replace(name, COVER)
    return text
