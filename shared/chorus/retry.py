"""How long to wait before something that failed is tried once more. Pure."""

FIRST_DELAY = 0.1
LONGEST_DELAY = 5.0


def delay_before(attempt: int) -> float:
    """Seconds before the attempt after `attempt` failed ones: 0.1, 0.2, 0.4 … 5."""
    return min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(attempt - 1, 16))
