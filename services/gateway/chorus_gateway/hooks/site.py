"""What providers call. A static secret opens a hook, and nothing is read before it has."""

import asyncio
import hmac
from typing import Any, Final

import psycopg
import structlog
from pydantic import SecretStr
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chorus.postgres.transient import is_transient
from chorus_gateway.caller import Gateway
from chorus_gateway.hooks import account_links, account_status
from chorus_gateway.hooks.account_links import ACCOUNTS
from chorus_gateway.hooks.account_status import HEADER, STATUS
from chorus_gateway.problems import Problem

PREFIX: Final = "/hooks/"
MAX_BODY: Final = 16 * 1024
READ_SECONDS: Final = 10.0
_log = structlog.get_logger(__name__)


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
        if not self._opens(scope):
            raise Problem("not_found")
        if scope["method"] != "POST":
            raise Problem("method_not_allowed", headers={"allow": "POST"})
        body = await _body(receive)
        try:
            if scope["path"] == STATUS:
                await account_status.hear(self._gateway.provider_status, body)
            else:
                await account_links.hear(self._gateway.account_links, body)
        except psycopg.Error as error:
            if not is_transient(error):
                raise
            _log.warning("hook.put_off", error=repr(error))
            raise Problem("unavailable") from error

    def _opens(self, scope: Scope) -> bool:
        if scope["path"] == STATUS:
            given = next((value for key, value in scope["headers"] if key == HEADER), b"")
        elif scope["path"].startswith(ACCOUNTS):
            given = scope["path"].removeprefix(ACCOUNTS).encode("utf-8", "replace")
        else:
            return False
        if self._secret is None:
            return False
        return hmac.compare_digest(given, self._secret.get_secret_value().encode())


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
