"""The scheduler over its internal HTTP API."""

import asyncio
from typing import Any, Final, TypeVar
from uuid import UUID

import httpx
import orjson
from pydantic import BaseModel, SecretStr, ValidationError

from chorus.documents.absences import AbsencesApplied
from chorus.documents.activity_commands import ActivityCommand, Moved
from chorus.documents.idleness import Idleness
from chorus.documents.limits import AccountLimits, RemoveLimit, SetLimit
from chorus.documents.queue_clearing import Cleared, ClearQueue
from chorus.errors import DependencyUnavailable
from chorus.telemetry import tracing
from chorus.vocabulary import Kind
from chorus_gateway.scheduler.port import (
    Decided,
    Plan,
    PlannedActivity,
    SchedulerRefusal,
    SkippedMember,
)

Answer = TypeVar("Answer", bound=BaseModel)

_SLICE: Final = 200


class _PauseMade(BaseModel):
    id: UUID


class _Rechecked(BaseModel):
    cancelled: int


class HttpScheduler:
    """See `Scheduler`. Every call is bounded by the client's timeouts."""

    def __init__(self, client: httpx.AsyncClient, token: SecretStr) -> None:
        self._client = client
        self._token = token

    async def plan(
        self,
        *,
        client_id: UUID,
        post_id: UUID,
        kinds: tuple[Kind, ...],
        dry_run: bool,
        actor: str,
        correlation_id: str,
        seed: int | None = None,
    ) -> Plan:
        body = {
            "client_id": str(client_id),
            "post_id": str(post_id),
            "kinds": [str(kind) for kind in kinds],
            "dry_run": dry_run,
            "actor": actor,
            "correlation_id": correlation_id,
        }
        if seed is not None:
            body["seed"] = seed
        response = await self._send("/internal/plans", body)
        try:
            return await _plan(orjson.loads(response.content))
        except (ValueError, TypeError, AttributeError) as error:
            raise DependencyUnavailable("The scheduler's plan makes no sense.") from error

    async def command(self, command: ActivityCommand) -> Moved:
        path = f"/internal/activities/{command.activity_id}/{command.name}"
        return await self._post(path, command.model_dump(mode="json"), Moved)

    async def clear_queue(self, command: ClearQueue) -> Cleared:
        return await self._post("/internal/queue/clear", command.model_dump(mode="json"), Cleared)

    async def pause(
        self,
        *,
        client_id: UUID,
        scope: str,
        scope_id: UUID | None,
        reason: str,
        actor: str,
        own: bool = False,
    ) -> UUID:
        body = _who(client_id, actor) | {"scope": scope, "reason": reason, "own": own}
        if scope_id is not None:
            body["scope_id"] = str(scope_id)
        return (await self._post("/internal/pauses", body, _PauseMade)).id

    async def pause_challenged(
        self, *, client_id: UUID, account_id: UUID, pause_id: UUID, reason: str
    ) -> None:
        body = _who(client_id, "system") | {"pause_id": str(pause_id), "reason": reason}
        await self._send(f"/internal/accounts/{account_id}/challenged", body)

    async def resume(self, *, client_id: UUID, pause_id: UUID, actor: str) -> None:
        await self._send(f"/internal/pauses/{pause_id}/resume", _who(client_id, actor))

    async def recheck(self, *, client_id: UUID, account_id: UUID, actor: str) -> int:
        path = f"/internal/accounts/{account_id}/recheck"
        return (await self._post(path, _who(client_id, actor), _Rechecked)).cancelled

    async def absences_changed(
        self, *, client_id: UUID, account_id: UUID, actor: str
    ) -> AbsencesApplied:
        path = f"/internal/accounts/{account_id}/absences-changed"
        return await self._post(path, _who(client_id, actor), AbsencesApplied)

    async def limits(self, *, client_id: UUID, account_id: UUID) -> AccountLimits:
        path = f"/internal/accounts/{account_id}/limits"
        return await self._post(path, {"client_id": str(client_id)}, AccountLimits)

    async def why_idle(self, *, client_id: UUID, account_id: UUID) -> Idleness:
        path = f"/internal/accounts/{account_id}/why-idle"
        return await self._post(path, {"client_id": str(client_id)}, Idleness)

    async def set_limit(self, command: SetLimit) -> None:
        await self._send("/internal/limits/set", command.model_dump(mode="json"))

    async def remove_limit(self, command: RemoveLimit) -> None:
        await self._send("/internal/limits/remove", command.model_dump(mode="json"))

    async def _post(self, path: str, body: dict[str, Any], answer: type[Answer]) -> Answer:
        response = await self._send(path, body)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            raise DependencyUnavailable(
                f"The scheduler's answer to {path} makes no sense."
            ) from error

    async def _send(self, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {
            "authorization": f"Bearer {self._token.get_secret_value()}",
            "traceparent": tracing.child_of(tracing.current.get()),
        }
        try:
            response = await self._client.post(path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise DependencyUnavailable(f"The scheduler did not answer: {error!r}") from error
        if response.is_success:
            return response
        raise _refusal(path, response)


async def _plan(document: dict[str, Any]) -> Plan:
    """A plan may have tens of thousands of entries: the loop goes on between slices of them."""
    entries: dict[str, type[BaseModel]] = {
        "planned": PlannedActivity,
        "existing": PlannedActivity,
        "skipped": SkippedMember,
    }
    read: dict[str, Any] = {}
    for name, model in entries.items():
        found: list[Any] = []
        for start in range(0, len(document.get(name, ())), _SLICE):
            found += [model.model_validate(one) for one in document[name][start : start + _SLICE]]
            await asyncio.sleep(0)
        read[name] = tuple(found)
    plan = Plan.model_validate({**document, **dict.fromkeys(entries, ())})
    return plan.model_copy(update=read)


def _who(client_id: UUID, actor: str) -> dict[str, Any]:
    return {"client_id": str(client_id), "actor": actor}


def _decided(problem: dict[str, Any]) -> Decided | None:
    try:
        return Decided.model_validate(problem)
    except ValidationError:
        return None


def _refusal(path: str, response: httpx.Response) -> SchedulerRefusal | DependencyUnavailable:
    """A 4xx with a `code` is a refusal; everything else is a scheduler that does not work."""
    problem: Any = None
    try:
        problem = response.json()
        code, detail = problem["code"], problem.get("detail") or problem.get("title") or ""
    except (ValueError, KeyError, TypeError, AttributeError):
        code = detail = ""
    if isinstance(code, str) and code and response.status_code in (400, 404, 409, 422):
        return SchedulerRefusal(
            code, str(detail), status=response.status_code, decided=_decided(problem)
        )
    return DependencyUnavailable(
        f"The scheduler answered {path} with {response.status_code} {code}."
    )
