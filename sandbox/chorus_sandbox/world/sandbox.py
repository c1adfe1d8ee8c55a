"""Everything that one sandbox holds, put together."""

from dataclasses import dataclass
from pathlib import Path

from chorus_sandbox.world.behaviour import Behaviour
from chorus_sandbox.world.clock import Clock
from chorus_sandbox.world.faults import Faults
from chorus_sandbox.world.hold_points import HoldPoints
from chorus_sandbox.world.hosted import HostedPages
from chorus_sandbox.world.rewriting import as_shown
from chorus_sandbox.world.state import State
from chorus_sandbox.world.truth import Truth
from chorus_sandbox.world.waiting import Waiting
from chorus_sandbox.world.webhooks import StatusCalls
from chorus_sandbox.world.website import Website

DEFAULT_SEED = 1


@dataclass(slots=True)
class Settings:
    """What may be changed while it runs.

    strict: refuse unknown fields (the real Unipile is reported to drop them silently).
    latency_ms: every call to a provider takes so long, half before its effect and half after.
    repost_returns_id: whether an instant repost answers its post's id or null (unconfirmed).
    """

    strict: bool = True
    latency_ms: int = 0
    repost_returns_id: bool = False


class Sandbox:
    """`reset` stands for a restart: it empties everything; the truth file keeps its lines."""

    def __init__(
        self, *, clock: Clock, seed: int = DEFAULT_SEED, truth_file: Path | None = None
    ) -> None:
        self.clock = clock
        self.truth = Truth(clock, truth_file)
        self._seed = seed
        self._start()

    def _start(self) -> None:
        self.waiting = Waiting()
        self.settings = Settings()
        self.behaviour = Behaviour()
        self.state = State(self._seed)
        self.faults = Faults(self.state, self.clock)
        self.hold_points = HoldPoints(self.state, self.waiting)
        self.website = Website()
        self.hosted = HostedPages()
        self.status_calls = StatusCalls()
        self.voice_script: str | None = None
        self.voice_calls = 0

    def tell_status(self, account_id: str, message: str) -> None:
        """The provider calls whoever asked to hear what becomes of its accounts."""
        self.status_calls.tell(self.waiting, account_id, message)

    @property
    def quiet(self) -> bool:
        """Nothing is to be injected, so a call may run straight through."""
        return self.behaviour.quiet and not (
            self.faults.active or self.hold_points.closed or self.settings.latency_ms
        )

    def now_ms(self) -> int:
        return self.clock.wall_ns() // 1_000_000

    def landing(self) -> float:
        """The monotonic second at which a write that is made now can be seen."""
        late = self.behaviour.lateness() if self.behaviour.late_answered else 0.0
        return self.clock.monotonic() + late

    def shown(self, text: str, mentioned: tuple[str, ...] = ()) -> str:
        """A text as everybody sees it once it is sent."""
        if not self.behaviour.rewrites_texts:
            return text
        return as_shown(text, name_of=self._name_of, mentioned=mentioned)

    def _name_of(self, slug: str) -> str | None:
        person = self.state.people_by_slug.get(slug)
        return None if person is None else person.name

    async def reset(self) -> None:
        """Drop what is held, so that nothing of before can have an effect afterwards."""
        await self.waiting.close()
        self.truth.reset()
        self._start()
