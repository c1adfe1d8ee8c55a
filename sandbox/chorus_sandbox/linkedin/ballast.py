"""The weight of a real page: rules, modules and data that nothing on the page needs.

A page with its styles and scripts weighs about 250 KiB, so that what a client saves by blocking,
and what a page costs a browser, can be measured.
"""

import functools
import random
import struct
import zlib
from html import escape

import orjson

_RULES = 900
_MODULES = 260
_ENTITIES = 130
_PICTURE_SIDE = 112
_VIDEO_BYTES = 96 * 1024


def style_rules() -> str:
    """About 90 KiB of rules."""
    return "".join(
        f".mercado-{number}-x{number % 7} > .t-{number % 40}:not(.is-{number % 13})"
        f"{{margin:{number % 9}px;padding:{number % 5}px {number % 11}px;"
        f"line-height:1.{number % 9}}}\n"
        for number in range(_RULES)
    )


def script_modules() -> str:
    """About 40 KiB of functions that are parsed and never called."""
    body = "".join(
        f"  m{number}: (a, b) => {{ const kept = [a, b].filter((x) => x > {number});"
        f" return kept.length > {number % 5} ? kept"
        f".map((x) => x * {number % 17 + 1}) : 'm{number}'; }},\n"
        for number in range(_MODULES)
    )
    return f"const siteModules = {{\n{body}}};\nsite.modules = Object.keys(siteModules).length;\n"


@functools.cache
def page_data() -> str:
    """About 60 KiB of entities as the site embeds them, escaped for HTML."""
    entities = [
        {
            "$type": "com.linkedin.voyager.dash.feed.component.ActorComponent",
            "entityUrn": f"urn:li:fsd_entity:{number * 7_919}",
            "trackingId": f"{number * 104_729:032x}",
            "navigationContext": {"actionTarget": f"/in/member-{number}/", "accessible": True},
            "text": {"text": f"Member {number} shares news about work and teams", "attributes": []},
        }
        for number in range(_ENTITIES)
    ]
    return escape(orjson.dumps({"included": entities}).decode())


def picture() -> bytes:
    """A PNG of noise, about 37 KiB, which no encoder can make smaller."""
    source = random.Random(7)  # noqa: S311 - a picture protects nothing
    row = 1 + _PICTURE_SIDE * 3
    raw = b"".join(b"\0" + source.randbytes(row - 1) for _ in range(_PICTURE_SIDE))
    head = struct.pack(">IIBBBBB", _PICTURE_SIDE, _PICTURE_SIDE, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(raw, 1)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def video() -> bytes:
    """Bytes of the size of a clip; no decoder will take them."""
    return bytes(_VIDEO_BYTES)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
