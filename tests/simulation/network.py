"""The outside world, hostile: the sandbox's own, reached without a socket, through the executor's
real adapter; and what real networks do to requests, answers, texts and lists.

The truth is what the sandbox accepted. `calls` is every write that left an executor, with the true
instant at which it left and at which the network took it.
"""

import asyncio
import contextvars
import random
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import httpx
import orjson
from yarl import URL

from chorus.errors import IndeterminateWrite, TransientProviderError
from chorus.vocabulary import ErrorType
from chorus_execution.port import Permit
from chorus_executor.providers.unipile.provider import UnipileProvider
from chorus_executor.providers.unipile.transport import Endpoint, Transport
from chorus_sandbox.app import UNIPILE_KEY, SandboxApp
from chorus_sandbox.world.clock import Clock
from tests.simulation.loop import OUTSIDE, Process, VirtualLoop, process

BASE = "http://network.invalid/unipile/api/v1"
Answer = tuple[int, Mapping[str, str], bytes]


class WorldClock(Clock):
    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def wall_ns(self) -> int:
        return int(self._loop.wall().timestamp() * 1_000_000) * 1000

    def monotonic(self) -> float:
        return self._loop.time()


@dataclass(slots=True, kw_only=True)
class Hostility:
    """Probabilities per request; seconds."""

    refused: float = 0.0
    connects: float = 0.0
    """Connecting takes up to so many seconds."""
    lost_before: float = 0.0
    lost_after: float = 0.0
    late: float = 0.0
    slow_down: float = 0.0
    broken: float = 0.0
    challenge: float = 0.0
    final: float = 0.0
    unreadable: float = 0.0
    rewrites: bool = False
    lag: float = 0.0
    """Lists are up to so many seconds behind."""


@dataclass(slots=True, kw_only=True)
class Call:
    """A write that left an executor. Instants are true wall seconds."""

    kind: str
    account: str
    target: str
    text: str
    sent: float
    process: str
    arrived: float | None = None
    accepted: bool = False
    answer: str = "none"


@dataclass(slots=True, kw_only=True)
class Challenge:
    """A challenge that an executor heard of, and went on living for long enough to tell."""

    account: str
    heard: float
    owner: Process


_RETRY_AFTER = (None, "1", "120", "1.5", "Fri, 06 Mar 2026 09:00:00 GMT", "9" * 305, "-3", "soon")
_CHALLENGES = ((401, "expired_credentials"), (403, "account_restricted"), (401, "checkpoint_error"))


class Network:
    def __init__(self, loop: VirtualLoop, seed: int) -> None:
        self.loop = loop
        self.dice = random.Random(f"network {seed}")
        self.app = SandboxApp(clock=WorldClock(loop))
        self.hostility = Hostility()
        self.calls: list[Call] = []
        self.challenges: list[Challenge] = []
        self.challenged: set[str] = set()
        """Accounts whose person the network asks for, until that person has answered."""
        self.under_way = 0
        self._lags: dict[str, float] = {}

    def provider(self) -> UnipileProvider:
        provider = UnipileProvider(Endpoint(base_url=BASE, api_key=_secret()))
        wire = Wire(self)
        provider._transport = wire
        return provider

    def client(self) -> httpx.AsyncClient:
        """How the gateway reaches it."""
        return httpx.AsyncClient(base_url=f"{BASE}/", transport=_Http(self))

    def wall(self) -> float:
        return self.loop.wall().timestamp()

    async def ask(self, method: str, url: URL, body: bytes, content_type: str | None) -> Answer:
        """What the sandbox answers."""
        headers = [(b"x-api-key", UNIPILE_KEY.encode())]
        if content_type:
            headers.append((b"content-type", content_type.encode()))
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": url.path,
            "query_string": url.raw_query_string.encode(),
            "headers": headers,
            "extensions": {"sandbox.abort": {"abort": lambda: None}},
        }
        await self.app(scope, receive, send)
        shown = {name.decode().title(): value.decode() for name, value in sent[0]["headers"]}
        status: int = sent[0]["status"]
        answer: bytes = sent[1]["body"]
        return status, shown, answer

    def visible(self, body: bytes) -> bytes:
        """A list or a post as it is shown: what came to be lately is not there yet."""
        if self.hostility.lag <= 0:
            return body
        found = orjson.loads(body)
        if isinstance(found, dict) and isinstance(found.get("items"), list):
            found["items"] = [each for each in found["items"] if self._shown(each)]
        return orjson.dumps(found)

    def _shown(self, item: Any) -> bool:
        written = str(item.get("parsed_datetime") or item.get("date") or "")
        try:
            from datetime import datetime

            at = datetime.fromisoformat(written).timestamp()
        except ValueError:
            return True
        name = str(item.get("id"))
        lag = self._lags.setdefault(name, self.dice.random() * self.hostility.lag)
        return self.wall() - at >= lag


