"""Evidence of what a browser showed when an execution failed: kept for days, for a person to see.

It lies beside the journal, in Postgres: small, few, gone after a week, and under the same row-level
security as the attempt that it belongs to.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from chorus.ids import new_id
from chorus.postgres.pool import Pool
from chorus.postgres.queries import load

MOST_BYTES = 200 * 1024
KEEP_SECONDS = 7 * 86_400.0

_QUERIES = load("chorus_execution.journal", "evidence.sql")
_JPEG = b"\xff\xd8\xff"
_LONG = re.compile(r"[^:/]{32,}")
"""A segment like this may be somebody's token, as behind `/checkpoint/challenge/`."""
_LONGEST_PATH = 500
_LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Screenshot:
    """What a page showed when an execution failed.

    state: what the page was taken for, a word such as `layout_changed`.
    page: its address; only the path is kept, without its long segments.
    image: a JPEG of at most MOST_BYTES in which whatever tells of the session is masked already:
    nothing here can see it.
    """

    client_id: UUID
    activity_id: UUID
    execution: int
    state: str
    page: str
    title: str
    image: bytes


class Evidence:
    """Both methods may wait for the database and raise its errors."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def store(self, shot: Screenshot) -> UUID:
        """Keep it, and answer its id. ValueError where the image is no JPEG or too large."""
        if not shot.image.startswith(_JPEG):
            raise ValueError("a screenshot must be a JPEG")
        if len(shot.image) > MOST_BYTES:
            raise ValueError(f"a screenshot may have {MOST_BYTES} bytes, not {len(shot.image)}")
        evidence_id = new_id()
        values = {
            "id": evidence_id,
            "client_id": shot.client_id,
            "activity_id": shot.activity_id,
            "execution": shot.execution,
            "state": shot.state,
            "page_path": path_of(shot.page),
            "title": title_of(shot.title),
            "image": shot.image,
        }
        async with self._pool.connection() as conn:
            await conn.execute(_QUERIES.store, values)
        return evidence_id

    async def forget(self, *, keep_seconds: float = KEEP_SECONDS, limit: int = 500) -> int:
        """Delete what is older, oldest first; how many there were."""
        values = {"keep_seconds": keep_seconds, "limit": limit}
        async with self._pool.connection() as conn:
            return (await conn.execute(_QUERIES.forget, values)).rowcount


def path_of(page: str) -> str:
    """The path of an address, without query, fragment and long segments that may be tokens."""
    try:
        path = urlsplit(_printable(page)).path
    except ValueError:
        path = ""
    shown = "/".join("…" if _LONG.fullmatch(part) else part for part in path.split("/"))
    return f"/{shown.lstrip('/')}"[:_LONGEST_PATH]


def title_of(title: str) -> str:
    """A page's title on one line, cut where it is too long."""
    return " ".join(_printable(title).split())[:_LONGEST_TITLE]


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
