#!/usr/bin/env python3
"""Are the rules held by their tests? Each rule is broken on purpose, and some test must fail.

`tools/mutants.py [--most N] [--only WORD] [--jobs 1]`: the faults that once lived unseen (`NAMED`)
and a sample of small changes to each of `MODULES` (the same for the same SEED). Every mutant runs
alone in a forked process that gets the changed source in place of the file: nothing on disk
changes. Survivors are listed at the end; docs/mutants.md says of each why it may live. Status 1
where one lives that stands there with no reason.
"""

import argparse
import ast
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import hypothesis
from small_changes import Changes

ROOT = Path(__file__).resolve().parent.parent
SEED = 9
SECONDS = 300
SCHEDULER = "services/scheduler/chorus_scheduler"
EXECUTION = "shared/chorus_execution/domain"
RULES = (
    "tests/unit/scheduler/test_settlement.py",
    "tests/unit/scheduler/test_handover.py",
    "tests/unit/scheduler/test_retries.py",
    "tests/unit/scheduler/test_gates_properties.py",
    "tests/unit/scheduler/test_ledger_machine.py",
    "tests/unit/model",
)
PLANS = (
    "tests/unit/scheduler/test_sliding_windows_properties.py",
    "tests/unit/scheduler/test_hours.py",
    "tests/unit/scheduler/test_planned_rules.py",
    "tests/unit/scheduler/test_placement_properties.py",
    "tests/unit/scheduler/test_planner_properties.py",
    "tests/unit/scheduler/test_gates_properties.py",
    "tests/unit/model",
)
EXECUTORS = (
    "tests/unit/chorus/test_eligibility.py",
    "tests/unit/chorus/test_verify_schedule.py",
    "tests/unit/chorus/test_silence.py",
    "tests/unit/chorus/test_elapsed.py",
    "tests/unit/model",
)
MODULES: dict[str, tuple[Sequence[str], int]] = {
    f"{SCHEDULER}/domain/settlement.py": (RULES, 16),
    f"{SCHEDULER}/domain/handover.py": (RULES, 16),
    f"{SCHEDULER}/domain/gates.py": (RULES, 12),
    f"{SCHEDULER}/domain/retries.py": (RULES, 10),
    f"{SCHEDULER}/domain/participation.py": (RULES, 3),
    f"{SCHEDULER}/domain/limits.py": (PLANS, 8),
    f"{SCHEDULER}/domain/sliding_windows.py": (PLANS, 5),
    f"{SCHEDULER}/domain/hours.py": (PLANS, 6),
    f"{SCHEDULER}/domain/placement.py": (PLANS, 8),
    f"{EXECUTION}/eligibility.py": (EXECUTORS, 8),
    f"{EXECUTION}/verify_schedule.py": (EXECUTORS, 4),
    f"{EXECUTION}/outcomes.py": (EXECUTORS, 5),
    "shared/chorus_execution/journal/silence.py": (EXECUTORS, 4),
    "shared/chorus_execution/journal/elapsed.py": (EXECUTORS, 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A module with one change."""

    file: str
    name: str
    source: str
    tests: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A fault that lived unseen once: `old` stands once in the file."""

    name: str
    file: str
    old: str
    new: str
    tests: Sequence[str] = RULES


NAMED = (
    Named(
        name="uses are forgotten after an hour",
        file=f"{SCHEDULER}/domain/gates.py",
        old="DAY + HOUR if of_a_day",
        new="HOUR if of_a_day",
    ),
    Named(
        name="an unknown outcome is no use",
        file=f"{SCHEDULER}/outcomes.py",
        old="(Outcome.EXECUTED, Outcome.UNKNOWN)",
        new="(Outcome.EXECUTED,)",
    ),
    Named(
        name="the outcome of an older execution settles the present one",
        file=f"{SCHEDULER}/domain/settlement.py",
        old="if event.execution != standing.execution:",
        new="if False:",
    ),
    Named(
        name="an outcome that was heard settles again",
        file=f"{SCHEDULER}/domain/settlement.py",
        old="if not standing.awaits(event.execution) or standing",
        new="if standing",
    ),
    Named(
        name="an older execution frees the gate of the present one",
        file=f"{SCHEDULER}/domain/gates.py",
        old="in_flight=gate.in_flight - {lease}",
        new="in_flight=frozenset(l for l in gate.in_flight if l[0] != lease[0])",
    ),
    Named(
        name="the warm-up share of days 3 to 7 is all",
        file=f"{SCHEDULER}/domain/limits.py",
        old="(7, 0.6)",
        new="(7, 1.0)",
        tests=PLANS,
    ),
    Named(
        name="past uses are ignored in planning",
        file=f"{SCHEDULER}/domain/placement.py",
        old="uses = self._taken.get(scope)\n",
        new="uses = [u for u in self._taken.get(scope, ()) if u >= desired]\n",
        tests=PLANS,
    ),
    Named(
        name="no limit of a post at hand-over",
        file=f"{SCHEDULER}/dispatcher.py",
        old="if per_post is not None:",
        new="if False:",
    ),
    Named(
        name="no cap of 24 h on Retry-After",
        file=f"{SCHEDULER}/domain/retries.py",
        old="int(min(seconds, LONGEST_RETRY_AFTER / SECOND) * SECOND)",
        new="int(min(seconds, 1e15) * SECOND)",
    ),
    Named(
        name="the fence closes when a worker is dead to others",
        file="shared/chorus_execution/journal/elapsed.py",
        old="return max(",
        new="return min(",
        tests=EXECUTORS,
    ),
    Named(
        name="an effect that may exist is forgotten by a verification that was withheld",
        file=f"{SCHEDULER}/domain/settlement.py",
        old="return replace(moved, effect=Effect.POSSIBLE, due_at=again)",
        new="return replace(moved, state=State.SCHEDULED, effect=Effect.NONE, due_at=again)",
    ),
    Named(
        name="what was called off comes back once its absence is shown",
        file=f"{SCHEDULER}/domain/settlement.py",
        old="if standing.stopped:",
        new="if False:",
    ),
    Named(
        name="a verification is withheld by a pause",
        file=f"{EXECUTION}/eligibility.py",
        old="return _not_connected(eligibility)\n\n\ndef _moved_on",
        new="return _stopped(eligibility)\n\n\ndef _moved_on",
        tests=EXECUTORS,
    ),
    Named(
        name="what is late is carried out all the same",
        file=f"{EXECUTION}/eligibility.py",
        old="or late(eligibility.acts_until, now)",
        new="or None",
        tests=EXECUTORS,
    ),
    Named(
        name="a call may be made after the hours",
        file=f"{SCHEDULER}/domain/handover.py",
        old="return open_until(due.hours, at, at + within)",
        new="return at + within",
    ),
    Named(
        name="lateness is asked as the command is opened only",
        file="shared/chorus_execution/permits.py",
        old="return self._late(job)",
        new="return None",
        tests=EXECUTORS,
    ),
    Named(
        name="a closed fence leaves the last look valid",
        file="shared/chorus_execution/permits.py",
        old=" and self._worker.lapses == job.lapses",
        new="",
        tests=EXECUTORS,
    ),
    Named(
        name="a new time is not told where its reason was",
        file=f"{SCHEDULER}/dispatcher.py",
        old=" or at - to_micros(now) > _LOOKED_AT_AGAIN",
        new="",
    ),
)


def mutants(most: int | None) -> Iterator[Mutant]:
    """The named ones, then of each module its sample."""
    for named in NAMED:
        source = (ROOT / named.file).read_text()
        if source.count(named.old) != 1:
            raise LookupError(f"{named.name}: its place in {named.file} is not there once")
        changed = source.replace(named.old, named.new)
        yield Mutant(file=named.file, name=named.name, source=changed, tests=named.tests)
    for file, (tests, count) in MODULES.items():
        source = (ROOT / file).read_text()
        counting = Changes()
        counting.visit(ast.parse(source))
        chosen = range(len(counting.found))
        wanted = min(count if most is None else most, len(chosen))
        for place in sorted(random.Random(SEED).sample(chosen, wanted)):  # noqa: S311 - a sample, no secret
            tree = Changes(place).visit(ast.parse(source))
            changed = ast.unparse(ast.fix_missing_locations(tree))
            yield Mutant(file=file, name=counting.found[place], source=changed, tests=tests)


def _unchanged() -> Iterator[Mutant]:
    """Nothing is changed: no test may fail, or all that is found here tells nothing."""
    for tests in (RULES, PLANS, EXECUTORS):
        file = "shared/chorus_execution/journal/elapsed.py"
        yield Mutant(file=file, name="nothing", source=(ROOT / file).read_text(), tests=tests)


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the changed source where the module is asked for."""

    def __init__(self, mutant: Mutant) -> None:
        self._source = mutant.source
        self._path = str(ROOT / mutant.file)
        parts = Path(mutant.file).with_suffix("").parts
        first = next(place for place, part in enumerate(parts) if part.startswith("chorus"))
        self._name = ".".join(parts[first:])

    def find_spec(
        self, fullname: str, _path: object = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._source, self._path, "exec"), module.__dict__)  # noqa: S102


def killed(mutant: Mutant) -> bool:
    """Whether a test fails, or hangs, on it."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os._exit(_tried(mutant))
    _, status = os.waitpid(child, 0)
    return status != 0


def _tried(mutant: Mutant) -> int:
    import pytest  # noqa: PLC0415 - after the fork

    signal.alarm(SECONDS)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.meta_path.insert(0, _Changed(mutant))
    return int(pytest.main([*_OPTIONS, *mutant.tests]))


_OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")


def _prepare() -> None:
    """What no mutant changes is imported once. Examples are the same each time, and few."""
    os.chdir(ROOT)
    os.environ.setdefault("MODEL_EXAMPLES", "40")
    for name in (
        "chorus.events",
        "chorus.kafka.producer",
        "chorus.postgres.pool",
        "chorus.testing",
    ):
        importlib.import_module(name)

    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("mutants")


def reasons() -> str:
    """What docs/mutants.md says of those that live."""
    page = ROOT / "docs" / "mutants.md"
    return page.read_text() if page.exists() else ""


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Try them all, one after the other."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--most", type=int, help="so many of each module")
    arguments.add_argument("--only", default="", help="whose file or name has this word")
    chosen = arguments.parse_args()
    _prepare()
    known, unexplained, lived, count = reasons(), 0, [], 0
    started = time.monotonic()
    if not chosen.only and any(map(killed, _unchanged())):
        _say("The tests fail with nothing changed.")
        return 2
    for mutant in mutants(chosen.most):
        name = f"{Path(mutant.file).name} {mutant.name}"
        if chosen.only not in name:
            continue
        count += 1
        dead = killed(mutant)
        _say(f"{'killed' if dead else 'LIVES '}  {name}")
        if not dead:
            lived.append(name)
            unexplained += f"| {name} |" not in known
    _say(f"{count} mutants, {len(lived)} live, {time.monotonic() - started:.0f} s", *lived)
    return 1 if unexplained else 0


if __name__ == "__main__":
    raise SystemExit(main())