class _Http(httpx.AsyncBaseTransport):
    """What the gateway asks, which only reads."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        delivery = _Delivery(
            self._network, process.get(), request.method, URL(str(request.url)), b"", None, None
        )
        answer = await delivery.run()
        if answer is None:
            raise httpx.ReadTimeout("no answer came", request=request)
        return httpx.Response(answer[0], content=answer[2], request=request)


class Wire(Transport):
    """The adapter's transport, over the hostile network instead of a socket."""

    def __init__(self, network: Network) -> None:
        super().__init__(Endpoint(base_url=BASE, api_key=_secret()))
        self._network = network

    async def _exchange(
        self,
        method: str,
        url: URL,
        body: bytes | aiohttp.FormData | None,
        content_type: str | None,
        deadline: float,
        *,
        permit: Permit | None,
    ) -> Answer:
        network = self._network
        loop = network.loop
        if deadline <= loop.time():
            raise _not_sent("No time is left for the call.")
        raw, content_type = _as_bytes(body, content_type)
        call = _call(method, url, body, raw, network) if method == "POST" else None
        if network.dice.random() < network.hostility.refused:
            await asyncio.sleep(network.dice.random() * 0.2)
            raise _not_sent("The network refused the connection.")
        if permit is not None:
            if network.hostility.connects:
                await asyncio.sleep(network.dice.random() * network.hostility.connects)
            await permit()
        if call is not None:
            call.sent = network.wall()
            network.calls.append(call)
        context = contextvars.copy_context()
        context.run(process.set, OUTSIDE)
        work = _Delivery(network, process.get(), method, url, raw, content_type, call)
        task = loop.create_task(work.run(), context=context)
        try:
            async with asyncio.timeout_at(deadline):
                answer: Answer | None = await asyncio.shield(task)
        except TimeoutError:
            answer = None
        if answer is None:
            message = "The network's answer did not arrive."
            if method == "GET":
                raise TransientProviderError(message, error_type=ErrorType.NETWORK_ERROR)
            raise IndeterminateWrite(message)
        return answer

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class _Delivery:
    """One request on its way, which goes on whatever becomes of who sent it."""

    network: Network
    sender: Process
    method: str
    url: URL
    body: bytes
    content_type: str | None
    call: Call | None

    async def run(self) -> Answer | None:
        self.network.under_way += 1
        try:
            return await (self._write(self.call) if self.call else self._read())
        finally:
            self.network.under_way -= 1

    async def _read(self) -> Answer | None:
        network, dice, hostility = self.network, self.network.dice, self.network.hostility
        await asyncio.sleep(0.02 + dice.random() * 0.2)
        fate = dice.random()
        account = self.url.query.get("account_id", "")
        if account in network.challenged or fate < hostility.challenge / 4:
            return self._challenge(account)
        if fate < hostility.unreadable:
            return 503, {}, b"<html>busy</html>"
        if fate < hostility.unreadable * 1.5:
            await asyncio.sleep(60)
            return None
        status, headers, body = await self.network.ask("GET", self.url, b"", None)
        await asyncio.sleep(dice.random() * 0.1)
        return status, headers, network.visible(body) if status == 200 else body

    async def _write(self, call: Call) -> Answer | None:
        network, dice, h = self.network, self.network.dice, self.network.hostility
        await asyncio.sleep(0.02 + dice.random() * 0.25)
        if call.account in network.challenged:
            return self._challenge(call.account)
        fate = dice.random()
        for name, share in (
            ("challenge", h.challenge),
            ("lost_before", h.lost_before),
            ("slow_down", h.slow_down),
            ("final", h.final),
            ("late", h.late),
            ("lost_after", h.lost_after),
            ("broken", h.broken),
        ):
            if fate < share:
                call.answer = name
                break
            fate -= share
        return await self._meet(call)

    async def _meet(self, call: Call) -> Answer | None:
        dice = self.network.dice
        match call.answer:
            case "challenge":
                return self._challenge(call.account)
            case "lost_before":
                return None
            case "slow_down":
                after = dice.choice(_RETRY_AFTER)
                return 429, {"Retry-After": after} if after else {}, _problem("too_many_requests")
            case "final":
                return 422, {}, _problem("invalid_parameters")
        return await self._taken(call)

    async def _taken(self, call: Call) -> Answer | None:
        dice = self.network.dice
        if call.answer == "late":
            await asyncio.sleep(20 + dice.random() * 10)
            await self._take(call)
            await asyncio.sleep(30)
            return None
        answer = await self._take(call)
        await asyncio.sleep(dice.random() * 0.2)
        if call.answer == "lost_after":
            return None
        if call.answer == "broken":
            return dice.choice(((502, {}, b"<html>"), (500, {}, _problem("unexpected_error"))))
        return answer

    async def _take(self, call: Call) -> Answer:
        network = self.network
        before = len(network.app.sandbox.truth.effects)
        body = self.body
        if network.hostility.rewrites and network.dice.random() < 0.6:
            body = rewritten(body)
        answer = await network.ask(self.method, self.url, body, self.content_type)
        call.arrived = network.wall()
        call.accepted = len(network.app.sandbox.truth.effects) > before
        if call.answer == "none":
            call.answer = str(answer[0])
        return answer

    def _challenge(self, account: str) -> Answer:
        network = self.network
        network.challenged.add(account)
        status, code = network.dice.choice(_CHALLENGES)
        network.challenges.append(
            Challenge(account=account, heard=network.wall(), owner=self.sender)
        )
        return status, {}, _problem(code)


