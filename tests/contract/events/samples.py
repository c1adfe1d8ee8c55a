"""Whole events, made from their models, with every optional field filled."""

import types
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

from chorus.events import Event

_SCALARS: dict[object, Any] = {
    UUID: UUID("018f0000-0000-7000-8000-000000000001"),
    datetime: datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    str: "text",
    int: 3,
    float: 1.5,
    bool: True,
}


def full_sample(model: type[Event]) -> Event:
    """An event whose every field has a value."""
    return model.model_validate(_fields(model))


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {name: _value(field.annotation) for name, field in model.model_fields.items()}


def _value(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        return _value(next(arm for arm in get_args(annotation) if arm is not type(None)))
    if get_origin(annotation) is tuple:
        return [_value(get_args(annotation)[0])]
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _fields(annotation)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return next(iter(annotation))
    return _SCALARS[annotation]
