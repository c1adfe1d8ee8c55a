"""Every error that leaves a route becomes problem details here, and nowhere else."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, cast

import psycopg
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from chorus.errors import DependencyUnavailable
from chorus.postgres.transient import is_transient
from chorus_gateway.checks import invalid
from chorus_gateway.identity.access_tokens import NotSignedIn
from chorus_gateway.identity.guessing import TooManyAttempts
from chorus_gateway.live.view import TooManyViews
from chorus_gateway.problem_table import PROBLEMS
from chorus_gateway.problems import Problem
from chorus_gateway.scheduler.port import SchedulerRefusal

_log = structlog.get_logger(__name__)

_RETRY_SOON: Final = {"Retry-After": "5"}
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="chorus"'}
_OF_STATUS: Final = {
    400: "malformed_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
}


def of_http(error: HTTPException) -> Problem:
    """What Starlette and FastAPI raise by themselves."""
    code = _OF_STATUS.get(error.status_code)
    if code is None:
        return Problem("internal_error" if error.status_code >= 500 else "malformed_request")
    return Problem(code, headers=error.headers)


def of_validation(error: RequestValidationError) -> Problem:
    """A request that is not as it is documented."""
    faults: Sequence[Any] = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return Problem("malformed_request")
    return invalid(faults)


def of_refusal(error: SchedulerRefusal) -> Problem:
    """The scheduler's no, in its own words."""
    if error.code == "no_pod_members":
        return Problem(error.code, error=PROBLEMS[error.code].title)
    if error.code in PROBLEMS and PROBLEMS[error.code].status == error.status:
        decided = error.decided.model_dump(mode="json") if error.decided else {}
        return Problem(error.code, str(error) or None, **decided)
    return Problem("conflict", str(error) or None)


def of_unavailable(error: Exception) -> Problem:
    """A broker, a database or a service that does not answer."""
    _log.warning("http.dependency_missed", error=repr(error))
    return Problem("unavailable", headers=_RETRY_SOON)


def of_database(error: psycopg.Error) -> Problem:
    """Passing errors can be repeated; broken references and values are the request's fault."""
    if is_transient(error):
        return of_unavailable(error)
    if isinstance(error, psycopg.errors.ForeignKeyViolation | psycopg.errors.UniqueViolation):
        return Problem("conflict")
    raise error


def of_not_signed_in(error: NotSignedIn) -> Problem:
    """No token, or none that holds."""
    return Problem("not_signed_in", str(error), headers=_CHALLENGE)


def of_too_many(error: TooManyAttempts) -> Problem:
    """Somebody tries passwords."""
    return Problem("too_many_attempts", headers={"Retry-After": str(error.retry_after)})


def of_anything(error: Exception) -> Problem:
    """What nobody expected. The log has the rest."""
    _log.error("http.failed", error=repr(error), exc_info=error)
    return Problem("internal_error")


_MAKERS: Final[dict[type[Exception], Callable[[Any], Problem]]] = {
    Problem: lambda problem: cast("Problem", problem),
    HTTPException: of_http,
    RequestValidationError: of_validation,
    SchedulerRefusal: of_refusal,
    DependencyUnavailable: of_unavailable,
    psycopg.Error: of_database,
    NotSignedIn: of_not_signed_in,
    TooManyAttempts: of_too_many,
    TooManyViews: lambda error: Problem("too_many_views", str(error)),
}


def as_problem(error: Exception) -> Problem:
    """The problem that this error is to its client."""
    maker = next((_MAKERS[kind] for kind in type(error).__mro__ if kind in _MAKERS), of_anything)
    try:
        return maker(error)
    except psycopg.Error as unexpected:
        return of_anything(unexpected)


def install(app: FastAPI) -> None:
    """Let `app` answer every error with problem details. What nobody expected is left to
    `Observation`, which is outside of everything and knows the request's trace.
    """
    for kind, maker in _MAKERS.items():
        app.add_exception_handler(kind, _handler(maker))


def _handler(
    maker: Callable[[Any], Problem],
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(_: Request, error: Exception) -> Response:
        return maker(error).response()

    return handle
