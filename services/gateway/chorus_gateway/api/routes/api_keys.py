"""API keys: for programs that act for a person."""

from typing import Final, cast
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.api.context import Administrator
from chorus_gateway.api.fields import not_past
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.problems import Problem, documented
from chorus_gateway.api.schemas.identity import ApiKeyView, MadeApiKeyView, NewApiKey
from chorus_gateway.identity import secrets
from chorus_gateway.store import sessions

router: Final = APIRouter(prefix="/api-keys", tags=["API keys"])


@router.get("", summary="List API keys")
async def list_keys(caller: Administrator) -> list[ApiKeyView]:
    """All keys of the team without their secrets, newest first."""
    async with caller.transaction() as conn:
        return [ApiKeyView.model_validate(key) for key in await sessions.api_keys(conn)]


@router.post(
    "",
    summary="Make an API key",
    status_code=201,
    response_model=MadeApiKeyView,
    responses=IDEMPOTENT,
)
async def make_key(body: NewApiKey, caller: Administrator, once: Idempotent) -> Response:
    """The secret is shown in this answer and never again."""
    not_past(body.expires_at, caller.gateway.clock.now(), "/body/expires_at")
    secret = secrets.new_api_key()

    async def effect(conn: Connection) -> MadeApiKeyView:
        key = await sessions.add_api_key(
            conn,
            key_id=new_id(),
            client_id=caller.principal.client_id,
            user_id=caller.principal.user_id,
            name=body.name,
            prefix=secrets.shown(secret),
            digest=secrets.digest(secret),
            scopes=sorted({str(scope) for scope in body.scopes}),
            expires_at=body.expires_at,
        )
        if key is None:
            raise Problem("conflict")
        await caller.note(conn, "api_key.made", key.id, name=key.name, scopes=key.scopes)
        shown = ApiKeyView.model_validate(key)
        return MadeApiKeyView(**shown.model_dump(), key=secret)

    return await once.local(caller, effect, kept=_without_secret)


@router.delete(
    "/{key_id}",
    summary="Revoke an API key",
    responses=documented("api_key_not_found"),
)
async def revoke_key(key_id: UUID, caller: Administrator) -> ApiKeyView:
    """The key ends at once."""
    async with caller.transaction() as conn:
        key = await sessions.revoke_api_key(conn, key_id, caller.gateway.clock.now())
        if key is None:
            raise Problem("api_key_not_found")
        await caller.note(conn, "api_key.revoked", key.id)
    return ApiKeyView.model_validate(key)


def _without_secret(answer: BaseModel) -> BaseModel:
    return cast("MadeApiKeyView", answer).model_copy(update={"key": None})
