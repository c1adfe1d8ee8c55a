"""The last look before a call."""

from dataclasses import replace

import pytest

from chorus.execution.domain.standing import Standing, withheld
from chorus.vocabulary import Kind, State
from tests.unit.chorus.samples import command

GOOD = Standing(
    state=State.DISPATCHED,
    execution=1,
    account_status="connected",
    consented=frozenset({"like", "comment"}),
)


def test_what_stands_goes_on() -> None:
    """E2."""
    assert withheld(command(), GOOD) is None


@pytest.mark.parametrize(
    ("standing", "code"),
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
    ],
)
def test_each_reason_against_has_a_code_and_a_sentence(standing: Standing, code: str) -> None:
    """INVARIANT: without consent, under a pause or after a cancellation nothing goes out."""
    reason = withheld(command(), standing)
    assert reason is not None
    assert reason.code == code
    assert reason.reason.endswith(".") or "Holiday" in reason.reason


def test_consent_is_for_the_kind() -> None:
    """Invariant 4: consent to likes is none to reposts."""
    assert withheld(command(kind=Kind.COMMENT), GOOD) is None
    reason = withheld(command(kind=Kind.REPOST), GOOD)
    assert reason is not None
    assert reason.code == "consent_revoked"
