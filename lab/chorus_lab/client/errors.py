"""What an API refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from chorus.errors import ChorusError


class ApiError(ChorusError):
    """An answer that is no success. `code` is the problem's own word where it has one."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.problem = _problem(response)
        self.code = str(self.problem.get("code", ""))
        said = self.problem.get("detail") or self.problem.get("error") or response.text[:300]
        request = response.request
        super().__init__(f"{request.method} {request.url.path}: {self.status} {said}")


class NoAnswerError(ChorusError):
    """Nobody answered in time, or the connection broke; a write may have taken effect."""


class NotConnectedError(ChorusError):
    """An account was not connected, or not in time."""


@contextmanager
def told_apart() -> Iterator[None]:
    """Failures of the connection as NoAnswerError."""
    try:
        yield
    except httpx.TransportError as error:
        where = f"{error.request.method} {error.request.url}"
        raise NoAnswerError(f"{where} was not answered: {error!r}") from error


def checked(response: httpx.Response) -> httpx.Response:
    """The response, or ApiError where it is no success."""
    if not response.is_success:
        raise ApiError(response)
    return response


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
