"""Signing in and out."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from chorus_gateway.api.context import Parts, address_of
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.identity import Credentials, RefreshRequest, TokensView
from chorus_gateway.identity.guessing import KNOWN_FOR

DEVICE: Final = "chorus_device"

router: Final = APIRouter(prefix="/auth", tags=["sign-in"])


@router.post(
    "/sign-in",
    summary="Sign in with e-mail and password",
    response_model=TokensView,
    responses=documented("not_signed_in", "too_many_attempts", "too_many_requests"),
)
async def sign_in(
    body: Credentials, request: Request, response: Response, parts: Parts
) -> TokensView:
    """An access token for 15 minutes, and a refresh token for the next one.

    A cookie lets this device be known again, so that wrong guesses of others do not slow it down.
    """
    done = await parts.sign_in.sign_in(
        email=body.email,
        password=body.password.get_secret_value(),
        address=address_of(request),
        device=request.cookies.get(DEVICE),
    )
    if done.device is not None:
        response.set_cookie(
            DEVICE,
            done.device,
            max_age=int(KNOWN_FOR.total_seconds()),
            path="/api/auth/sign-in",
            secure=True,
            httponly=True,
            samesite="strict",
        )
    return TokensView.model_validate(done.tokens)


@router.post(
    "/refresh",
    summary="Exchange a refresh token for new tokens",
    response_model=TokensView,
    responses=documented("not_signed_in", "too_many_requests"),
)
async def refresh(body: RefreshRequest, parts: Parts) -> TokensView:
    """Good once. Within 30 seconds a repetition has the same answer; later it ends the session."""
    tokens = await parts.sign_in.refresh(body.refresh_token.get_secret_value())
    return TokensView.model_validate(tokens)


@router.post(
    "/sign-out",
    summary="End a session",
    status_code=204,
    response_class=Response,
    responses=documented("too_many_requests"),
)
async def sign_out(body: RefreshRequest, parts: Parts) -> None:
    """Ends the session: its refresh tokens, its access tokens and its live views."""
    await parts.sign_in.sign_out(body.refresh_token.get_secret_value())
