"""A run in words."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.chaos.judge import Verdict
from tests.chaos.plan import Plan
from tests.chaos.storm import Report


def replay(seed: int) -> str:
    """The command that does the same again."""
    return f'CHORUS_CHAOS_SEED={seed} make test ARGS="tests/chaos -k storm -s"'


def announcement(plan: Plan) -> str:
    lines = [f"seed {plan.seed}; again with: {replay(plan.seed)}"]
    return "\n".join([*lines, *(f"  {disturbance}" for disturbance in plan.disturbances)])


def summary(report: Report) -> str:
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    last = report.last
    killed = ", ".join(f"{name} {count}" for name, count in sorted(Counter(report.kills).items()))
    yield f"{len(report.kills)} SIGKILLs ({killed}); {report.copies} messages came again"
    yield f"broken off at hold points: {', '.join(report.met) or 'none'}"
    states = dict(report.first.states)
    yield f"{report.intents} planned, {last.happened} happened; {states} before a person"
    yield (
        f"missing {last.count('missing')}, doubled {last.count('doubled')}, "
        f"put back by a person {report.put_back}; verified {last.verified}, "
        f"taken over {last.takeovers}; late by {quantiles(last.lateness)}; {report.seconds:.0f} s"
    )
    for name, words in report.own_ends:
        yield f"{name} ended by itself: {words[-400:]}"
    for verdict, when in ((report.first, "at rest"), (report.last, "in the end")):
        yield from complaints(verdict, when)
    yield from report.stories


def complaints(verdict: Verdict, when: str) -> Iterator[str]:
    for what, told in verdict.complaints.items():
        for one in told[:20]:
            yield f"{when}, {what}: {one}"


def quantiles(seconds: Sequence[float]) -> str:
    if not seconds:
        return "nothing"
    found = sorted(seconds)
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    return ", ".join(
        f"{name} {found[min(len(found) - 1, int(share * len(found)))]:.2f} s"
        for name, share in shares.items()
    )
