"""`POST /hooks/unipile/accounts/<secret>`: a hosted page was used.

The provider signs nothing; a static secret in the address is all that it can carry. What a callback
says is therefore no more than a reason to ask the provider.
"""

import asyncio
import hmac
from typing import Any, Final

import orjson
import psycopg
import structlog
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chorus.postgres.transient import is_transient
from chorus_gateway.caller import Gateway
from chorus_gateway.problems import Problem

PREFIX: Final = "/hooks/"
ACCOUNTS: Final = "/hooks/unipile/accounts/"
MAX_BODY: Final = 16 * 1024
READ_SECONDS: Final = 10.0
_log = structlog.get_logger(__name__)


class Callback(BaseModel):
    """What Unipile says when a hosted page was used. It may say more."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: str = Field(max_length=100)
    account_id: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._:-]*$", max_length=200
    )
    name: str = Field(max_length=300)


class Hooks:
    """ASGI middleware. Without a secret no hook is open."""

    def __init__(self, app: ASGIApp, gateway: Gateway, secret: SecretStr | None) -> None:
        self._app = app
        self._gateway = gateway
        self._secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        try:
            await self._answer(scope, receive)
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        await Response("{}", media_type="application/json")(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> None:
        if not self._opens(scope["path"]):
            raise Problem("not_found")
        if scope["method"] != "POST":
            raise Problem("method_not_allowed", headers={"allow": "POST"})
        callback = _parsed(await _body(receive))
        try:
            await self._gateway.account_links.report(
                name=callback.name,
                status=callback.status,
                provider_account_id=callback.account_id,
            )
        except psycopg.Error as error:
            if not is_transient(error):
                raise
            _log.warning("hook.put_off", error=repr(error))
            raise Problem("unavailable") from error

    def _opens(self, path: str) -> bool:
        given = path.removeprefix(ACCOUNTS)
        if self._secret is None or given == path:
            return False
        return hmac.compare_digest(
            given.encode("utf-8", "replace"), self._secret.get_secret_value().encode()
        )


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(READ_SECONDS):
            while True:
                message: Any = await receive()
                if message["type"] != "http.request":
                    raise Problem("malformed_request")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > MAX_BODY:
                    raise Problem("body_too_large", "A callback has 16 KiB at most.")
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise Problem("malformed_request", "The body did not come in time.") from None


def _parsed(body: bytes) -> Callback:
    try:
        return Callback.model_validate(orjson.loads(body))
    except (orjson.JSONDecodeError, ValidationError):
        raise Problem("malformed_request", "This is no callback of the provider.") from None
