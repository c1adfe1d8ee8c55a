"""What a handler is given, and the routes' type."""

from collections.abc import Callable
from dataclasses import dataclass

from chorus_sandbox.asgi import Answer, Request
from chorus_sandbox.unipile.fields import JsonBody, json_body, query, refuse_unknown
from chorus_sandbox.unipile.forms import Form, read_form
from chorus_sandbox.world.calls import Call
from chorus_sandbox.world.sandbox import Sandbox
from chorus_sandbox.world.truth import EffectKind
from chorus_sandbox.world.view import View

ANYTHING: frozenset[str] = frozenset()


@dataclass(slots=True)
class Context:
    """One request on its route. `params` are the values of the names in the path."""

    route: str
    request: Request
    sandbox: Sandbox
    params: tuple[str, ...]

    def json(self, allowed: frozenset[str]) -> JsonBody:
        body = json_body(self.request)
        if self.sandbox.settings.strict:
            refuse_unknown(body, allowed)
        return body

    def form(self, texts: frozenset[str], files: frozenset[str] = ANYTHING) -> Form:
        return read_form(
            self.request, texts=texts, files=files, strict=self.sandbox.settings.strict
        )

    def query(self, *allowed: str) -> dict[str, str]:
        return query(self.request, frozenset(allowed), strict=self.sandbox.settings.strict)

    def read(
        self, account_id: str | None, run: Callable[[View], Answer], *, post_id: str | None = None
    ) -> Call:
        return Call(self.route, self.request.method, None, account_id, post_id, run)

    def write(
        self,
        kind: EffectKind,
        account_id: str,
        run: Callable[[], Answer],
        *,
        post_id: str | None = None,
    ) -> Call:
        return Call(self.route, self.request.method, kind, account_id, post_id, lambda _view: run())


Handler = Callable[[Context], Call]
