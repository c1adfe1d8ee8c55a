"""From a post's address or id to the form that GET /posts takes, and ids as segments of a path.

A bare number is an activity's; share and ugcPost numbers need their URN (Unipile's page "Posts and
comments").
"""

import re
from urllib.parse import quote

from chorus.errors import PermanentProviderError
from chorus.linkedin import NotALinkedInAddress, parse_post
from chorus.vocabulary import ErrorType

_ID = re.compile(r"[A-Za-z0-9_:.,()=-]{1,300}")


def lookup_id(reference: str) -> str:
    """The id to ask with; what is no address is one already.

    PermanentProviderError (post_not_found) when an address holds none.
    """
    if _ID.fullmatch(reference):
        return reference
    try:
        address = parse_post(reference)
    except NotALinkedInAddress as error:
        raise PermanentProviderError(
            "The post's address holds no id of a post.",
            error_type=ErrorType.POST_NOT_FOUND,
            code="no_post_id_in_url",
        ) from error
    return str(address.number) if address.form == "activity" else address.reference


def segment(identifier: str) -> str:
    """An id as one segment of a path.

    PermanentProviderError for what would lead to another path: nothing, `.` and `..`.
    """
    if not identifier.strip("."):
        raise PermanentProviderError(
            "The provider's id is none.", error_type=ErrorType.API_ERROR, code="not_an_id"
        )
    return quote(identifier, safe=":")
