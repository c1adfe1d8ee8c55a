"""What providers call. A static secret opens a hook, and nothing is read before it has."""

import hmac
from typing import Final

import psycopg
import structlog
from pydantic import SecretStr
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chorus import bodies
from chorus.bodies import BodyBounds
from chorus.postgres.transient import is_transient
from chorus_gateway.api.body_guard import problem_of
from chorus_gateway.api.bulkheads import Bulkhead
from chorus_gateway.api.request_slots import stranger
from chorus_gateway.caller import Gateway
from chorus_gateway.hooks import account_links, account_status
from chorus_gateway.hooks.account_links import ACCOUNTS
from chorus_gateway.hooks.account_status import HEADER, STATUS
from chorus_gateway.problems import Problem

PREFIX: Final = "/hooks/"
BOUNDS: Final = BodyBounds(size=16 * 1024, seconds=10.0)
_log = structlog.get_logger(__name__)


class Hooks:
    """ASGI middleware. Without a secret no hook is open; who has it has room of their own."""

    def __init__(
        self, app: ASGIApp, gateway: Gateway, secret: SecretStr | None, bulkhead: Bulkhead
    ) -> None:
        self._app = app
        self._gateway = gateway
        self._secret = secret
        self._bulkhead = bulkhead

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        try:
            await self._answer(scope, receive)
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        except bodies.ClientGone:
            return
        except bodies.BodyRefused as refused:
            await problem_of(refused).response()(scope, receive, send)
            return
        await Response("{}", media_type="application/json")(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> None:
        if not self._opens(scope):
            raise Problem("not_found")
        if scope["method"] != "POST":
            raise Problem("method_not_allowed", headers={"allow": "POST"})
        holder = stranger(scope)
        body = await self._bulkhead.bodies.read(scope, receive, BOUNDS, holder)
        with self._bulkhead.slots.taking(holder):
            await self._hear(scope["path"], body)

    async def _hear(self, path: str, body: bytes) -> None:
        try:
            if path == STATUS:
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
