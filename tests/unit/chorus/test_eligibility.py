"""The last check before a call."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chorus.vocabulary import Kind, Mode, State
from chorus_execution.domain.eligibility import Eligibility, withheld
from tests.unit.chorus.samples import NOW, command

GOOD = Eligibility(
    state=State.DISPATCHED,
    execution=1,
    account_status="connected",
    consented=frozenset({"like", "comment"}),
)


def test_what_stands_goes_on() -> None:
    """E2."""
    assert withheld(command(), GOOD, NOW) is None


@pytest.mark.parametrize(
    ("eligibility", "code"),
    [
        (replace(GOOD, state=None, execution=None), "cancelled"),
        (replace(GOOD, state=State.CANCELLED), "cancelled"),
        (replace(GOOD, state=State.EXECUTED), "superseded"),
        (replace(GOOD, state=State.SCHEDULED), "superseded"),
        (replace(GOOD, execution=2), "superseded"),
        (replace(GOOD, pause_code="by_person", pause_reason="Holiday"), "paused"),
        (replace(GOOD, account_status="needs_login"), "account_not_connected"),
        (replace(GOOD, account_status=None), "account_not_connected"),
        (replace(GOOD, consented=frozenset({"comment"})), "consent_revoked"),
        (replace(GOOD, challenged=True), "paused"),
        (replace(GOOD, asks_member=True), "member_inactive"),
        (replace(GOOD, asks_member=True, takes_part=False), "member_inactive"),
        (
            replace(GOOD, asks_member=True, takes_part=True, member_kinds=frozenset({"comment"})),
            "kind_disabled",
        ),
    ],
)
def test_each_reason_against_has_a_code_and_a_sentence(eligibility: Eligibility, code: str) -> None:
    """INVARIANT: without consent, under a pause or after a cancellation nothing goes out."""
    reason = withheld(command(), eligibility, NOW)
    assert reason is not None
    assert reason.code == code
    assert reason.reason.endswith(".") or "Holiday" in reason.reason


@pytest.mark.parametrize(
    "against",
    [
        {"pause_code": "challenge", "pause_reason": "The network asks."},
        {"consented": frozenset()},
        {"challenged": True},
        {"asks_member": True, "takes_part": None},
        {"asks_member": True, "takes_part": True, "member_kinds": frozenset()},
        {"state": State.CANCELLED},
    ],
    ids=lambda against: next(iter(against)),
)
def test_a_look_goes_on_whatever_is_said_against_the_act(against: dict[str, Any]) -> None:
    """Finding A1: INVARIANT: only a missing connection keeps a verification back."""
    look, eligibility = command(mode=Mode.VERIFY), replace(GOOD, **against)
    assert withheld(look, eligibility, NOW) is None
    assert withheld(command(), eligibility, NOW) is not None
    reason = withheld(look, replace(eligibility, account_status="needs_login"), NOW)
    assert reason is not None
    assert reason.code == "account_not_connected"


@pytest.mark.parametrize(
    "moved", [{"execution": 2}, {"state": State.EXECUTED}, {"state": None, "execution": None}]
)
def test_a_look_that_the_ledger_no_longer_asks_for_is_over(moved: dict[str, Any]) -> None:
    """It would tell nobody."""
    reason = withheld(command(mode=Mode.VERIFY), replace(GOOD, **moved), NOW)
    assert reason is not None
    assert reason.code == "superseded"


def test_consent_is_for_the_kind() -> None:
    """Invariant 4: consent to likes is none to reposts."""
    assert withheld(command(kind=Kind.COMMENT), GOOD, NOW) is None
    reason = withheld(command(kind=Kind.REPOST), GOOD, NOW)
    assert reason is not None
    assert reason.code == "consent_revoked"


def test_what_waited_too_long_is_not_carried_out_but_looked_for_all_the_same() -> None:
    """INVARIANT (8): not at the instant from which on it may not, nor after it."""
    moment = timedelta(microseconds=1)
    until = NOW + timedelta(seconds=30)
    bounded = replace(GOOD, acts_until=until)
    assert withheld(command(), bounded, until - moment) is None
    late = withheld(command(), bounded, until)
    assert late is not None
    assert late.code == "late"
    assert withheld(command(mode=Mode.VERIFY), bounded, NOW + timedelta(days=1)) is None