_LINK = re.compile(rb"https?://[^\s\"]{20,}")


def rewritten(body: bytes) -> bytes:
    """A text as a network keeps it: links shortened, quotes made round, spaces collapsed. Of the
    same length in bytes nowhere, so that a form keeps its parts: lengths are not declared in them.
    """
    body = _LINK.sub(b"https://lnkd.in/eAbCdEf", body)
    return body.replace(b"...", "…".encode()).replace(b"  ", b" ").replace(b"'", "\u2019".encode())


def _call(method: str, url: URL, body: Any, raw: bytes, network: Network) -> Call:
    if isinstance(body, aiohttp.FormData):
        fields = {parts[0]["name"]: parts[2] for parts in body._fields}
        kind = "repost" if fields.get("repost") else "publish"
        target = fields.get("repost") or ""
    else:
        fields = orjson.loads(raw)
        kind = "like" if url.path.endswith("/reaction") else "comment"
        target = fields.get("post_id") or url.path.rstrip("/").split("/")[-2]
    return Call(
        kind=kind,
        account=fields["account_id"],
        target=target,
        text=fields.get("text") or "",
        sent=network.wall(),
        process=process.get().name,
    )


def _as_bytes(body: Any, content_type: str | None) -> tuple[bytes, str | None]:
    if body is None:
        return b"", content_type
    if isinstance(body, bytes):
        return body, content_type
    edge = "edge"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{p[0]["name"]}"\r\n\r\n{p[2]}\r\n'
        for p in body._fields
    ]
    text = "".join(parts) + f"--{edge}--\r\n"
    return text.encode(), f"multipart/form-data; boundary={edge}"


def _not_sent(message: str) -> TransientProviderError:
    return TransientProviderError(message, error_type=ErrorType.NETWORK_ERROR)


def _problem(code: str) -> bytes:
    return orjson.dumps({"type": f"errors/{code}", "title": code, "status": 400})


def _secret() -> Any:
    from pydantic import SecretStr

    return SecretStr(UNIPILE_KEY)
