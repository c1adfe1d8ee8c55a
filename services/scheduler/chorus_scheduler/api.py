"""The internal API, for the gateway alone: plans and a person's wishes, answered at once.

Guarded by a shared token; problems are RFC 9457 details with a `code` that the gateway passes on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chorus.documents.absences import AbsencesApplied
from chorus.documents.activity_commands import COMMANDS, ActivityCommand, Moved
from chorus.documents.idleness import Idleness, IdlenessRequest
from chorus.documents.limits import AccountLimits, LimitsRequest, RemoveLimit, SetLimit
from chorus.documents.queue_clearing import Cleared, ClearQueue
from chorus.vocabulary import Kind
from chorus_scheduler.api_guard import ApiGuard, problem
from chorus_scheduler.commands.steering import Steering
from chorus_scheduler.domain.activity import Activity
from chorus_scheduler.domain.instants import to_datetime
from chorus_scheduler.errors import SchedulerRefusal
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.planning.planner import Planner, PlanResult

_CarryOut = Callable[[ActivityCommand], Awaitable[Activity]]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PlanBody(_Body):
    """`kinds` are those a pod takes part in; the same seed gives the same plan."""

    client_id: UUID
    post_id: UUID
    kinds: list[Literal[Kind.LIKE, Kind.COMMENT, Kind.REPOST]] = Field(min_length=1)
    dry_run: bool = False
    actor: str
    seed: int | None = Field(default=None, ge=0, lt=2**53)
    correlation_id: str


class PauseRequest(_Body):
    """What is to stop, and why. `own`: it is the account's owner who says so."""

    client_id: UUID | None
    scope: Literal["everything", "tenant", "pod", "account"]
    scope_id: UUID | None = None
    reason: str = Field(min_length=3, max_length=500)
    actor: str
    own: bool = False


class ChallengeRequest(_Body):
    """A challenge that somebody met who carries nothing out. `pause_id` is the same each time."""

    client_id: UUID
    pause_id: UUID
    reason: str = Field(min_length=3, max_length=500)
    actor: str


class AbsencesRequest(_Body):
    """Whose absences changed, and who says so."""

    client_id: UUID
    actor: str


class OwnerRequest(_Body):
    """Who asks."""

    client_id: UUID | None
    actor: str


def create_api(*, planner: Planner, steering: Steering, token: str) -> FastAPI:
    """The internal app."""
    app = FastAPI(title="Chorus scheduler, internal", openapi_url=None)
    _add_plans(app, planner)
    _add_commands(app, steering)
    _add_pauses(app, steering)
    _add_limits(app, steering)
    app.add_middleware(ApiGuard, token=token)

    @app.exception_handler(SchedulerRefusal)
    async def refused(_: Request, error: SchedulerRefusal) -> JSONResponse:
        return problem(error.status, error.code, str(error), extra=error.extra)

    return app


def _add_plans(app: FastAPI, planner: Planner) -> None:
    @app.post("/internal/plans")
    async def plan(body: PlanBody) -> Response:
        asked = PlanRequest(
            client_id=body.client_id,
            post_id=body.post_id,
            kinds=[Kind(kind) for kind in body.kinds],
            actor=body.actor,
            correlation_id=body.correlation_id,
            dry_run=body.dry_run,
            seed=body.seed,
        )
        answer = await asyncio.to_thread(_plan_answer, await planner.plan(asked))
        return Response(answer, media_type="application/json")


def _add_commands(app: FastAPI, steering: Steering) -> None:
    """One route for each command of the table; its method is called as the command is."""
    for command in COMMANDS:
        carry_out: _CarryOut = getattr(steering, command.name)
        path = f"/internal/activities/{{activity_id}}/{command.name}"
        app.post(path)(_route(command, carry_out))

    @app.post("/internal/queue/clear")
    async def clear_queue(body: ClearQueue) -> Cleared:
        return await steering.clear_queue(body)


def _route(command: type[ActivityCommand], carry_out: _CarryOut) -> Callable[..., Awaitable[Moved]]:
    async def answer(activity_id: UUID, body: dict[str, Any]) -> Moved:
        try:
            asked = command.model_validate_json(
                orjson.dumps({**body, "activity_id": str(activity_id)})
            )
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
        return _moved(await carry_out(asked))

    return answer


