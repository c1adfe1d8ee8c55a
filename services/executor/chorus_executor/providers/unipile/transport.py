"""HTTP to Unipile. What matters here: could the request have been sent when it failed, and was it
still wanted when it left?

aiohttp itself, not httpx over it: httpx-aiohttp names a connection that was lost while waiting for
the answer `ConnectTimeout`, as if nothing had been sent, and a call costs twice the processor time.
"""

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from pydantic import SecretStr
from yarl import URL

from chorus.clock import Clock, SystemClock
from chorus.errors import IndeterminateWrite, TransientProviderError
from chorus.vocabulary import ErrorType
from chorus_execution.port import Permit
from chorus_executor.providers.unipile.errors import refusal
from chorus_executor.providers.unipile.network_clock import NetworkClock

_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
_ANSWER_LIMIT = 8 * 1024 * 1024
_permit: ContextVar[Permit | None] = ContextVar("permit", default=None)
"""Of the request that this task is about to send."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`base_url` ends in `/api/v1`. `connections` bounds what is open at once."""

    base_url: str
    api_key: SecretStr
    connections: int = 100
    connect_seconds: float = 5.0
    keep_alive_seconds: float = 4.0
    """Below the server's own, so that it rarely closes a connection that is about to be used."""


class PermittedConnector(aiohttp.TCPConnector):
    """Asks for the request's permit when its connection stands: connecting may take seconds, and
    what is said meanwhile is in force.
    """

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own signature
    ) -> aiohttp.connector.Connection:
        """The caller sends its request on the connection without waiting for anything else."""
        connection = await super().connect(req, traces, timeout)
        permit = _permit.get()
        if permit is None:
            return connection
        try:
            await permit()
        except BaseException:
            connection.release()
            raise
        if connection.protocol is None or not connection.protocol.is_connected():
            connection.close()
            gone = OSError("The connection ended before anything was sent.")
            raise aiohttp.ClientConnectorError(req.connection_key, gone)
        return connection


class Transport:
    """One session, opened at the first call and kept. `get` and `post` answer with a JSON object.

    Both raise ProviderErrors; a post that may have taken effect raises IndeterminateWrite.
    """

    def __init__(self, endpoint: Endpoint, clock: Clock | None = None) -> None:
        self._endpoint = endpoint
        self._network_clock = NetworkClock(clock or SystemClock())
        self._base = endpoint.base_url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    def url(self, path: str) -> URL:
        """An address whose path is already percent-encoded."""
        return URL(self._base + path, encoded=True)

    async def get(self, url: URL, *, deadline: float) -> Json:
        status, headers, body = await self._exchange("GET", url, None, None, deadline, permit=None)
        if status >= 300:
            raise refusal(status, headers, body, write=False)
        found = _object(body)
        if found is None:
            raise TransientProviderError(
                "Unipile's answer is not a JSON object.", error_type=ErrorType.NETWORK_ERROR
            )
        return found

    async def post(
        self,
        url: URL,
        body: bytes | aiohttp.FormData,
        *,
        deadline: float,
        permit: Permit,
    ) -> Json:
        """`permit` is awaited when nothing remains but to send; what it raises is let through."""
        content_type = "application/json" if isinstance(body, bytes) else None
        status, headers, raw = await self._exchange(
            "POST", url, body, content_type, deadline, permit=permit
        )
        if status >= 300:
            raise refusal(status, headers, raw, write=True)
        found = _object(raw)
        if found is None:
            raise IndeterminateWrite(f"Unipile answered {status} with a body that is not JSON.")
        return found

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(
        self,
        method: str,
        url: URL,
        body: bytes | aiohttp.FormData | None,
        content_type: str | None,
        deadline: float,
        *,
        permit: Permit | None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        if deadline <= asyncio.get_running_loop().time():
            raise TransientProviderError(
                "No time is left for the call.", error_type=ErrorType.NETWORK_ERROR
            )
        headers = {"Content-Type": content_type} if content_type else None
        asked = _permit.set(permit)
        try:
            async with (
                asyncio.timeout_at(deadline),
                self._opened().request(
                    method, url, data=body, headers=headers, allow_redirects=False
                ) as answer,
            ):
                self._network_clock.heard(answer.headers)
                return answer.status, answer.headers, await _read(answer)
        except _NOT_SENT as error:
            raise TransientProviderError(
                "Unipile could not be reached.", error_type=ErrorType.NETWORK_ERROR
            ) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = "in time" if isinstance(error, TimeoutError) else "whole"
            message = f"Unipile's answer did not arrive {reason}."
            if method == "GET":
                raise TransientProviderError(message, error_type=ErrorType.NETWORK_ERROR) from error
            raise IndeterminateWrite(message) from error
        finally:
            _permit.reset(asked)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=PermittedConnector(
                    limit=self._endpoint.connections,
                    keepalive_timeout=self._endpoint.keep_alive_seconds,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={
                    "X-API-KEY": self._endpoint.api_key.get_secret_value(),
                    "Accept": "application/json",
                },
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._endpoint.connect_seconds
                ),
            )
        return self._session


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body; of one that is longer than any that makes sense, a little more than that."""
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > _ANSWER_LIMIT:
            break
    return bytes(body)


def _object(body: bytes) -> Json | None:
    if len(body) > _ANSWER_LIMIT:
        return None
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
