"""Characters in a text that nobody can see: they hide words, turn them round, or carry others.

Some scripts and emoji need joiners and selectors; there they stay. Marks of direction (LRM, RLM,
ALM) stay everywhere. The rules are patterns that look one character to each side.
"""

import re
import unicodedata
from typing import Final

_PICTURES: Final = "\xa9\xae\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_IDEOGRAPHS: Final = "\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Scripts whose letters join, or are kept from joining: Arabic to Adlam, India's, Tibet's, Burma's.
_JOINING: Final = (
    "\u0600-\u061b\u061d-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17b3\u17b6-\u180a\u1810-\u18af"
    "\u1a20-\u1cff\ua800-\uaaff\uabc0-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00010fff\U00011000-\U00011fff\U0001e900-\U0001e95f"
)
_FLAG: Final = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")

_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u17b4\u17b5\u180e\u200b\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff\ud800-\udfff]"
    f"|(?<![{_JOINING}])\u200c"
    f"|(?<![{_JOINING}])\u200d(?!(?<=[{_PICTURES}\ufe0f]\u200d)[{_PICTURES}])"
    f"|(?<![{_PICTURES}{_IDEOGRAPHS}{_JOINING}\uff01-\uff9f0-9#*])[\ufe00-\ufe0f]"
    f"|(?<![{_IDEOGRAPHS}])[\U000e0100-\U000e01ef]"
    "|(?<![\u1800-\u180a\u1810-\u18af])[\u180b-\u180d\u180f]"
    "|(?<![\u0590-\u05ff])\u034f"
    "|\u115f(?![\u1161-\u11a7\ud7b0-\ud7c6])|(?<![\u1100-\u115e\ua960-\ua97c])\u1160"
    "|(?<![\u2801-\u28ff])\u2800(?![\u2801-\u28ff])"
)


def hidden(text: str) -> str | None:
    """The name of the first character that hides in the text; None: there is none."""
    seen = _FLAG.sub("\U0001f3f4", text) if "\U000e007f" in text else text
    found = _HIDDEN.search(seen)
    return None if found is None else _named(found[0])


_FLAG_OR_HIDDEN: Final = re.compile(f"({_FLAG.pattern})|{_HIDDEN.pattern}")


def without_hidden(text: str) -> str:
    """The text as it is seen: a text of others that is shown to people."""
    return _FLAG_OR_HIDDEN.sub(lambda found: found[1] or "", text)


def _named(sign: str) -> str:
    return f"{unicodedata.name(sign, 'control character')} (U+{ord(sign):04X})"
