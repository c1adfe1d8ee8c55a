"""What a stack tells while it starts and stops."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`seconds` is None when the step begins, and what it took when it is done."""

    name: str
    seconds: float | None = None


Progress = Callable[[Step], None]
"""Called from several threads, one call at a time for each step."""


def silent(_step: Step) -> None:
    """Tell nobody."""


@contextmanager
def telling(progress: Progress, name: str) -> Iterator[None]:
    """Tell of the beginning, and of the end unless the step fails."""
    progress(Step(name=name))
    began = time.monotonic()
    yield
    progress(Step(name=name, seconds=time.monotonic() - began))
