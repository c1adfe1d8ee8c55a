"""From a LinkedIn address to the id form that GET /posts takes.

A bare number is an activity's; share and ugcPost numbers need their URN (Unipile's page "Posts and
comments").
"""

import re
from urllib.parse import unquote

from chorus.errors import PermanentProviderError
from chorus.vocabulary import ErrorType

_IN_TEXT = re.compile(r"(activity|share|ugcPost)[:-](\d{15,25})(?!\d)", re.ASCII)


def lookup_id(reference: str) -> str:
    """The id to ask with; what is no address is one already.

    PermanentProviderError (post_not_found) when an address holds none.
    """
    if "/" not in reference:
        return reference
    match = _IN_TEXT.search(unquote(reference).partition("?")[0])
    if match is None:
        raise PermanentProviderError(
            "The post's address holds no id of a post.",
            error_type=ErrorType.POST_NOT_FOUND,
            code="no_post_id_in_url",
        )
    form, number = match.groups()
    return number if form == "activity" else f"urn:li:{form}:{number}"
