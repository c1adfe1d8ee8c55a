"""What a page draws in besides data: styles, scripts, pictures, clips, fonts, trackers."""

import functools
from dataclasses import dataclass

from chorus_sandbox.asgi import Answer, Request
from chorus_sandbox.linkedin import ballast
from chorus_sandbox.linkedin.templates import SITE

_CACHED = ((b"cache-control", b"public, max-age=86400"),)
_CSS = b"text/css; charset=utf-8"
_JS = b"text/javascript; charset=utf-8"
_EMPTY = Answer(204, b"")
_MISSING = Answer(404, b"")


@dataclass(frozen=True, slots=True)
class Asset:
    """An answer, and what Chromium would call such a resource (trackers apart)."""

    resource: str
    answer: Answer


class Assets:
    """By path. A path below the folders of assets that nothing has is a 404, never a page."""

    _FOLDERS = ("/static/", "/dms/", "/px/", "/li/track", "/favicon.ico")

    def __init__(self) -> None:
        self._fixed = _fixed()
        self._picture = _asset("image", ballast.picture(), b"image/png")
        self._video = _asset("media", ballast.video(), b"video/mp4")

    def find(self, request: Request) -> Asset | None:
        """None when the path is not of an asset."""
        path = request.path
        if not path.startswith(self._FOLDERS):
            return None
        if path.startswith("/dms/image/"):
            return self._picture
        if path.startswith("/dms/video/"):
            return self._video
        if path.startswith(("/px/collect", "/li/track")):
            return Asset("tracker", _EMPTY)
        return self._fixed.get(path, Asset("other", _MISSING))


@functools.cache
def site_assets() -> Assets:
    """Made once a process: reads the disk on the first call."""
    return Assets()


def _fixed() -> dict[str, Asset]:
    rules = ballast.style_rules()
    return {
        "/static/artdeco.css": _asset("stylesheet", _text("artdeco.css") + rules, _CSS),
        "/static/hashed.css": _asset("stylesheet", _text("hashed.css") + rules, _CSS),
        "/static/core.js": _asset("script", _text("core.js") + ballast.script_modules(), _JS),
        "/static/artdeco.js": _asset("script", _text("artdeco.js"), _JS),
        "/static/hashed.js": _asset("script", _text("hashed.js"), _JS),
        "/static/icons.woff2": _asset("font", bytes(24_000), b"font/woff2"),
        "/static/sans.woff2": _asset("font", bytes(24_000), b"font/woff2"),
        "/px/insight.js": _asset("tracker", _text("insight.js"), _JS),
        "/favicon.ico": Asset("other", _EMPTY),
    }


def _asset(resource: str, content: str | bytes, content_type: bytes) -> Asset:
    body = content.encode() if isinstance(content, str) else content
    return Asset(resource, Answer(200, body, content_type, _CACHED))


def _text(name: str) -> str:
    return (SITE / name).read_text(encoding="utf-8")
