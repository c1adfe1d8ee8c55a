"""What a process remembers of challenges."""

from uuid import UUID

from chorus_execution.challenges import Challenges

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_a_challenge_stops_its_account_until_the_database_knows_of_it() -> None:
    """Finding B2: INVARIANT: no moment in which neither the memory nor the database says no."""
    challenges = Challenges(remember=2.0)
    challenges.met(ONE)
    assert challenges.stops(ONE)
    assert not challenges.stops(OTHER)

    challenges.recorded(ONE, 10.0)

    assert not challenges.stops(ONE)
    assert challenges.outdates(ONE, checked=9.9)
    assert not challenges.outdates(ONE, checked=10.0)
    assert not challenges.outdates(OTHER, checked=9.9)


def test_what_nobody_can_have_looked_at_before_is_forgotten() -> None:
    challenges = Challenges(remember=2.0)
    challenges.recorded(ONE, 10.0)
    challenges.recorded(OTHER, 13.0)
    assert not challenges.outdates(ONE, checked=9.0)
