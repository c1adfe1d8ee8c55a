"""The gateway as a process: with a real broker and database, from its start to SIGTERM."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import psycopg
import pytest
from aiokafka import AIOKafkaConsumer
from psycopg.rows import dict_row

from chorus.clock import SystemClock
from chorus.events import ActivityScheduled, Event, PostPublished, PostTarget
from chorus.ids import new_id
from chorus.kafka.envelope import encode
from chorus.kafka.producer import EventProducer
from chorus.kafka.topics import ensure
from chorus.settings import KafkaSettings
from chorus.testing import eventually
from chorus.vocabulary import Kind, Lane, Platform, State
from chorus_lab.local import ports
from chorus_sandbox.app import UNIPILE_KEY
from chorus_sandbox.server import SandboxServer
from tests.fixtures.backends import Backend
from tests.integration.gateway.conftest import PASSWORD, POST_URL, consent
from tests.integration.gateway.ledger import Ledger

EMAIL = "ada@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A process that is ready."""

    process: asyncio.subprocess.Process
    url: str
    environment: dict[str, str]
    kafka: KafkaSettings
    sandbox: SandboxServer

    async def send(self, event: Event) -> None:
        """Put an event on the broker, as another service would."""
        producer = EventProducer(self.kafka, client_id="test")
        out = encode(event, source="test", time=SystemClock().now(), traceparent=None)
        await producer.send([out])
        await producer.stop()


@pytest.fixture
async def kafka(kafka_cluster: Backend, topic_prefix: str) -> KafkaSettings:
    """The broker, with the topics of this test."""
    settings = KafkaSettings(
        bootstrap_servers=kafka_cluster.address,
        topic_prefix=topic_prefix,
        group_prefix=topic_prefix,
        partitions=2,
    )
    await ensure(settings)
    return settings


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    """The provider."""
    async with SandboxServer() as server:
        yield server


