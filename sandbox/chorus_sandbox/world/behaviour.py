"""How the network behaves: switched by `PATCH /control/behaviour`, all of it off at the start.

The truth stays exact whatever is switched on: it holds what was sent, when, and to which post.
"""

import random
from dataclasses import asdict, dataclass, field

from chorus_sandbox.world.ids import FORMS, Form


def _draws() -> random.Random:
    return random.Random(1)  # noqa: S311 - a repeatable draw is the point


@dataclass(slots=True)
class Behaviour:
    """What real networks do to what they are given, and to those who look.

    rewrites_texts: texts come back as in `world/rewriting.py`.
    three_ids: a post is named by its activity, share and ugcPost number in turn; its `social_id`
    is always the same.
    late_ms, late_share: so much later that share of all writes takes effect. late_answered: they
    are answered at once, and nobody sees them before; otherwise the call hangs until then, and its
    effect comes even if the client has gone.
    behind_ms: lists lack what came in the last so many milliseconds; the thing itself is there.
    relative_dates: "2h" in place of an instant.
    names_authors: posts say whose they are.
    """

    rewrites_texts: bool = False
    three_ids: bool = False
    late_ms: int = 0
    late_share: float = 1.0
    late_answered: bool = False
    behind_ms: int = 0
    relative_dates: bool = False
    names_authors: bool = True
    _draws: random.Random = field(default_factory=_draws, repr=False)
    _shown: int = 0

    @property
    def quiet(self) -> bool:
        """Neither a call nor what a reader sees waits for anything."""
        return not (self.late_ms or self.behind_ms)

    def lateness(self) -> float:
        """Seconds by which this write is late."""
        if not self.late_ms or self._draws.random() >= self.late_share:
            return 0.0
        return self.late_ms / 1000

    def form(self, usual: Form = "activity") -> Form:
        """By which of its three numbers a post is named this time."""
        if not self.three_ids:
            return usual
        self._shown += 1
        return FORMS[self._shown % len(FORMS)]

    def as_json(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if not name.startswith("_")}
