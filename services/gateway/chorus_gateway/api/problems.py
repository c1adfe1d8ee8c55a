"""Problem details (RFC 9457): the exception, its document, its response."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from chorus.telemetry import tracing
from chorus_gateway.api.problem_table import PROBLEMS

MEDIA_TYPE = "application/problem+json"
SCHEMA_REF = "#/components/schemas/Problem"

SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "What went wrong, and what to do (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:chorus:problem:post_not_found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": sorted(PROBLEMS)},
        "trace_id": {"type": ["string", "null"], "description": "Names the request in our logs."},
        "errors": {
            "type": "array",
            "description": "What is wrong in the request, one by one.",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "examples": ["/body/name"]},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


class Problem(Exception):
    """The request ends with this problem. `extra` are further members of its document."""

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.kind = PROBLEMS[code]
        self.detail = detail or self.kind.detail
        self.headers = dict(headers or {})
        self.extra = extra

    def document(self) -> dict[str, Any]:
        """The problem as JSON shows it."""
        return {
            "type": f"urn:chorus:problem:{self.code}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "code": self.code,
            "trace_id": tracing.trace_id(tracing.current.get()),
            **self.extra,
        }

    def response(self) -> Response:
        """The answer to the request."""
        return Response(
            orjson.dumps(self.document(), default=str),
            status_code=self.kind.status,
            headers=self.headers,
            media_type=MEDIA_TYPE,
        )


def documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    """What a route's OpenAPI document says about the problems with these codes."""
    statuses: dict[int, list[str]] = {}
    for code in codes:
        statuses.setdefault(PROBLEMS[code].status, []).append(code)
    return {status: _document(status, of_status) for status, of_status in statuses.items()}


def _document(status: int, codes: list[str]) -> dict[str, Any]:
    examples = {code: {"value": Problem(code).document() | {"trace_id": None}} for code in codes}
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(codes)}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": SCHEMA_REF}, "examples": examples}},
    }
