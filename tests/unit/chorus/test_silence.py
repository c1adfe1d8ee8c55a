"""Who is silent, told by the watcher's own clock."""

from uuid import UUID

import pytest

from chorus_execution.journal.silence import Sign, Silences

ONE = UUID(int=1)


def _sign(beats: int, *, unseen: float = 0.0, gone: bool = False) -> Sign:
    return Sign(id=ONE, beats=beats, unseen=unseen, gone=gone)


def _watching() -> Silences:
    return Silences(dead_after=3.0, gone_after=2.25)


@pytest.mark.parametrize("step", [10.0, 3600.0, 86_400.0, -3600.0])
def test_a_step_of_the_databases_clock_makes_nobody_dead(step: float) -> None:
    """Finding A6: INVARIANT: a worker that beats lives, whatever the database's clock says."""
    watching = _watching()
    for second in range(20):
        assert watching.silent([_sign(second, unseen=step)], float(second)) == []


@pytest.mark.parametrize("unseen", [-3600.0, 0.0, 3600.0])
def test_who_stands_still_for_long_enough_is_silent(unseen: float) -> None:
    """Finding A6: nor does a step make a dead one live: what it left is never lost."""
    watching = _watching()
    found = [bool(watching.silent([_sign(7, unseen=unseen)], n / 2)) for n in range(10)]
    assert found == [False] * 7 + [True] * 3


def test_whose_session_has_ended_is_silent_sooner() -> None:
    """A watcher that has just begun need not wait for what happened before it."""
    assert _watching().silent([_sign(7, unseen=2.0, gone=True)], 0.0) == []
    assert _watching().silent([_sign(7, unseen=2.3, gone=True)], 0.0)
    watching = _watching()
    assert [bool(watching.silent([_sign(7, unseen=-60, gone=True)], n / 2)) for n in range(7)] == [
        *[False] * 5,
        *[True] * 2,
    ]


def test_a_watcher_that_stood_still_itself_holds_nobody_for_dead() -> None:
    """Finding A6: INVARIANT: a machine that was suspended wakes with all its workers."""
    watching = _watching()
    watching.silent([_sign(7)], 0.0)
    assert watching.silent([_sign(7)], 600.0) == []
    assert watching.silent([_sign(8)], 600.5) == []
