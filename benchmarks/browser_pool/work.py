"""What a worker is asked to do, and what it answers; JSON on its command line and its stdout."""

import json
import os
import statistics
from dataclasses import asdict, dataclass
from typing import Literal, Self

Way = Literal["pool", "naive", "naive_shell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """`tasks` are pairs of an account and a post's address; each is reposted once."""

    way: Way
    at_once: int
    chromium: str
    linkedin_url: str
    session_url: str
    session_key: str
    tasks: tuple[tuple[str, str], ...]

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> Self:
        values = json.loads(text)
        tasks = tuple((account, post) for account, post in values.pop("tasks"))
        return cls(**values, tasks=tasks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`cpu_s`: user and system time of the worker and of every process that it started.

    `failures` are classes of errors.
    """

    cpu_s: float
    wall_s: float
    seconds: tuple[float, ...]
    failures: tuple[str, ...]

    @property
    def median_s(self) -> float:
        return statistics.median(self.seconds) if self.seconds else 0.0

    @property
    def per_cpu_min(self) -> float:
        """Reposts for each minute of CPU time: what pauses and waits cost is not in it."""
        return 60 * len(self.seconds) / self.cpu_s

    @property
    def per_core_per_min(self) -> float:
        """Reposts a minute of the clock for each core of the machine."""
        return self.per_min / (os.cpu_count() or 1)

    @property
    def per_min(self) -> float:
        """Reposts a minute of the clock, over the whole machine."""
        return 60 * len(self.seconds) / self.wall_s

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> Self:
        values = json.loads(text)
        return cls(
            cpu_s=values["cpu_s"],
            wall_s=values["wall_s"],
            seconds=tuple(values["seconds"]),
            failures=tuple(values["failures"]),
        )
