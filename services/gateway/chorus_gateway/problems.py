"""Problem details (RFC 9457): what a use case raises where it says no."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.responses import Response

from chorus.telemetry import tracing
from chorus_gateway.problem_table import PROBLEMS

MEDIA_TYPE: Final = "application/problem+json"


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
