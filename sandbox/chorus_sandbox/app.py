"""The sandbox as one ASGI application. A new provider is a folder with routes and one line here."""

from pathlib import Path

from chorus_sandbox.asgi import (
    Answer,
    BodyTooLargeError,
    Receive,
    Request,
    Scope,
    Send,
    json_answer,
    read_request,
    send_answer,
)
from chorus_sandbox.linkedin.routes import LinkedInSite
from chorus_sandbox.linkedin.session_api import SessionApi
from chorus_sandbox.unipile.hosted import PAGES, HostedSite
from chorus_sandbox.unipile.routes import UnipileApi
from chorus_sandbox.voice.completions import VoiceApi
from chorus_sandbox.world.calls import Provider
from chorus_sandbox.world.clock import Clock
from chorus_sandbox.world.control.routes import Control
from chorus_sandbox.world.sandbox import Sandbox
from chorus_sandbox.world.stage import NoAnswer, Stage
from chorus_sandbox.world.waiting import ClosingError

UNIPILE_KEY = "sandbox-unipile-key"
VOICE_KEY = "sandbox-voice-key"
SESSION_KEY = "sandbox-session-key"

_HEALTHY = json_answer(200, {"status": "ok"})
_NOT_FOUND = json_answer(404, {"error": "Nothing is served here. See GET /control."})


class SandboxApp:
    def __init__(
        self,
        *,
        clock: Clock | None = None,
        truth_file: Path | None = None,
        unipile_key: str = UNIPILE_KEY,
        voice_key: str = VOICE_KEY,
        session_key: str = SESSION_KEY,
    ) -> None:
        self.sandbox = Sandbox(clock=clock or Clock(), truth_file=truth_file)
        self._providers: tuple[Provider, ...] = (
            UnipileApi(self.sandbox, api_key=unipile_key),
            VoiceApi(self.sandbox, api_key=voice_key),
            SessionApi(self.sandbox, api_key=session_key),
        )
        self._linkedin = LinkedInSite(self.sandbox)
        self._hosted = HostedSite(self.sandbox)
        self._stage = Stage(self.sandbox)
        self._control = Control(self.sandbox, (*self._providers, self._linkedin))
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._requests += 1
        number = self._requests
        try:
            request = await read_request(scope, receive, number)
        except BodyTooLargeError:
            await send_answer(send, json_answer(413, {"error": "Over 32 MiB."}), number)
            return
        try:
            answer = await self._answer(request)
        except (NoAnswer, ClosingError):
            request.abort()
            await request.gone()
            return
        await send_answer(send, answer, number)

    async def _answer(self, request: Request) -> Answer:
        if self._linkedin.serves(request):
            beside = await self._linkedin.beside(request)
            return beside or await self._stage.answer(self._linkedin, request)
        for provider in self._providers:
            if request.path.startswith(provider.prefix):
                return await self._stage.answer(provider, request)
        if request.path.startswith(PAGES):
            return self._hosted.answer(request)
        if request.path == "/healthz":
            return _HEALTHY
        if request.path.startswith("/control"):
            return await self._control.answer(request)
        return _NOT_FOUND
