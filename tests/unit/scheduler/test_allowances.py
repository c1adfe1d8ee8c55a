"""What an account may still do is what the hand-over would say."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.vocabulary import Kind, Lane, Platform
from chorus_scheduler.domain.allowances import allowed, warm_up_ends
from chorus_scheduler.domain.gates import Gate, Lease, check
from chorus_scheduler.domain.instants import DAY, HOUR, MINUTE, Micros
from chorus_scheduler.domain.limits import RateLimit, RateLimits, account_rule

CLIENT, ACCOUNT = UUID(int=1), UUID(int=11)
NOW: Micros = 1_800_000_000_000_000


def _row(
    per_hour: int | None = 3,
    per_day: int | None = 5,
    *,
    client: UUID | None = None,
    account: UUID | None = None,
    narrows: bool = False,
    by_owner: bool = False,
) -> RateLimit:
    return RateLimit(
        client_id=client,
        account_id=account,
        platform=Platform.LINKEDIN,
        kind=Kind.LIKE,
        per_hour=per_hour,
        per_day=per_day,
        cooldown=MINUTE,
        narrows=narrows,
        by_owner=by_owner,
    )


@given(
    ages=st.lists(st.integers(0, 2 * DAY), max_size=8),
    flying=st.integers(0, 2),
    age_days=st.sampled_from([1.0, 5.0, 90.0]),
)
def test_left_and_next_free_agree_with_the_gate(
    ages: list[Micros], flying: int, age_days: float
) -> None:
    """INVARIANT (I3): whoever reads that one fits gets one, and the reverse."""
    rule = account_rule(_row(), ACCOUNT, age_days)
    leases = frozenset(Lease(UUID(int=n), 1, Lane.API) for n in range(flying))
    gate = Gate(scope=rule.scope, uses=tuple(sorted(NOW - age for age in ages)), in_flight=leases)
    found = allowed(_row(), rule, gate, 0, NOW)
    fits = check(gate, rule, NOW) is None
    assert (found.next_free == NOW) is fits
    assert all(each.left > 0 for each in found.limits) is fits
    assert found.next_free >= max(each.next_free for each in found.limits)


def test_the_network_is_left_alone_for_as_long_as_it_asked() -> None:
    """A closed gate moves the next instant, whatever the limits would allow."""
    rule = account_rule(_row(), ACCOUNT, 90.0)
    found = allowed(_row(), rule, Gate(scope=rule.scope), NOW + HOUR, NOW)
    assert found.next_free == NOW + HOUR


def test_a_warm_up_ends_after_a_week() -> None:
    """And is over for who is older."""
    assert warm_up_ends(NOW - DAY, NOW) == NOW + 6 * DAY
    assert warm_up_ends(NOW - 7 * DAY, NOW) is None


@pytest.mark.parametrize("narrows", [True, False])
def test_what_narrows_holds_beside_the_more_general(narrows: bool) -> None:
    """I3: a lower limit of the team lowers every account later, but for one that was raised."""
    own = _row(9, 40, client=CLIENT, account=ACCOUNT, narrows=narrows)
    team = _row(4, 50, client=CLIENT, narrows=True)
    limits = RateLimits([own, team, _row(10, 30)])
    found = limits.find(CLIENT, ACCOUNT, Platform.LINKEDIN, Kind.LIKE)
    assert found is not None
    assert (found.per_hour, found.per_day) == ((4, 30) if narrows else (9, 40))


def test_no_number_narrows_nothing() -> None:
    """An account without an hourly limit of its own has the team's."""
    own = _row(None, 20, client=CLIENT, account=ACCOUNT, narrows=True)
    limits = RateLimits([_row(10, None), own])
    found = limits.find(CLIENT, ACCOUNT, Platform.LINKEDIN, Kind.LIKE)
    assert found is not None
    assert (found.per_hour, found.per_day) == (10, 20)


def test_an_owners_limit_holds_beside_that_of_who_manages() -> None:
    """I3: the least of both, in whatever order they were set and are read."""
    managed = _row(40, 200, client=CLIENT, account=ACCOUNT)
    own = _row(30, 300, client=CLIENT, account=ACCOUNT, narrows=True, by_owner=True)
    for rows in ([managed, own, _row(10, 30)], [own, _row(10, 30), managed]):
        found = RateLimits(rows).find(CLIENT, ACCOUNT, Platform.LINKEDIN, Kind.LIKE)
        assert found is not None
        assert (found.per_hour, found.per_day) == (30, 200)
    found = RateLimits([own, _row(10, 30)]).find(CLIENT, ACCOUNT, Platform.LINKEDIN, Kind.LIKE)
    assert found is not None
    assert (found.per_hour, found.per_day) == (10, 30)
