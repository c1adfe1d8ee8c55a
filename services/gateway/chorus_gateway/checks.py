"""Checks of what was sent that need more than the document itself; faults are told alike."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from chorus_gateway.problems import Problem

Model = TypeVar("Model", bound=BaseModel)

_GRACE: Final = timedelta(minutes=1)
_MOST: Final = 50


def invalid(faults: Iterable[Mapping[str, Any]]) -> Problem:
    """Where and what, never the value: it may be a secret."""
    told = [{"pointer": _pointer(one["loc"]), "detail": _plain(one["msg"])} for one in faults]
    return Problem("invalid_request", errors=told[:_MOST])


def not_past(value: datetime | None, now: datetime, pointer: str) -> None:
    """Refuse a time that has passed; a minute is what a form and a clock may be late."""
    if value is not None and value < now - _GRACE:
        detail = "This time has passed. Name a later one, or none for now."
        raise Problem("invalid_request", errors=[{"pointer": pointer, "detail": detail}])


def checked(model: type[Model], document: object, member: str) -> Model:
    """The document of the body's `member` as `model`; Problem where it is none."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        raise invalid(
            {**fault, "loc": ("body", member, *fault["loc"])} for fault in faults
        ) from error


def _pointer(location: Sequence[Any]) -> str:
    """A JSON Pointer; names that the client made up are shortened and cleaned."""
    parts = [str(part).replace("~", "~0").replace("/", "~1")[:100] for part in location]
    return _plain("/" + "/".join(parts))


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
