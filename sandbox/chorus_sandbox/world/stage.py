"""Where a call is carried out: hold points, faults and latency around its one effect."""

from dataclasses import replace

import orjson

from chorus_sandbox.asgi import HTML_TYPE, Answer, Request
from chorus_sandbox.world.calls import Call, Provider, Refusal
from chorus_sandbox.world.faults import TWISTS, Fault
from chorus_sandbox.world.sandbox import Sandbox
from chorus_sandbox.world.view import FRESH, View

BAD_GATEWAY = Answer(
    502,
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
    HTML_TYPE,
)


class NoAnswer(Exception):
    """The connection is closed without a word."""


class Stage:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def answer(self, provider: Provider, request: Request) -> Answer:
        """Carry the request out. Raises NoAnswer, or ClosingError when the sandbox stops."""
        try:
            call = provider.prepare(request)
        except Refusal as refusal:
            answer = provider.render(refusal, request)
            if refusal.kind is not None:
                self._sandbox.truth.refuse(
                    kind=refusal.kind,
                    why=refusal.type,
                    status=answer.status,
                    request_id=request.request_id,
                )
            return answer
        try:
            if self._sandbox.quiet:
                return call.run(FRESH)
            return await _Performance(self._sandbox, provider, request, call).play()
        except Refusal as refusal:
            answer = provider.render(refusal, request)
            _record_refused(self._sandbox, request, call, why=refusal.type, status=answer.status)
            return answer


class _Performance:
    """One call while something is to be injected."""

    def __init__(self, sandbox: Sandbox, provider: Provider, request: Request, call: Call) -> None:
        self._sandbox = sandbox
        self._provider = provider
        self._request = request
        self._call = call
        # A reset makes a new one: this call belongs to the time before it.
        self._waiting = sandbox.waiting
        self._view = FRESH

    async def play(self) -> Answer:
        sandbox, call = self._sandbox, self._call
        await self._latency()
        await sandbox.hold_points.pass_through(call, "before")
        fault = sandbox.faults.pick(call, self._provider.error_types)
        self._view = self._now(sandbox.faults.view_of(call))
        if fault is not None and fault.kind in TWISTS:
            self._view = replace(self._view, twist=fault.kind)
        elif fault is not None and fault.when == "before":
            early = await self._before(fault)
            if early is not None:
                return early
        await self._hang()
        answer = call.run(self._view)
        await sandbox.hold_points.pass_through(call, "after")
        if fault is not None and fault.when == "after" and fault.kind not in TWISTS:
            answer = await self._after(fault, answer)
        await self._latency()
        return answer

    def _now(self, view: View) -> View:
        """What there is to see, and in lists, as the network behaves."""
        behaviour, now = self._sandbox.behaviour, self._sandbox.clock.monotonic()
        if self._call.kind is not None or behaviour.quiet:
            return view
        return replace(view, landed=now, list_after=now - behaviour.behind_ms / 1000)

    async def _hang(self) -> None:
        """A write that takes effect late, and is answered no sooner."""
        behaviour = self._sandbox.behaviour
        if self._call.kind is not None and not behaviour.late_answered:
            late = behaviour.lateness()
            if late:
                await self._waiting.pause(late)

    async def _latency(self) -> None:
        if self._sandbox.settings.latency_ms:
            await self._waiting.pause(self._sandbox.settings.latency_ms / 2000)

    async def _before(self, fault: Fault) -> Answer | None:
        """What is answered in place of the effect; None to go on to the effect."""
        if fault.kind == "delay":
            await self._waiting.pause((fault.ms or 0) / 1000)
            return None
        if fault.kind == "late_effect":
            return await self._late(fault)
        refusal = self._refusal(fault)
        answer = self._struck(fault, refusal)
        self._refuse(fault, refusal, answer)
        return await self._deliver(fault, answer)

    async def _after(self, fault: Fault, answer: Answer) -> Answer:
        if fault.kind == "delay":
            await self._waiting.pause((fault.ms or 0) / 1000)
            return answer
        if fault.kind == "malformed_json":
            return _cut(answer)
        if fault.kind == "no_items":
            return _without_items(answer)
        return await self._deliver(fault, self._struck(fault, self._refusal(fault)))

    def _refusal(self, fault: Fault) -> Refusal | None:
        if fault.error_type is None:
            return None
        return Refusal(fault.error_type, "Injected by the sandbox.", retry_after=fault.retry_after)

    def _struck(self, fault: Fault, refusal: Refusal | None) -> Answer | None:
        """The answer that the fault gives, or None when it gives none."""
        if fault.kind == "html_502":
            return BAD_GATEWAY
        if fault.kind == "malformed_json":
            return _cut(Answer(500, orjson.dumps({"title": "Unexpected error"})))
        return None if refusal is None else self._provider.render(refusal, self._request)

    async def _deliver(self, fault: Fault, answer: Answer | None) -> Answer:
        if answer is not None:
            return answer
        if fault.kind.startswith("timeout"):
            await self._waiting.until_gone(self._request)
        raise NoAnswer

    async def _late(self, fault: Fault) -> Answer | None:
        """Hold the request and go on; or, with a type, answer that now and act behind it."""
        delay_s = (fault.ms or 0) / 1000
        refusal = self._refusal(fault)
        if refusal is None:
            await self._waiting.pause(delay_s)
            return None
        self._waiting.run_behind(self._act_later(delay_s))
        return self._provider.render(refusal, self._request)

    async def _act_later(self, delay_s: float) -> None:
        await self._waiting.pause(delay_s)
        try:
            self._call.run(self._view)
        except Refusal as refusal:
            answer = self._provider.render(refusal, self._request)
            _record_refused(
                self._sandbox, self._request, self._call, why=refusal.type, status=answer.status
            )

    def _refuse(self, fault: Fault, refusal: Refusal | None, answer: Answer | None) -> None:
        _record_refused(
            self._sandbox,
            self._request,
            self._call,
            why=fault.kind if refusal is None else refusal.type,
            status=None if answer is None else answer.status,
            fault_id=fault.id,
        )


def _record_refused(
    sandbox: Sandbox,
    request: Request,
    call: Call,
    *,
    why: str,
    status: int | None,
    fault_id: str | None = None,
) -> None:
    if call.kind is None:
        return
    sandbox.truth.refuse(
        kind=call.kind,
        why=why,
        status=status,
        account_id=call.account_id,
        post_id=call.post_id,
        fault_id=fault_id,
        request_id=request.request_id,
    )


def _cut(answer: Answer) -> Answer:
    """The same answer with its body broken off in the middle of the JSON."""
    return Answer(answer.status, answer.body[: max(1, len(answer.body) // 2)])


def _without_items(answer: Answer) -> Answer:
    """The same answer, should it be a list, with nothing said of what is in it."""
    said = orjson.loads(answer.body)
    said.pop("items", None)
    return Answer(answer.status, orjson.dumps(said))
