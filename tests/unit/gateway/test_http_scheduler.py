"""The HTTP adapter: what it sends, and what it makes of bad answers."""

from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
from pydantic import SecretStr

from chorus.errors import DependencyUnavailable
from chorus.ids import new_id
from chorus.vocabulary import Kind
from chorus_gateway.scheduler.http import HttpScheduler
from chorus_gateway.scheduler.port import SchedulerRefusal

Answer = Callable[[httpx.Request], httpx.Response]


async def _plan(answer: Answer) -> Any:
    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://s.test") as client:
        return await HttpScheduler(client, SecretStr("secret")).plan(
            client_id=new_id(),
            post_id=new_id(),
            kinds=(Kind.REPOST,),
            dry_run=True,
            actor="user:x",
            correlation_id="c",
        )


async def test_a_call_carries_token_and_trace() -> None:
    """The internal API is guarded; the trace goes on."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"seed": 1, "stored": False, "new": "field"})

    plan = await _plan(answer)
    assert plan.seed == 1
    (request,) = seen
    assert request.headers["authorization"] == "Bearer secret"
    assert request.headers["traceparent"].startswith("00-")
    assert orjson.loads(request.content)["kinds"] == ["repost"]
    assert "seed" not in orjson.loads(request.content)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"code": "internal_error"}),
        (401, {"code": "not_signed_in"}),
        (404, {"detail": "Not Found"}),
        (422, {"detail": [{"loc": ["body"]}]}),
        (400, "text"),
        (400, [1]),
        (200, {"stored": True}),
        (200, "nonsense"),
    ],
)
async def test_a_scheduler_that_does_not_work_is_no_refusal(status: int, body: Any) -> None:
    """503 for the client: only a code that means something is an answer."""
    with pytest.raises(DependencyUnavailable):
        await _plan(lambda _: httpx.Response(status, json=body))


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError]
)
async def test_no_answer_is_unavailable(error: type[httpx.TransportError]) -> None:
    """Every way of not answering."""

    def answer(_: httpx.Request) -> httpx.Response:
        raise error("gone")

    with pytest.raises(DependencyUnavailable):
        await _plan(answer)


async def test_a_refusal_has_code_and_sentence() -> None:
    """Passed on as they are."""
    problem = {"code": "no_pod_members", "title": "x", "detail": "No pod members found"}
    with pytest.raises(SchedulerRefusal, match="No pod members found") as caught:
        await _plan(lambda _: httpx.Response(400, json=problem))
    assert (caught.value.code, caught.value.status) == ("no_pod_members", 400)
