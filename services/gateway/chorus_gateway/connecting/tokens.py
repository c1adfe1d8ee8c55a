"""The token in a page's address: good for the pages of one link and for nothing else. Pure.

It is made of the link's id and a key, so that a made-up one never reaches the database.
"""

import base64
import hmac
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

PAGES_LIFE: Final = timedelta(days=7)
"""For so long after the link was made its pages are there, and the way back with them."""


def token_of(key: bytes, link_id: UUID) -> str:
    """The token of a link's pages."""
    made = hmac.new(key, b"connecting/" + link_id.bytes, sha256).digest()
    return f"{link_id.hex}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


def link_of(key: bytes, token: str) -> UUID | None:
    """The link whose token this is; None: it is nobody's."""
    try:
        link_id = UUID(hex=token.partition(".")[0])
    except ValueError:
        return None
    given, right = token.encode("utf-8", "replace"), token_of(key, link_id).encode()
    return link_id if hmac.compare_digest(given, right) else None
