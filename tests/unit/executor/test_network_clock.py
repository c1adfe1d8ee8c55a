"""How far the network's clock is from ours."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from structlog.testing import capture_logs

from chorus.telemetry import metrics
from chorus.testing import FakeClock
from chorus_executor.providers.unipile.network_clock import NetworkClock
from tests.unit.chorus.samples import NOW

SAID = (0, 120, 121, 10, -120)


def offset() -> float:
    return float(metrics.process.network_clock_offset._value.get())


def test_a_difference_is_shown_and_warned_of_once() -> None:
    """E5: nothing depends on it, and somebody is to look; again when it has gone and come back."""
    clock = FakeClock(NOW)
    network = NetworkClock(clock)
    shown = []
    with capture_logs() as logs:
        for seconds in SAID:
            said = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
            network.heard({"Date": said})
            shown.append(round(offset()))
    assert all(abs(each - said) <= 1 for each, said in zip(shown, SAID, strict=True))
    assert [each["event"] for each in logs] == ["network.clock_differed"] * 2


@pytest.mark.parametrize("said", [None, "", "soon", "Fri, 99 Mar 2026 09:00:00 GMT", "9" * 400])
def test_an_answer_without_a_readable_date_says_nothing(said: str | None) -> None:
    """D2."""
    before = offset()
    NetworkClock(FakeClock(NOW)).heard({} if said is None else {"Date": said})
    assert offset() == before
