"""`/livez`, `/readyz`, `/metrics`, beside a service's own app."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from chorus.errors import ConfigurationError
from chorus.process.probes import HealthServer
from chorus.settings import ServiceSettings


def _settings(port: int = 0) -> ServiceSettings:
    return ServiceSettings.model_validate({"service": "s", "health_port": port})


@asynccontextmanager
async def _client(server: HealthServer) -> AsyncIterator[httpx.AsyncClient]:
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
            yield client
    finally:
        await server.stop()


async def test_readiness_is_the_sum_of_its_checks() -> None:
    """503 names what is not ready; liveness is a question of its own."""
    state = {"consumer": False}
    checks = {"consumer": lambda: state["consumer"], "pool": lambda: True}
    async with _client(HealthServer(_settings(), checks, alive={"loop": lambda: True})) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["failing"]) == (503, ["consumer"])
        assert (await client.get("/livez")).status_code == 200
        state["consumer"] = True
        assert (await client.get("/readyz")).status_code == 200


async def test_metrics_are_prometheus_text() -> None:
    """K5: dashboards stand on what is shown here."""
    async with _client(HealthServer(_settings(), {})) as client:
        answer = await client.get("/metrics")
    assert "# TYPE chorus_activities_lateness_seconds histogram" in answer.text


async def test_stands_beside_an_app_and_runs_its_lifespan() -> None:
    """The app answers all other paths, and starts and stops with the server."""
    told: list[str] = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        told.append("start")
        yield
        told.append("stop")

    async def hello(_: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    app = Starlette(routes=[Route("/hello", hello)], lifespan=lifespan)
    async with _client(HealthServer(_settings(), {}, app)) as client:
        assert (await client.get("/hello")).text == "hello"
        assert (await client.get("/readyz")).status_code == 200
        assert told == ["start"]
    assert told == ["start", "stop"]


async def test_a_port_that_is_taken_is_named() -> None:
    """One sentence, before anything else starts."""
    async with asyncio.timeout(10), _client(first := HealthServer(_settings(), {})):
        with pytest.raises(ConfigurationError, match=f"127.0.0.1:{first.port}"):
            await HealthServer(_settings(first.port), {}).start()
