"""Problem details (RFC 9457) in the API's document."""

from http import HTTPStatus
from typing import Any

from chorus_gateway.problem_table import PROBLEMS
from chorus_gateway.problems import MEDIA_TYPE, Problem

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
