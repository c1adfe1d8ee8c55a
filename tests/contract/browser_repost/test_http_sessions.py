"""What the adapter makes of a session endpoint's answers, on real sockets."""

import traceback
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from chorus.errors import (
    ChallengeError,
    ConfigurationError,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.testing import FakeClock
from chorus.vocabulary import ErrorType
from chorus_browser_repost.sessions.http import HttpSessionSource, SessionEndpoint
from tests.contract.browser_repost.canned import CannedServer, answer

KEY, SECRET, AGENT = "the-key-of-the-endpoint", "AQED-the-sign-in", "Mozilla/5.0 Test"
SIGN_IN: dict[str, Any] = {
    "name": "li_at",
    "value": SECRET,
    "domain": ".linkedin.com",
    "path": "/",
    "secure": True,
    "httpOnly": True,
    "expires": 1_999_999_999,
}


def body(*cookies: dict[str, Any], **more: object) -> bytes:
    return orjson.dumps({"cookies": list(cookies), "user_agent": AGENT, **more})


def source(url: str, **values: Any) -> HttpSessionSource:
    endpoint = SessionEndpoint(
        url=f"{url}/v1/accounts/{{account_id}}/session",
        header="X-Session-Key",
        key=SecretStr(KEY),
        **values,
    )
    return HttpSessionSource(endpoint, FakeClock())


async def refused(served: bytes, **values: Any) -> ProviderError:
    """The error that an answer becomes; it holds nothing of the answer or of the key."""
    async with CannedServer(served) as server:
        asked = source(server.url, **values)
        with pytest.raises(ProviderError) as caught:
            await asked.fetch("account-1")
        await asked.aclose()
    error = caught.value
    whole = "".join(traceback.format_exception(error)) + repr(error.__context__)
    assert not any(secret in whole for secret in (KEY, SECRET, AGENT))
    return error


async def test_the_account_is_encoded_and_the_key_is_in_its_header() -> None:
    """P6: address and header are settings."""
    async with CannedServer(answer(200, body(SIGN_IN))) as server:
        asked = source(server.url)
        session = await asked.fetch("a/../b?c#d")
        await asked.aclose()
    head = server.requests[0].splitlines()
    assert head[0] == "GET /v1/accounts/a%2F..%2Fb%3Fc%23d/session HTTP/1.1"
    assert f"X-Session-Key: {KEY}" in head
    assert session.user_agent == AGENT


@pytest.mark.parametrize("status", [404, 409, 410])
async def test_no_session_needs_the_account_s_owner(status: int) -> None:
    """E6."""
    error = await refused(answer(status, body(SIGN_IN)))
    assert isinstance(error, ChallengeError)
    assert (error.error_type, error.code) == (ErrorType.AUTH_ERROR, "no_session")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_key_is_no_fault_of_the_account(status: int) -> None:
    """INVARIANT: our own wrong key must not stop every account; the settings are named."""
    error = await refused(answer(status))
    assert isinstance(error, PermanentProviderError)
    assert not isinstance(error, ChallengeError)
    assert error.error_type is ErrorType.API_ERROR
    assert "CHORUS_SESSION_KEY" in str(error)


@pytest.mark.parametrize("status", [301, 302, 307])
async def test_a_redirect_is_not_followed(status: int) -> None:
    """P6: the key goes to one address only."""
    error = await refused(answer(status, b"", "Location: http://127.0.0.1:9/"))
    assert isinstance(error, PermanentProviderError)
    assert error.code == "session_endpoint_refused"


async def test_a_busy_endpoint_is_asked_again_later() -> None:
    """E6."""
    error = await refused(answer(429, b"", "Retry-After: 12"))
    assert isinstance(error, TransientProviderError)
    assert (error.error_type, error.retry_after) == (ErrorType.RATE_LIMIT, 12)
    assert isinstance(await refused(answer(502, b"<html>")), TransientProviderError)


async def test_an_endpoint_that_is_away_or_silent() -> None:
    """E6."""
    silent = await refused(b"", seconds=1.0)
    assert isinstance(silent, TransientProviderError)
    assert "in time" in str(silent)
    cut_off = await refused(answer(200, body(SIGN_IN))[:-5])
    assert isinstance(cut_off, TransientProviderError)
    asked = source("http://127.0.0.1:9")
    with pytest.raises(TransientProviderError):
        await asked.fetch("account-1")
    await asked.aclose()


async def test_what_is_no_json_may_be_a_proxy_s_page() -> None:
    """E6: tried again."""
    error = await refused(answer(200, b"<html>" + SECRET.encode()))
    assert isinstance(error, TransientProviderError)


@pytest.mark.parametrize(
    "served",
    [
        body(),
        body(SIGN_IN, extra=SECRET),
        body({**SIGN_IN, "secure": "yes"}),
        body({**SIGN_IN, "value": f"{SECRET};a=b"}),
        body({**SIGN_IN, "name": "li at"}),
        body({**SIGN_IN, "domain": "linked in.com"}),
        body({**SIGN_IN, "hostOnly": SECRET}),
        orjson.dumps({"cookies": [SIGN_IN]}),
        orjson.dumps({"cookies": [SIGN_IN], "user_agent": f"{SECRET}\r\nX: y"}),
        orjson.dumps([SIGN_IN]),
    ],
)
async def test_another_shape_is_refused_and_not_quoted(served: bytes) -> None:
    """INVARIANT: an error about an answer never holds a value of it (P6)."""
    error = await refused(answer(200, served))
    assert isinstance(error, PermanentProviderError)
    assert error.code == "session_answer_invalid"


async def test_an_answer_has_a_size() -> None:
    """P6."""
    error = await refused(answer(200, body(SIGN_IN) + b" " * 2000), max_bytes=1000)
    assert error.code == "session_answer_invalid"


async def test_an_answer_without_a_sign_in_needs_the_account_s_owner() -> None:
    """P5: `li_at` must be there."""
    other = {**SIGN_IN, "name": "bcookie"}
    assert (await refused(answer(200, body(other)))).code == "no_session"


@pytest.mark.parametrize("url", ["http://x.test/", "ftp://x.test/{account_id}", "{account_id}"])
def test_an_address_without_its_place_is_a_wrong_setting(url: str) -> None:
    """The process does not start."""
    with pytest.raises(ConfigurationError, match="CHORUS_SESSION_URL"):
        SessionEndpoint(url=url, header="X-Key", key=SecretStr(KEY))
