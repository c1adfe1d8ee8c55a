"""What a control handler is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chorus_sandbox.asgi import Answer, Request
from chorus_sandbox.world.calls import Provider
from chorus_sandbox.world.control.body import Body
from chorus_sandbox.world.sandbox import Sandbox


@dataclass(slots=True)
class ControlContext:
    request: Request
    sandbox: Sandbox
    providers: tuple[Provider, ...]
    params: tuple[str, ...]

    def body(self) -> Body:
        return Body.of(self.request)


ControlHandler = Callable[[ControlContext], Awaitable[Answer]]
