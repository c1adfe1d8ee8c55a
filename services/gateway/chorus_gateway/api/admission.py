"""Admission: who is not let in costs nothing. Address, method, query, sign-in and pace are judged
before a byte of the body is read; it is said whose room it is read in.
"""

from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from chorus_gateway.api.bulkheads import Admitted, Bulkheads
from chorus_gateway.api.error_handlers import as_problem
from chorus_gateway.api.operations import Operation, Operations
from chorus_gateway.api.request_slots import holder_in_team, stranger
from chorus_gateway.api.throttle import Throttle
from chorus_gateway.caller import Gateway
from chorus_gateway.problems import Problem


class Admission:
    """ASGI middleware in front of everything that reads."""

    def __init__(
        self,
        app: ASGIApp,
        operations: Operations,
        gateway: Gateway,
        throttle: Throttle,
        bulkheads: Bulkheads,
    ) -> None:
        self._app = app
        self._operations = operations
        self._gateway = gateway
        self._throttle = throttle
        self._bulkheads = bulkheads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                scope["admitted"] = await self._admit(scope, self._operation(scope))
            except Exception as error:  # noqa: BLE001 - all of them have one shape, here too
                await as_problem(error).response()(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _operation(self, scope: Scope) -> Operation:
        if "\0" in scope["path"]:
            raise _invalid("/path", "A text must not hold the NUL character.")
        found = self._operations.find(scope["path"], scope["method"])
        if found is None:
            raise Problem("not_found")
        if found.operation is None:
            raise Problem("method_not_allowed", headers={"Allow": ", ".join(found.allowed)})
        scope["operation"] = found.operation
        return found.operation

    async def _admit(self, scope: Scope, operation: Operation) -> Admitted:
        if not operation.secured:
            _check_query(scope, operation)
            return Admitted(bulkhead=self._bulkheads.strangers, holder=stranger(scope))
        header = next((v for k, v in scope["headers"] if k == b"authorization"), b"")
        principal = await self._gateway.authenticator.principal(header.decode("latin-1"))
        scope.setdefault("state", {})["principal"] = principal
        self._throttle.count(principal, stops=operation.stops)
        _check_query(scope, operation)
        bulkhead = self._bulkheads.stops if operation.stops else self._bulkheads.teams
        return Admitted(bulkhead=bulkhead, holder=holder_in_team(principal))


def _check_query(scope: Scope, operation: Operation) -> None:
    query = scope.get("query_string", b"").decode("latin-1")
    if "%00" in query:
        raise _invalid("/query", "A text must not hold the NUL character.")
    names = dict.fromkeys(name for name, _ in parse_qsl(query, keep_blank_values=True))
    unknown = [name for name in names if name not in operation.queries]
    if unknown:
        known = ", ".join(sorted(operation.queries)) or "none"
        errors = [
            {"pointer": f"/query/{_shown(name)}", "detail": f"Not known here. Known: {known}."}
            for name in unknown[:10]
        ]
        raise Problem("invalid_request", errors=errors)


def _shown(name: str) -> str:
    """A name that the client made up, shortened, as a part of a JSON Pointer."""
    text = name[:100].encode("utf-8", "replace").decode()
    return text.replace("~", "~0").replace("/", "~1")


def _invalid(pointer: str, detail: str) -> Problem:
    return Problem("invalid_request", errors=[{"pointer": pointer, "detail": detail}])
