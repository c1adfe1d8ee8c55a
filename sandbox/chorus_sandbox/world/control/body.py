"""Reading control requests. A misspelt field in a test must fail at once, so unknown ones do."""

from collections.abc import Sequence

import orjson

from chorus_sandbox.asgi import Answer, Request, json_answer


class ControlError(Exception):
    """The control request cannot be carried out; `status` is the answer's."""

    def __init__(self, detail: str, *, status: int = 400) -> None:
        super().__init__(detail)
        self.status = status

    def answer(self) -> Answer:
        return json_answer(self.status, {"error": str(self)})


class Body:
    """Fields are taken one by one; `done` refuses what nobody took."""

    def __init__(self, fields: dict[str, object], where: str = "") -> None:
        self._fields = dict(fields)
        self._where = where

    @classmethod
    def of(cls, request: Request) -> "Body":
        if not request.body:
            return cls({})
        try:
            fields = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise ControlError(f"The body is not JSON: {error}") from error
        if not isinstance(fields, dict):
            raise ControlError("The body must be a JSON object.")
        return cls(fields)

    def has(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def text(self, name: str) -> str | None:
        value = self._fields.pop(name, None)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, "a string")
        return value

    def needed_text(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise self._wrong(name, "given")
        return value

    def choice(self, name: str, allowed: Sequence[str]) -> str | None:
        value = self.text(name)
        if value is not None and value not in allowed:
            raise self._wrong(name, f"one of {', '.join(allowed)}")
        return value

    def choices(self, name: str, allowed: Sequence[str]) -> list[str] | None:
        value = self._fields.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, list) or any(item not in allowed for item in value):
            raise self._wrong(name, f"a list out of {', '.join(allowed)}")
        return value

    def integer(self, name: str, *, low: int = 0) -> int | None:
        value = self._fields.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise self._wrong(name, f"a whole number from {low}")
        return value

    def share(self, name: str) -> float | None:
        value = self._fields.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
            raise self._wrong(name, "a number from 0 to 1")
        return float(value)

    def flag(self, name: str) -> bool | None:
        value = self._fields.pop(name, None)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def inner(self, name: str) -> "Body":
        value = self._fields.pop(name, None)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return Body(value, f"{self._where}{name}.")

    def done(self) -> None:
        if self._fields:
            names = ", ".join(f"{self._where}{name}" for name in sorted(self._fields))
            raise ControlError(f"Unknown field(s): {names}.")

    def _wrong(self, name: str, what: str) -> ControlError:
        return ControlError(f"{self._where}{name} must be {what}.")


def query_of(request: Request, *allowed: str) -> dict[str, str]:
    found = dict(request.query_pairs())
    unknown = sorted(found.keys() - set(allowed))
    if unknown:
        raise ControlError(f"Unknown query parameter(s): {', '.join(unknown)}.")
    return found


def query_number(found: dict[str, str], name: str, default: int, *, highest: int) -> int:
    text = found.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text) > highest:
        raise ControlError(f"{name} must be a number from 0 to {highest}.")
    return int(text)
