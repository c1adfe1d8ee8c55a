"""Sessions travel in private."""

import pytest
from pydantic import ValidationError

from chorus_browser_repost.settings import BrowserRepostSettings

GIVEN = {"session_key": "key", "session_url": "https://sessions.example/{account_id}"}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"linkedin_url": "http://www.linkedin.localhost:8000"},
        {"session_url": "http://127.0.0.1:8000/{account_id}"},
        {"session_url": "http://sessions.example/{account_id}", "session_url_plain": True},
    ],
)
def test_https_or_this_machine(changed: dict[str, object]) -> None:
    """P6: what may be, may be said."""
    assert BrowserRepostSettings.model_validate(GIVEN | changed).service == "browser-repost"


@pytest.mark.parametrize(
    "changed",
    [
        {"linkedin_url": "http://www.linkedin.com"},
        {"linkedin_url": "ftp://localhost"},
        {"session_url": "http://sessions.example/{account_id}"},
        {"session_url": "http://10.0.0.1/{account_id}"},
    ],
)
def test_no_session_in_the_clear(changed: dict[str, object]) -> None:
    """INVARIANT: cookies do not cross a network unencrypted unless somebody says so (P6)."""
    with pytest.raises(ValidationError):
        BrowserRepostSettings.model_validate(GIVEN | changed)