@pytest.fixture
async def running(
    gateway_dsn: str, kafka: KafkaSettings, tmp_path: Path, sandbox: SandboxServer
) -> AsyncIterator[Running]:
    """`python -m chorus_gateway`, ready, with a tenant made by its command."""
    ready = tmp_path / "ready.json"
    reserved = ports.reserve()
    port = reserved.number
    environment = {
        **os.environ,
        "DATABASE_URL": gateway_dsn,
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "CHORUS_TOPIC_PREFIX": kafka.topic_prefix,
        "CHORUS_GROUP_PREFIX": kafka.group_prefix,
        "CHORUS_JWT_SECRET": "s" * 32,
        "CHORUS_INTERNAL_TOKEN": "i" * 32,
        "CHORUS_SCHEDULER_URL": "http://127.0.0.1:1",
        "CHORUS_UNIPILE_URL": sandbox.unipile_url,
        "CHORUS_UNIPILE_API_KEY": UNIPILE_KEY,
        "CHORUS_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "CHORUS_HOOK_SECRET": "h" * 40,
        "CHORUS_HEALTH_PORT": str(port),
        "CHORUS_READY_FILE": str(ready),
    }
    made = await _run(environment, "create-tenant", "--name", "Ada", "--email", EMAIL)
    assert UUID(orjson.loads(made)["client_id"]).version == 7
    with (tmp_path / "gateway.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "chorus_gateway", env=environment, stdout=log, stderr=log
        )
    try:
        await eventually(lambda: ready.exists() or process.returncode is not None, 90)
        assert process.returncode is None, (tmp_path / "gateway.log").read_text()
        yield Running(
            process=process,
            url=f"http://127.0.0.1:{port}",
            environment=environment,
            kafka=kafka,
            sandbox=sandbox,
        )
    finally:
        reserved.close()
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _run(environment: dict[str, str], *arguments: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "chorus_gateway",
        *arguments,
        "--password-stdin",
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(process.communicate(PASSWORD.encode()), 90)
    assert process.returncode == 0
    return out


@asynccontextmanager
async def _signed_in(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, timeout=10) as client:
        body = {"email": EMAIL, "password": PASSWORD}
        tokens = (await client.post("/api/auth/sign-in", json=body)).json()
        client.headers["authorization"] = f"Bearer {tokens['access_token']}"
        yield client


async def _first_message(kafka: KafkaSettings, topic: str) -> Any:
    consumer = AIOKafkaConsumer(
        f"{kafka.topic_prefix}{topic}",
        bootstrap_servers=kafka.bootstrap_servers,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        return await asyncio.wait_for(consumer.getone(), 15)
    finally:
        await consumer.stop()


async def test_a_process_serves_announces_listens_and_ends(
    running: Running, migrated_database: str
) -> None:
    """P3, invariant 2: HTTP to broker, broker to row, broker to live view; SIGTERM ends it well."""
    async with _signed_in(running.url) as http:
        for path in ("/livez", "/readyz", "/docs"):
            assert (await http.get(path)).status_code == 200, path
        post = (await http.post("/api/posts", json={"url": POST_URL})).json()
        assert post["state"] == "resolving", "no provider is configured that could say what it is"

        account = {"id": await _connected(running, http)}
        path = f"/api/accounts/{account['id']}/consents"
        assert (await http.post(path, json=consent("publish"))).status_code == 201
        body = {"text": "We shipped.", "account_id": account["id"]}
        queued = (await http.post("/api/posts", json=body)).json()
        message = await _first_message(running.kafka, "post.queued")
        assert orjson.loads(message.value)["post_id"] == queued["id"]
        headers = dict(message.headers)
        assert headers["ce_type"] == b"chorus.post.queued.v1"
        assert headers["traceparent"].startswith(b"00-")
        me = (await http.get("/api/me")).json()
        async with await psycopg.AsyncConnection.connect(
            migrated_database, autocommit=True, row_factory=dict_row
        ) as owner:
            client_id = UUID(me["tenant"]["id"])
            await Ledger(owner).publishing(queued, client_id, SystemClock().now())
        await running.send(_published(UUID(me["tenant"]["id"]), UUID(queued["id"])))

        async def live() -> bool:
            shown = (await http.get(f"/api/posts/{queued['id']}")).json()
            return bool(shown["state"] == "published")

        await eventually(live, 15)
        await _sees_it_live(running, http, UUID(me["tenant"]["id"]))
        metrics = (await http.get("/metrics")).text
        assert 'chorus_gateway_requests_total{method="GET",route="/api/me",status="200"}' in metrics
    running.process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(running.process.wait(), 20) == 0


async def _connected(running: Running, http: httpx.AsyncClient) -> str:
    """Ada uses the provider's page, which calls the process back."""
    running.sandbox.sandbox.state.add_person(name="Ada", public_identifier="ada")
    link = (await http.post("/api/accounts/links", json={"display_name": "Ada"})).json()
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        ours = (await browser.get(link["url"])).text
        theirs = ours.partition('id=go rel=noreferrer href="')[2].partition('"')[0]
        back = await browser.post(unescape(theirs), data={"person": "ada"})
        assert (back.status_code, str(back.url)) == (200, f"{link['url']}/done")

    async def came() -> str | None:
        shown = (await http.get(f"/api/accounts/links/{link['id']}")).json()
        found: str | None = shown["account_id"]
        return found

    found = await eventually(came, 15)
    assert found is not None
    return found


def _published(client_id: UUID, post_id: UUID) -> PostPublished:
    return PostPublished(
        platform=Platform.LINKEDIN,
        client_id=client_id,
        post_id=post_id,
        url=POST_URL.replace("7379160923545600000", "7379160923545600001"),
        published_at=SystemClock().now(),
        source="published",
        correlation_id="c",
    )


async def _sees_it_live(running: Running, http: httpx.AsyncClient, client_id: UUID) -> None:
    event = ActivityScheduled(
        client_id=client_id,
        activity_id=new_id(),
        target=PostTarget(post_id=new_id()),
        account_id=new_id(),
        kind=Kind.LIKE,
        lane=Lane.API,
        state=State.SCHEDULED,
        scheduled_for=SystemClock().now(),
        reason_code="planned",
        reason="Planned within the window.",
        correlation_id="c",
    )
    async with asyncio.timeout(20), http.stream("GET", "/api/events") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == ": open"
        await running.send(event)
        async for line in lines:
            if line.startswith("data: "):
                assert orjson.loads(line[6:])["activity_id"] == str(event.activity_id)
                return


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("CHORUS_JWT_SECRET", "CHORUS_JWT_SECRET is not set"),
        ("CHORUS_INTERNAL_TOKEN", "CHORUS_INTERNAL_TOKEN is not set"),
        ("CHORUS_SCHEDULER_URL", "CHORUS_SCHEDULER_URL is not set"),
    ],
)
async def test_a_missing_setting_is_one_clear_sentence(missing: str, sentence: str) -> None:
    """Exit code 2, and the variable by its name."""
    environment = {
        **os.environ,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "CHORUS_JWT_SECRET": "s" * 32,
        "CHORUS_INTERNAL_TOKEN": "i" * 32,
        "CHORUS_SCHEDULER_URL": "http://127.0.0.1:1",
    }
    del environment[missing]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "chorus_gateway", env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, error = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 2
    assert sentence in error.decode()
