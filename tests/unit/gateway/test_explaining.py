"""The gateway names moves by the scheduler's codes."""

from chorus_gateway.domain.explaining import MOVES
from chorus_scheduler.domain.reasons import REASONS


def test_every_move_is_a_reason_of_the_scheduler() -> None:
    """B6: a code that nobody writes would show nothing."""
    assert set(MOVES) <= {reason.code for reason in REASONS}
