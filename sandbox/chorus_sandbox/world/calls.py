"""A call: a request that is well-formed and authorised, and what it would do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from chorus_sandbox.asgi import Answer, Request
from chorus_sandbox.world.truth import EffectKind
from chorus_sandbox.world.view import View


@dataclass(slots=True)
class Call:
    """`run` looks at the state, has the effect and makes the answer, in one step without waiting.

    `kind` is None for a read. `run` raises Refusal when the state forbids it.
    `twists` are the faults that change how it runs, by `View.twist`.
    """

    route: str
    method: str
    kind: EffectKind | None
    account_id: str | None
    post_id: str | None
    run: Callable[[View], Answer]
    twists: frozenset[str] = frozenset()


class Refusal(Exception):
    """The provider says no. `type` is a name in that provider's table of errors."""

    def __init__(self, error_type: str, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(error_type, detail)
        self.type = error_type
        self.detail = detail
        self.retry_after = retry_after
        # Set by the provider when a write is refused before there is a call.
        self.kind: EffectKind | None = None


class Provider(Protocol):
    """One outside service. It is a folder with routes, registered in `chorus_sandbox.app`."""

    prefix: str
    error_types: frozenset[str]
    route_names: frozenset[str]

    def prepare(self, request: Request) -> Call:
        """Check everything that can be checked without the state; raises Refusal."""

    def render(self, refusal: Refusal, request: Request) -> Answer:
        """The refusal in this provider's shape."""
