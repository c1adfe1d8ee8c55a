"""Reasons: one place has every code with its sentence."""

import re
from string import Formatter
from typing import Any

import pytest

from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.reason import Reason
from tests.architecture.sources import ROOT, named, python_files

SCHEDULER = ROOT / "services/scheduler/chorus_scheduler"
ALLOWED = {"domain/decisions.py", "domain/reason.py", "domain/reasons.py"}


def test_decisions_are_made_of_reasons_alone() -> None:
    """INVARIANT: a sentence stands in one place, whoever says it."""
    made = re.compile(r"(?<!class )\bDecision\(")
    found = [
        named(path)
        for path in python_files()
        if path.is_relative_to(SCHEDULER)
        and path.relative_to(SCHEDULER).as_posix() not in ALLOWED
        and made.search(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize("reason", reasons.REASONS, ids=lambda reason: reason.code)
def test_a_reason_is_a_sentence_and_is_filled_in(reason: Reason) -> None:
    """Invariant 9: for a person, whole, and no longer than is stored."""
    fields = {name for _, name, _, _ in Formatter().parse(reason.sentence) if name}
    said: dict[str, Any] = dict.fromkeys(fields, "{braces} of a person")
    decision = reason(**said)
    assert decision.sentence.count("{braces}") == len(fields)
    said = dict.fromkeys(fields, "x" * 5000)
    assert len(reason(**said).sentence) <= 1000
    assert re.fullmatch("[a-z][a-z_]+", reason.code)
    assert reason.sentence[-1] in ".}"
    assert reason.follows.endswith(".")
