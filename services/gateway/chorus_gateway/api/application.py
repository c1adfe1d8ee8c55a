"""The FastAPI application: routes, middleware, and the OpenAPI document."""

from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.utils import get_openapi
from pydantic import SecretStr

from chorus import metrics
from chorus.metrics import GatewayMetrics
from chorus_gateway.api import error_handlers
from chorus_gateway.api.body_guard import BodyGuard
from chorus_gateway.api.context import Gateway
from chorus_gateway.api.observation import Observation
from chorus_gateway.api.problems import SCHEMA, documented
from chorus_gateway.api.routes import (
    account_links,
    accounts,
    activities,
    amplification,
    api_keys,
    audit,
    cartridges,
    events,
    evidence,
    members,
    notifications,
    pauses,
    people,
    pods,
    posts,
    sessions,
    statistics,
)
from chorus_gateway.hooks.account_links import Hooks

TITLE: Final = "Chorus"
DESCRIPTION: Final = (
    "Many voices, one post. Sign in at `/api/auth/sign-in`, then send `Authorization: Bearer …`. "
    "Errors are problem details (RFC 9457). A POST with an `Idempotency-Key` has one effect."
)
_ROUTERS: Final[tuple[APIRouter, ...]] = (
    people.router,
    api_keys.router,
    account_links.router,
    accounts.router,
    amplification.router,
    pods.router,
    statistics.router,
    members.router,
    cartridges.router,
    posts.router,
    activities.router,
    evidence.router,
    pauses.router,
    notifications.router,
    audit.router,
    events.router,
)
_EVERYWHERE: Final = documented(
    "malformed_request", "body_too_large", "invalid_request", "unavailable"
)
_SIGNED_IN: Final = documented("not_signed_in", "not_allowed")


def create_app(
    gateway: Gateway,
    *,
    version: str,
    origins: tuple[str, ...] = (),
    hook_secret: SecretStr | None = None,
    measured: GatewayMetrics = metrics.gateway,
) -> FastAPI:
    """The application over these parts. `origins` may call it from browsers; by default none."""
    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=version,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
    )
    app.state.gateway = gateway
    error_handlers.install(app)
    app.include_router(sessions.router, prefix="/api", responses=_EVERYWHERE)
    for router in _ROUTERS:
        app.include_router(router, prefix="/api", responses={**_EVERYWHERE, **_SIGNED_IN})
    app.add_middleware(BodyGuard)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
            allow_headers=["authorization", "content-type", "idempotency-key"],
        )
    app.add_middleware(Hooks, links=gateway.links, secret=hook_secret)
    app.add_middleware(Observation, metrics=measured)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The document, made once, with the schema of problems in it."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        document["components"]["schemas"]["Problem"] = SCHEMA
        app.openapi_schema = document
    return app.openapi_schema
