"""What a reason is: its code, its one sentence, and what follows from it."""

from dataclasses import dataclass
from typing import Final

from chorus_scheduler.domain.decisions import Decision, LimitUse
from chorus_scheduler.domain.instants import Micros

LONGEST: Final = 1000
"""Characters of a sentence."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Called with what its sentence needs, it is a decision."""

    code: str
    sentence: str
    follows: str

    def __call__(
        self,
        *,
        limit: LimitUse | None = None,
        next_possible_at: Micros | None = None,
        **told: object,
    ) -> Decision:
        sentence = self.sentence.format(**told)[:LONGEST]
        return Decision(
            code=self.code, sentence=sentence, limit=limit, next_possible_at=next_possible_at
        )
