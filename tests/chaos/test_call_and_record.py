"""Executors die between a call and its record (E5): where it hurts most, on purpose."""

from collections import Counter

from chorus.vocabulary import Kind
from tests.chaos.disturbing import Disturber
from tests.chaos.plan import Disturbance, NetworkFault, Place, What
from tests.chaos.reporting import summary
from tests.chaos.storm import Run
from tests.chaos.workload import Size

WORK = Size(members=5, registered=3, published=6, window=45.0, posts_over=45.0)
MEMBERS = 4
KINDS = (Kind.LIKE, Kind.COMMENT, Kind.REPOST, Kind.PUBLISH)
AFTER = (*KINDS, *KINDS, Kind.LIKE, Kind.COMMENT)
BEFORE = (Kind.LIKE, Kind.COMMENT, Kind.REPOST)


def test_executors_die_between_call_and_record(run: Run) -> None:
    """INVARIANT: ten times the effect is there and its record is not; it is found by looking."""
    run.plan_work(WORK)

    report = run.endure(lambda disturber: _die(disturber, run, AFTER, "after"))

    told = summary(report)
    assert len(report.met) >= len(AFTER), told
    assert {met.split()[0] for met in report.met} == set(KINDS), told
    assert report.last.clean, told
    assert report.last.verified >= len(AFTER) - 2, told


def test_executors_die_between_call_and_effect(run: Run) -> None:
    """INVARIANT: the network goes on with the call of a dead process, and it happens once."""
    run.plan_work(Size(members=5, registered=2, published=0, window=15.0, posts_over=2.0))

    report = run.endure(lambda disturber: _die(disturber, run, BEFORE, "before"))

    told = summary(report)
    assert len(report.met) >= len(BEFORE), told
    assert report.last.clean, told


def test_an_effect_that_nobody_can_tell_of(run: Run) -> None:
    """INVARIANT: what may have happened and cannot be looked for waits for a person, explained."""
    known = Size(
        members=MEMBERS,
        registered=1,
        published=0,
        window=4.0,
        kinds=(Kind.COMMENT,),
        by_address=0.0,
    )
    run.plan_work(known)

    report = run.endure(lambda disturber: _go_blind(disturber, run))

    told = summary(report)
    assert report.first.states["unknown"] == report.put_back > 0, told
    assert report.first.clean, told
    assert report.last.clean, told


def _go_blind(disturber: Disturber, run: Run) -> None:
    """Answers to comments are lost, and from when all are on their way nothing can be read until
    all has come to rest. Before that it can: whoever cannot look before a comment makes none.
    """
    point = run.sandbox.add_hold_point(when="before", match={"route": "comment"})
    run.sandbox.wait_at_hold_point(point, within_s=25.0, count=MEMBERS)
    lost = NetworkFault(kind="reset_after", probability=1.0, match={"route": "comment"})
    blind = NetworkFault(kind="html_502", probability=1.0, match={"method": "GET"})
    disturber.start_faults([lost, blind], seed=run.seed)
    run.sandbox.release_hold_point(point)
    run.settle()
    run.sandbox.clear_faults()


def _die(disturber: Disturber, run: Run, kinds: tuple[Kind, ...], place: Place) -> None:
    """The kind of which the fewest are left is met first: on a slow machine a restart takes long,
    and the calls go on meanwhile.
    """
    wanted = Counter(kinds)
    while wanted:
        scarcest = min(wanted, key=lambda kind: run.left(kind) / wanted[kind])
        wanted -= Counter((scarcest,))
        disturber.disturb(
            Disturbance(at=0.0, what=What.KILL_AT_HOLD_POINT, whom=scarcest, lasts=0.5, place=place)
        )
