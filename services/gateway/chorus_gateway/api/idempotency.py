"""Idempotency-Key: the same request twice is one effect and one answer.

Where the effect is rows of ours, the answer is stored in the same transaction. Where it happens in
the scheduler, the key is reserved first, for as long as a request can take; the scheduler itself
knows an intent that it has seen.
"""

import hmac
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus_gateway.api.context import gateway_of
from chorus_gateway.api.large_responses import Rendered
from chorus_gateway.api.problems import documented
from chorus_gateway.caller import Caller, Gateway
from chorus_gateway.problems import Problem
from chorus_gateway.store import idempotency
from chorus_gateway.store.idempotency import KeyOfRequest, Stored

_KEY: Final = re.compile(r"[\x20-\x7e]{1,255}\Z")
_LEASE: Final = timedelta(seconds=60)

IDEMPOTENT: Final = documented(
    "bad_idempotency_key", "idempotency_key_reused", "request_in_progress"
)


class Once:
    """Runs an effect at most once for its Idempotency-Key; without a key it just runs."""

    def __init__(self, gateway: Gateway, route: str, key: str | None, fingerprint: bytes) -> None:
        self._gateway = gateway
        self._route = route
        self._key = key
        self._fingerprint = fingerprint

    async def local(
        self,
        caller: Caller,
        effect: Callable[[Connection], Awaitable[BaseModel]],
        *,
        status: int = 201,
        kept: Callable[[BaseModel], BaseModel] | None = None,
    ) -> Response:
        """Effect and answer in one transaction. `kept`: the answer as it may be stored."""
        key = self._key_for(caller)
        async with caller.transaction() as conn:
            replay = await self._claim(conn, key) if key else None
            if replay is not None:
                return replay
            answer = await effect(conn)
            if key is not None:
                body = _json(kept(answer) if kept else answer)
                await idempotency.finish(conn, key, status=status, body=body)
        return _response(status, _json(answer))

    async def then(
        self,
        caller: Caller,
        first: Response,
        later: Callable[[], Awaitable[tuple[int, BaseModel] | None]],
    ) -> Response:
        """What followed an effect soon after it, answered and kept in place of the `first` answer.

        A replayed answer stays as it is. A Problem frees the key: the request may be sent again.
        """
        if "Idempotency-Replayed" in first.headers:
            return first
        key = self._key_for(caller)
        try:
            found = await later()
        except Problem:
            if key is not None:
                async with caller.afterwards() as conn:
                    await idempotency.forget(conn, key)
            raise
        if found is None:
            return first
        status, body = found[0], _json(found[1])
        if key is not None:
            async with caller.afterwards() as conn:
                await idempotency.finish(conn, key, status=status, body=body)
        return _response(status, body)

    async def remote(
        self, caller: Caller, effect: Callable[[], Awaitable[BaseModel]], *, status: int = 200
    ) -> Response:
        """An effect outside of our database; no connection is held meanwhile."""
        key = self._key_for(caller)
        if key is None:
            async with caller.transaction():
                pass
            return _response(status, _json(await effect()))
        async with caller.transaction() as conn:
            replay = await self._claim(conn, key)
            if replay is not None:
                return replay
            await idempotency.reserve(conn, key, self._gateway.clock.now() + _LEASE)
        try:
            body = _json(await effect())
        except BaseException:
            async with caller.afterwards() as conn:
                await idempotency.release(conn, key)
            raise
        async with caller.afterwards() as conn:
            await idempotency.finish(conn, key, status=status, body=body)
        return _response(status, body)

    def _key_for(self, caller: Caller) -> KeyOfRequest | None:
        if self._key is None:
            return None
        if not _KEY.match(self._key):
            raise Problem("bad_idempotency_key")
        return KeyOfRequest(
            client_id=caller.principal.client_id,
            actor=caller.principal.actor,
            route=self._route,
            key=self._key,
            request_hash=self._fingerprint,
        )

    async def _claim(self, conn: Connection, key: KeyOfRequest) -> Response | None:
        """The stored answer; None when this request is the one to act."""
        if not await idempotency.try_lock(conn, key):
            raise Problem("request_in_progress")
        stored = await idempotency.find(conn, key)
        return None if stored is None else self._replayed(key, stored)

    def _replayed(self, key: KeyOfRequest, stored: Stored) -> Response | None:
        if not hmac.compare_digest(stored.request_hash, key.request_hash):
            raise Problem("idempotency_key_reused")
        if stored.status is not None and stored.body is not None:
            response = _response(stored.status, stored.body)
            response.headers["Idempotency-Replayed"] = "true"
            return response
        if stored.lease_until and stored.lease_until > self._gateway.clock.now():
            raise Problem("request_in_progress")
        return None


async def _once(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="Names this request: sent twice, it has one effect (24 hours).",
            examples=["3f0c7d0e-4c4e-4a1e-8f63-0c6f2c3c8c55"],
        ),
    ] = None,
) -> Once:
    gateway = gateway_of(request)
    route = f"{request.method} {request.url.path}"
    body = await request.body()
    query = request.url.query.encode()
    same = body if "csv" in request.headers.get("content-type", "") else _canonical(body)
    fingerprint = hmac.new(gateway.fingerprint_key, query + b"\0" + same, sha256)
    return Once(gateway, route, idempotency_key, fingerprint.digest())


Idempotent = Annotated[Once, Depends(_once)]


def _canonical(body: bytes) -> bytes:
    """The same document, however its members are ordered."""
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    except ValueError:
        return body


def _json(answer: BaseModel) -> str:
    return answer.text if isinstance(answer, Rendered) else answer.model_dump_json(by_alias=True)


def _response(status: int, body: str) -> Response:
    headers: dict[str, Any] = {"content-type": "application/json"}
    return Response(body, status_code=status, headers=headers)
