"""Signing in and out."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from chorus_gateway.api.context import Parts, address_of
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.identity import Credentials, RefreshRequest, TokensView

router: Final = APIRouter(prefix="/auth", tags=["sign-in"])


@router.post(
    "/sign-in",
    summary="Sign in with e-mail and password",
    response_model=TokensView,
    responses=documented("not_signed_in", "too_many_attempts"),
)
async def sign_in(body: Credentials, request: Request, parts: Parts) -> TokensView:
    """An access token for 15 minutes, and a refresh token for the next one."""
    tokens = await parts.sign_in.sign_in(
        email=body.email,
        password=body.password.get_secret_value(),
        address=address_of(request),
    )
    return TokensView.model_validate(tokens)


@router.post(
    "/refresh",
    summary="Exchange a refresh token for new tokens",
    response_model=TokensView,
    responses=documented("not_signed_in"),
)
async def refresh(body: RefreshRequest, parts: Parts) -> TokensView:
    """Each refresh token is good once; a second use of one signs everybody out who came from it."""
    tokens = await parts.sign_in.refresh(body.refresh_token.get_secret_value())
    return TokensView.model_validate(tokens)


@router.post("/sign-out", summary="End a session", status_code=204, response_class=Response)
async def sign_out(body: RefreshRequest, parts: Parts) -> None:
    """Ends all refresh tokens of the session; access tokens end by themselves within 15 minutes."""
    await parts.sign_in.sign_out(body.refresh_token.get_secret_value())