def _moved(activity: Activity) -> Moved:
    return Moved(
        id=activity.id,
        state=activity.state,
        scheduled_for=activity.due_at,
        reason_code=activity.reason_code,
        reason=activity.reason,
        text=activity.text,
    )


def _add_pauses(app: FastAPI, steering: Steering) -> None:
    @app.post("/internal/pauses", status_code=201)
    async def pause(body: PauseRequest) -> dict[str, Any]:
        paused = await steering.pause(
            client_id=body.client_id,
            scope=body.scope,
            scope_id=body.scope_id,
            reason=body.reason,
            actor=body.actor,
            own=body.own,
        )
        return asdict(paused)

    @app.post("/internal/pauses/{pause_id}/resume")
    async def resume(pause_id: UUID, body: OwnerRequest) -> dict[str, Any]:
        done = await steering.resume(pause_id=pause_id, client_id=body.client_id, actor=body.actor)
        return {
            **asdict(done.pause),
            "scheduled_again": done.scheduled_again,
            "expired": done.expired,
            "still_parked": done.still_parked,
        }

    @app.post("/internal/accounts/{account_id}/challenged", status_code=204)
    async def challenged(account_id: UUID, body: ChallengeRequest) -> None:
        await steering.challenged(
            pause_id=body.pause_id,
            client_id=body.client_id,
            account_id=account_id,
            reason=body.reason,
        )

    @app.post("/internal/accounts/{account_id}/recheck")
    async def recheck(account_id: UUID, body: OwnerRequest) -> dict[str, int]:
        if body.client_id is None:
            raise HTTPException(422, "client_id is needed")
        cancelled = await steering.recheck(
            client_id=body.client_id, account_id=account_id, actor=body.actor
        )
        return {"cancelled": cancelled}


def _add_limits(app: FastAPI, steering: Steering) -> None:
    @app.post("/internal/accounts/{account_id}/absences-changed")
    async def absences_changed(account_id: UUID, body: AbsencesRequest) -> AbsencesApplied:
        return await steering.absences_changed(
            client_id=body.client_id, account_id=account_id, actor=body.actor
        )

    @app.post("/internal/accounts/{account_id}/limits")
    async def limits(account_id: UUID, body: LimitsRequest) -> AccountLimits:
        return await steering.limits(client_id=body.client_id, account_id=account_id)

    @app.post("/internal/accounts/{account_id}/why-idle")
    async def why_idle(account_id: UUID, body: IdlenessRequest) -> Idleness:
        return await steering.why_idle(client_id=body.client_id, account_id=account_id)

    @app.post("/internal/limits/set", status_code=204)
    async def set_limit(body: SetLimit) -> None:
        await steering.set_limit(body)

    @app.post("/internal/limits/remove", status_code=204)
    async def remove_limit(body: RemoveLimit) -> None:
        await steering.remove_limit(body)


def _plan_answer(plan: PlanResult) -> bytes:
    """The answer's JSON; made in a thread, for a plan may have thousands of entries."""
    answer = {
        "seed": plan.seed,
        "stored": plan.stored,
        "planned": [
            _activity(
                id=entry.id,
                account_id=entry.by.account_id,
                member_id=entry.by.member_id,
                member_name=entry.by.name,
                kind=entry.kind,
                lane=plan.lane[entry.kind],
                state=entry.state,
                scheduled_for=to_datetime(entry.at),
                text=entry.text,
                reason_code=entry.decision.code,
                reason=entry.decision.sentence,
            )
            for entry in plan.planned
        ],
        "existing": [
            _activity(text=each.text, **{name: getattr(each, name) for name in _SHOWN})
            for each in plan.existing
        ],
        "skipped": [
            {
                "account_id": entry.member.account_id,
                "member_id": entry.member.member_id,
                "member_name": entry.member.name,
                "kind": entry.kind,
                "code": entry.decision.code,
                "sentence": entry.decision.sentence,
            }
            for entry in plan.skipped
        ],
    }
    return orjson.dumps(answer)


_SHOWN = (
    "id",
    "account_id",
    "member_id",
    "member_name",
    "kind",
    "lane",
    "state",
    "scheduled_for",
    "reason_code",
    "reason",
)


def _activity(**fields: UUID | str | datetime | None) -> dict[str, Any]:
    return fields
