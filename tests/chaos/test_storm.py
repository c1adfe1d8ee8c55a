"""Everything at once (E5, P4, Q2): never twice, never lost, every unknown explained."""

from tests.chaos.disturbing import Say
from tests.chaos.harness import PROCESSES
from tests.chaos.plan import storm
from tests.chaos.reporting import announcement, summary
from tests.chaos.storm import Run
from tests.chaos.workload import SHARE

SECONDS, KILLS = 50.0, 18


def test_a_storm_loses_nothing_and_doubles_nothing(run: Run, say: Say) -> None:
    """INVARIANT: whatever is killed while it happens, each of 200 activities happens once.

    A storm for every day; `make chaos` has those of full size. Who ends by itself, as when the
    database goes, may be away when its SIGKILL comes. How many calls are met at a hold point is
    luck here; `test_call_and_record.py` meets each kind.
    """
    plan = storm(run.seed, processes=PROCESSES, seconds=SECONDS, kills=KILLS)
    say(announcement(plan))
    run.plan_work(SHARE)

    report = run.weather(plan)

    say(summary(report))
    assert report.intents >= 200
    assert plan.kills == KILLS
    assert set(report.kills) == set(PROCESSES)
    assert report.met
    assert dict(report.first.complaints) == {}
    assert dict(report.last.complaints) == {}
