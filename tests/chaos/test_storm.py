"""Everything at once (E5, P4, Q2): never twice, never lost, every unknown explained."""

from tests.chaos.disturbing import Say
from tests.chaos.ground import PROCESSES
from tests.chaos.plan import storm
from tests.chaos.reporting import announcement, summary
from tests.chaos.storm import Run
from tests.chaos.workload import FULL


def test_a_storm_loses_nothing_and_doubles_nothing(run: Run, say: Say) -> None:
    """INVARIANT: 300 and more activities, each process killed again and again: each happens once.

    Who ends by itself, as when the database goes, may be away when its SIGKILL comes. How many
    calls are met at a gate is luck here; `test_call_and_record.py` meets each kind.
    """
    plan = storm(run.seed, processes=PROCESSES)
    say(announcement(plan))
    run.plan_work(FULL)

    report = run.weather(plan)

    say(summary(report))
    assert report.intents >= 300
    assert plan.kills >= 30
    assert set(report.kills) == set(PROCESSES)
    assert report.met
    assert dict(report.first.complaints) == {}
    assert dict(report.last.complaints) == {}
