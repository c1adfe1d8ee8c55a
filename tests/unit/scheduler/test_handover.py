"""What hand-over makes of what is due, one reason at a time."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

import pytest

from chorus.vocabulary import Kind, Lane, State
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.gates import Gate, Lease, account_scope
from chorus_scheduler.domain.handover import Due, Others, Pause, Verdicts, decide
from chorus_scheduler.domain.hours import ActiveHours
from chorus_scheduler.domain.instants import DAY, HOUR, MINUTE, SECOND, to_micros
from chorus_scheduler.domain.placement import Interruption

NOON = to_micros(datetime(2027, 1, 15, 12, tzinfo=UTC))
ACCOUNT = UUID(int=4)
SCOPE = account_scope(ACCOUNT)
DUE = Due(
    id=UUID(int=7),
    client_id=UUID(int=1),
    post_id=UUID(int=2),
    pod_id=UUID(int=3),
    account_id=ACCOUNT,
    kind=Kind.LIKE,
    correlation_id="a plan",
    state=State.SCHEDULED,
    due_at=NOON,
    rules=(),
    consented=True,
    connected=True,
    target="urn:li:activity:7",
)
OPEN_AT_ONE = ActiveHours(zone=UTC, opens=time(13), closes=time(14))


def decided(due: Due, *, pauses: tuple[Pause, ...] = (), now: int = NOON, **gate: Any) -> Verdicts:
    return decide([due], {SCOPE: Gate(scope=SCOPE, **gate)}, pauses, now)


def outcome(verdicts: Verdicts) -> tuple[Any, ...]:
    """Where it went, with its code, and the seconds from noon to when it is asked for again."""
    for _, again, why in verdicts.put_off:
        return ("put_off", why.code, (again - NOON) / SECOND)
    for _, state, why in verdicts.ended:
        return (state, why.code)
    for _, _, why in verdicts.parked:
        return ("parked", why.code)
    for _, why in (*verdicts.held, *verdicts.for_owner):
        return ("waits", why.code)
    return ("late",) if verdicts.late else ("handed over", len(verdicts.hand_over))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("handed over", 1)),
        ({"consented": False}, (State.CANCELLED, "consent_revoked")),
        ({"refused": reasons.MEMBER_INACTIVE()}, (State.CANCELLED, "member_inactive")),
        ({"others": Others.ACTED}, (State.SKIPPED, reasons.ALREADY_ACTED.code)),
        ({"held": reasons.HELD()}, ("waits", "held")),
        ({"others": Others.MAY_ACT}, ("put_off", reasons.ALREADY_ACTING.code, 60)),
        ({"connected": False}, ("put_off", reasons.NOT_CONNECTED.code, 600)),
        ({"hours": OPEN_AT_ONE}, ("put_off", reasons.OUTSIDE_HOURS.code, 3600)),
        ({"hours": replace(OPEN_AT_ONE, opens=time(12))}, ("handed over", 1)),
        ({"due_at": NOON - MINUTE}, ("handed over", 1)),
        ({"due_at": NOON - MINUTE - 1}, ("late",)),
    ],
)
def test_what_is_against_it_decides(changes: dict[str, Any], expected: tuple[Any, ...]) -> None:
    """E2, invariants 4 and 8: each by itself, with its reason."""
    assert outcome(decided(replace(DUE, **changes))) == expected


def test_hours_that_never_open_are_looked_at_tomorrow() -> None:
    """Invariant 8: nothing is done, and nothing is lost."""
    never = replace(OPEN_AT_ONE, days=frozenset())
    found = outcome(decided(replace(DUE, hours=never)))
    assert found == ("put_off", reasons.HOURS_NEVER_OPEN.code, DAY / SECOND)


def test_what_is_due_within_the_lead_is_judged_by_its_own_time() -> None:
    """Invariant 8: it opens between now and then."""
    soon = replace(DUE, due_at=NOON + HOUR, hours=OPEN_AT_ONE)
    assert outcome(decided(soon)) == ("handed over", 1)
    closed = replace(soon, due_at=NOON + 2 * HOUR)
    assert outcome(decided(closed)) == ("put_off", reasons.OUTSIDE_HOURS.code, 25 * 3600)


def test_a_no_is_weightier_than_a_wait_and_a_pause_than_both() -> None:
    """Invariant 6: what stops comes first."""
    both = replace(DUE, consented=False, connected=False, held=reasons.HELD())
    assert outcome(decided(both)) == (State.CANCELLED, "consent_revoked")
    pause = Pause(
        id=UUID(int=9),
        scope="account",
        client_id=UUID(int=1),
        scope_id=ACCOUNT,
        code="c",
        reason="r",
    )
    assert outcome(decided(both, pauses=(pause,)))[0] == "parked"
    elsewhere = replace(pause, client_id=UUID(int=2))
    assert outcome(decided(DUE, pauses=(elsewhere,))) == ("handed over", 1)
    others = replace(pause, scope_id=UUID(int=5))
    assert outcome(decided(DUE, pauses=(others,))) == ("handed over", 1)
    everybody = replace(elsewhere, scope="everything")
    assert outcome(decided(DUE, pauses=(everybody,)))[0] == "parked"


def test_an_account_that_was_asked_to_slow_down_waits_until_then() -> None:
    """Q3: to the instant."""
    found = outcome(decided(DUE, closed_until=NOON + 90 * SECOND))
    assert (found[0], found[2]) == ("put_off", 90)
    assert outcome(decided(DUE, closed_until=NOON)) == ("handed over", 1)


def test_an_account_does_one_thing_at_a_time_over_its_lanes() -> None:
    """E1: what its other lane has in hand is waited for."""
    busy = frozenset({Lease(UUID(int=8), 1, Lane.BROWSER)})
    assert outcome(decided(DUE, in_flight=busy)) == ("put_off", reasons.ACCOUNT_BUSY.code, 1)
    same = frozenset({Lease(UUID(int=8), 1, Lane.API)})
    assert outcome(decided(DUE, in_flight=same)) == ("handed over", 1)


@pytest.mark.parametrize("change", [{"state": State.UNKNOWN}, {"effect": Effect.POSSIBLE}])
def test_a_look_needs_a_connection_and_nothing_else(change: dict[str, Any]) -> None:
    """E5: consent, hours and limits are about doing."""
    look = replace(DUE, consented=False, hours=OPEN_AT_ONE, due_at=NOON - DAY, **change)
    assert outcome(decided(look)) == ("handed over", 1)
    away = replace(look, connected=False)
    assert outcome(decided(away)) == ("put_off", reasons.NOT_CONNECTED.code, 600)


def test_two_of_a_batch_that_would_act_on_one_target_do_not() -> None:
    """E5: the second waits for what comes of the first."""
    second = replace(DUE, id=UUID(int=8), post_id=UUID(int=22))
    found = decide([DUE, second], {SCOPE: Gate(scope=SCOPE)}, (), NOON)
    assert [each.id for each in found.hand_over] == [DUE.id]
    assert found.put_off[0][1:] == (
        NOON + MINUTE,
        reasons.ALREADY_ACTING(next_possible_at=NOON + MINUTE),
    )


def test_what_was_due_while_everything_stood_still_is_placed_again() -> None:
    """Invariant 8: time stood still for it; what has its time by now goes on."""
    still = Interruption(began=NOON - HOUR, ended=NOON)
    stood = replace(DUE, due_at=NOON - HOUR + MINUTE, stood_still=still)
    assert outcome(decided(stood)) == ("late",)
    assert outcome(decided(replace(stood, due_at=NOON - HOUR))) == ("handed over", 1)
