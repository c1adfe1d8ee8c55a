"""API keys: for programs that act for a person."""

from typing import Final, cast
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus_gateway.actions import api_keys as actions
from chorus_gateway.api.context import Administrator
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.identity import ApiKeyView, MadeApiKeyView, NewApiKey
from chorus_gateway.checks import not_past
from chorus_gateway.identity import secrets
from chorus_gateway.store import sessions

router: Final = APIRouter(prefix="/api-keys", tags=["API keys"])


@router.get("", summary="List API keys")
async def list_keys(caller: Administrator) -> list[ApiKeyView]:
    """All keys of the team without their secrets, newest first."""
    async with caller.reading() as conn:
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
        key = await actions.make(
            conn,
            caller,
            name=body.name,
            secret=secret,
            scopes=body.scopes,
            expires_at=body.expires_at,
        )
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
    return ApiKeyView.model_validate(await actions.revoke(caller, key_id))


def _without_secret(answer: BaseModel) -> BaseModel:
    return cast("MadeApiKeyView", answer).model_copy(update={"key": None})
