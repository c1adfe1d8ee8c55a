"""A run of the browser lane in words."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.chaos.browser.plan import Strike
from tests.chaos.browser.run import Report
from tests.chaos.reporting import complaints

_WAITING = "decision put_off_by_limit"
"""Said once a second to whatever waits for a free place of the lane."""


def announcement(seed: int, strikes: Sequence[Strike]) -> str:
    again = f"python -m tests.chaos.browser --seed {seed}"
    return "\n".join([f"seed {seed}; again with: {again}", *(f"  {each}" for each in strikes)])


def summary(report: Report) -> str:
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    verdict, struck = report.verdict, report.struck
    yield (
        f"seed {report.seed}: {report.intents} reposts, {dict(verdict.states)}: "
        f"{report.success:.1%} in {report.seconds:.0f} s"
    )
    yield (
        f"doubled {verdict.count('doubled')}, missing {verdict.count('missing')}, "
        f"open {verdict.count('open')}, unexplained {verdict.count('unexplained')}, "
        f"uninvited {verdict.count('uninvited')}; "
        f"verified {verdict.verified}, taken over {verdict.takeovers}"
    )
    yield f"{len(struck.kills)} SIGKILLs ({_counts(Counter(map(str, struck.kills)))})"
    if struck.kills:
        yield f"in the middle of a write: {_counts(Counter(struck.at_hold_points))}"
        yield f"driver and browser outlived their service by {struck.slowest_end_s:.1f} s at most"
    yield f"ended with attempt: {_counts(report.attempts)}"
    yield f"attempts that failed: {_counts(report.failures)}"
    yield f"left to a person: {_counts(report.given_up)}"
    yield f"decisions: {_counts(report.decisions)}"
    yield f"faults that struck: {sum(report.hits.values())} ({_counts(report.hits)})"
    yield (
        f"orphans {struck.orphans + report.strangers}, defunct {report.defunct}, "
        f"folders of two running services {report.folders_running}"
    )
    for strike in struck.missed:
        yield f"met nobody: {strike}"
    for name, words in report.own_ends:
        yield f"{name} ended by itself: {words[-600:]}"
    yield from complaints(verdict, "at rest")
    for told in report.stories:
        yield "\n".join(line for line in told.splitlines() if _WAITING not in line)


def _counts(counted: Mapping[str, int] | Mapping[int, int]) -> str:
    found = sorted(((str(what), count) for what, count in counted.items() if count), key=_by_count)
    return ", ".join(f"{what} {count}" for what, count in found) or "none"


def _by_count(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]
