"""Sessions over HTTP: one GET an account, a secret header, a strict answer.

No documented route of Unipile v1 gives cookies away, so address and header are settings.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from chorus.clock import Clock
from chorus.errors import (
    ConfigurationError,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.retry_after import retry_after
from chorus.vocabulary import ErrorType
from chorus_browser_repost.sessions.session import Session, no_session
from chorus_browser_repost.sessions.session_document import read_session

_PLACE = "{account_id}"
_NOBODY = frozenset({404, 409, 410})
_REFUSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEndpoint:
    """`url` holds `{account_id}` once (CHORUS_SESSION_URL); `header` and `key` are what it is asked
    with (CHORUS_SESSION_HEADER, CHORUS_SESSION_KEY). Raises ConfigurationError.
    """

    url: str
    header: str
    key: SecretStr
    seconds: float = 8.0
    """For the whole of one fetch."""
    connect_seconds: float = 3.0
    max_bytes: int = 256 * 1024

    def __post_init__(self) -> None:
        if self.url.count(_PLACE) != 1 or not self.url.startswith(("http://", "https://")):
            raise ConfigurationError(
                "CHORUS_SESSION_URL must be an http(s) address with {account_id} in it."
            )


class HttpSessionSource:
    """Connections are kept; sessions are not. See `SessionSource`."""

    def __init__(self, endpoint: SessionEndpoint, clock: Clock) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._client: httpx.AsyncClient | None = None

    async def fetch(self, provider_account_id: str) -> Session:
        if not provider_account_id.strip("."):
            # `.` and `..` would lead to another address of the endpoint.
            raise no_session("The account's id at the provider is none.")
        status, headers, body = await self._exchange(quote(provider_account_id, safe=""))
        if status != 200:
            raise _refusal(status, headers)
        return read_session(body, self._clock.now())

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _exchange(self, account: str) -> tuple[int, Mapping[str, str], bytes]:
        # Raised after the `except` has ended, so that no cause holds a request or an answer.
        try:
            async with asyncio.timeout(self._endpoint.seconds):
                return await self._get(self._endpoint.url.replace(_PLACE, account))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            late = isinstance(error, TimeoutError | httpx.TimeoutException)
        raise TransientProviderError(
            f"The session endpoint {'did not answer in time' if late else 'could not be reached'}.",
            error_type=ErrorType.NETWORK_ERROR,
            code="session_endpoint_away",
        )

    async def _get(self, url: str) -> tuple[int, Mapping[str, str], bytes]:
        async with self._opened().stream("GET", url) as answer:
            if answer.status_code != 200:
                return answer.status_code, answer.headers, b""
            body = bytearray()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > self._endpoint.max_bytes:
                    raise PermanentProviderError(
                        f"The session endpoint's answer is over {self._endpoint.max_bytes} bytes.",
                        error_type=ErrorType.API_ERROR,
                        code="session_answer_invalid",
                    )
            return answer.status_code, answer.headers, bytes(body)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            endpoint = self._endpoint
            self._client = httpx.AsyncClient(
                headers={
                    endpoint.header: endpoint.key.get_secret_value(),
                    "Accept": "application/json",
                },
                timeout=httpx.Timeout(endpoint.seconds, connect=endpoint.connect_seconds),
                follow_redirects=False,
                # A proxy from the environment would see every session.
                trust_env=False,
            )
        return self._client


def _refusal(status: int, headers: Mapping[str, str]) -> ProviderError:
    if status in _NOBODY:
        return no_session("No session is held for this account: its owner must connect it again.")
    if status in _REFUSED:
        return PermanentProviderError(
            f"The session endpoint answered {status}: CHORUS_SESSION_HEADER or"
            " CHORUS_SESSION_KEY is wrong.",
            error_type=ErrorType.API_ERROR,
            code="session_endpoint_refused",
        )
    if status == 429 or status >= 500:
        return TransientProviderError(
            f"The session endpoint answered {status}.",
            error_type=ErrorType.RATE_LIMIT if status == 429 else ErrorType.NETWORK_ERROR,
            code="session_endpoint_away",
            retry_after=retry_after(headers.get("Retry-After")),
        )
    return PermanentProviderError(
        f"The session endpoint answered {status}: is CHORUS_SESSION_URL right?",
        error_type=ErrorType.API_ERROR,
        code="session_endpoint_refused",
    )
