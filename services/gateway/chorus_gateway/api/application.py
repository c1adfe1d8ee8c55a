"""The FastAPI application: routes, middleware, and the OpenAPI document."""

from functools import cache
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.utils import get_openapi
from pydantic import SecretStr

from chorus.telemetry import metrics
from chorus.telemetry.metrics import GatewayMetrics
from chorus_gateway.api import documentation, error_handlers
from chorus_gateway.api.access_log import Observation
from chorus_gateway.api.admission import Admission
from chorus_gateway.api.body_guard import BodyGuard
from chorus_gateway.api.bulkheads import Bulkheads
from chorus_gateway.api.operations import Operations
from chorus_gateway.api.problems import SCHEMA, documented
from chorus_gateway.api.routes import (
    absences,
    account_links,
    accounts,
    activities,
    amplification,
    api_keys,
    audit,
    cartridges,
    evidence,
    exports,
    fairness,
    inbox,
    invitation_lists,
    invitations,
    limits,
    live,
    manual_queue,
    members,
    notifications,
    pauses,
    people,
    pods,
    posts,
    queue,
    sessions,
    statistics,
    tiers,
    watches,
)
from chorus_gateway.api.throttle import Throttle, ThrottleBounds
from chorus_gateway.caller import Gateway
from chorus_gateway.connecting.site import ConnectingSite
from chorus_gateway.domain.addresses import Network
from chorus_gateway.hooks.site import Hooks
from chorus_gateway.member_pages.cookies import Cookies
from chorus_gateway.member_pages.site import MemberPages

TITLE: Final = "Chorus"
DESCRIPTION: Final = (
    "Many voices, one post. Sign in at `/api/auth/sign-in`, then send `Authorization: Bearer …`. "
    "Errors are problem details (RFC 9457). A POST with an `Idempotency-Key` has one effect."
)
_ROUTERS: Final[tuple[APIRouter, ...]] = (
    people.router,
    invitations.router,
    invitation_lists.router,
    api_keys.router,
    account_links.router,
    accounts.router,
    absences.router,
    amplification.router,
    pods.router,
    statistics.router,
    queue.router,
    fairness.router,
    tiers.router,
    members.router,
    cartridges.router,
    posts.router,
    inbox.router,
    manual_queue.router,
    activities.router,
    evidence.router,
    exports.router,
    pauses.router,
    limits.router,
    notifications.router,
    audit.router,
    live.router,
    watches.router,
)
_EVERYWHERE: Final = documented(
    "malformed_request",
    "body_too_slow",
    "body_too_large",
    "unsupported_media_type",
    "invalid_request",
    "unavailable",
)
_SIGNED_IN: Final = documented("not_signed_in", "not_allowed", "too_many_requests")


def create_app(
    gateway: Gateway,
    *,
    version: str,
    origins: tuple[str, ...] = (),
    hook_secret: SecretStr | None = None,
    measured: GatewayMetrics = metrics.gateway,
    bounds: ThrottleBounds | None = None,
    bulkheads: Bulkheads | None = None,
    trusted: tuple[Network, ...] = (),
) -> FastAPI:
    """The application over these parts. `origins` may call it from browsers; by default none."""
    app = _routed(version)
    document = openapi(version)
    documentation.install(app, document)
    app.openapi = lambda: document  # type: ignore[method-assign]
    app.state.gateway = gateway
    error_handlers.install(app)
    operations = Operations(document, pages=(documentation.DOCUMENT_PATH, documentation.PAGE_PATH))
    app.add_middleware(BodyGuard)
    throttle, bulkheads = Throttle(bounds), bulkheads or Bulkheads()
    app.add_middleware(
        Admission,
        operations=operations,
        gateway=gateway,
        throttle=throttle,
        bulkheads=bulkheads,
    )
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
            allow_headers=["authorization", "content-type", "idempotency-key"],
        )
    cookies = Cookies(gateway.public_url)
    app.add_middleware(
        MemberPages, gateway=gateway, cookies=cookies, throttle=throttle, bulkheads=bulkheads
    )
    app.add_middleware(
        ConnectingSite,
        visits=gateway.visits,
        sessions=gateway.pages,
        cookies=cookies,
        bulkheads=bulkheads,
    )
    app.add_middleware(Hooks, gateway=gateway, secret=hook_secret, bulkhead=bulkheads.hooks)
    app.add_middleware(Observation, metrics=measured, trusted=trusted)
    return app


@cache
def openapi(version: str) -> dict[str, Any]:
    """The document, with the schema of problems in it. It takes a second to make, so: once."""
    app = _routed(version)
    document = get_openapi(
        title=app.title, version=version, description=app.description, routes=app.routes
    )
    document["components"]["schemas"]["Problem"] = SCHEMA
    return document


def _routed(version: str) -> FastAPI:
    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.include_router(sessions.router, prefix="/api", responses=_EVERYWHERE)
    for router in _ROUTERS:
        app.include_router(router, prefix="/api", responses={**_EVERYWHERE, **_SIGNED_IN})
    return app
