"""A due command is an address."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chorus.events import ActivityDue, OccasionTarget, PersonTarget, PostTarget
from chorus.telemetry import metrics
from chorus.vocabulary import Kind, Lane, Mode
from chorus_execution.orders import ordered
from tests.unit.chorus.samples import NOW, command

ROW: dict[str, Any] = {
    **{
        name: value
        for name, value in command(text="As agreed.").model_dump().items()
        if name != "target"
    },
    "state": "dispatched",
    "handed_over": 1,
    "subject_kind": "post",
    "subject": None,
    "post_id": UUID(int=4),
    "target_url": None,
    "target_social_id": "urn:li:activity:1",
}
SAID = command(
    text="As agreed.", target=PostTarget(post_id=UUID(int=4), social_id="urn:li:activity:1")
)


def test_a_command_that_says_the_same_is_taken_as_it_is() -> None:
    assert ordered(SAID, ROW, Lane.API) is SAID


@pytest.mark.parametrize(
    "values",
    [
        {"kind": Kind.COMMENT},
        {"mode": Mode.VERIFY},
        {"text": "Something else."},
        {"target": PostTarget(post_id=UUID(int=4), social_id="urn:li:activity:2")},
        {"target": PostTarget(post_id=UUID(int=9), url="https://elsewhere.test")},
        {"account_id": UUID(int=9)},
        {"client_id": UUID(int=9)},
        {"provider_account_id": "somebody else's"},
        {"due_at": NOW - timedelta(days=1)},
        {"reaction": "funny"},
        {"cartridge_id": UUID(int=9)},
        {"attempt": 3},
        {"max_attempts": 99},
        {"correlation_id": "another"},
        {"voice": "cartridge"},
        {"acts_until": NOW + timedelta(days=1)},
    ],
    ids=lambda values: next(iter(values)),
)
def test_whatever_a_message_says_the_ledger_wins(values: dict[str, Any]) -> None:
    """Finding D1: INVARIANT: the executor acts on the ledger's row, in every field."""
    assert ordered(SAID.model_copy(update=values), ROW, Lane.API) == SAID


def test_every_field_of_the_command_is_the_ledgers() -> None:
    """Finding D1: a field that is added to the command must be read in the ledger too."""
    fields = ActivityDue.model_fields.keys() - {"activity_id", "execution", "target"}
    assert fields <= ROW.keys()


@pytest.mark.parametrize(
    ("values", "row"),
    [
        ({"execution": 2}, ROW),
        ({}, dict.fromkeys(ROW)),
        ({}, ROW | {"lane": "browser"}),
    ],
    ids=["not handed over yet", "not in the ledger", "of another lane"],
)
def test_what_the_ledger_never_gave_is_no_command(
    values: dict[str, Any], row: dict[str, Any]
) -> None:
    """Finding D1: nothing is entered for it, nothing is said of it."""
    assert ordered(SAID.model_copy(update=values), row, Lane.API) is None


def test_what_was_heard_of_is_neither_a_command_nor_a_contradiction() -> None:
    """A message of before that comes again, when nothing of its activity is out."""
    before = _contradictions()
    row = dict.fromkeys(ROW) | {"handed_over": 1}
    assert ordered(SAID, row, Lane.API) is None
    assert _contradictions() == before
    assert ordered(SAID.model_copy(update={"execution": 2}), row, Lane.API) is None
    assert _contradictions() == before + 1


def _contradictions() -> float:
    name, labels = "chorus_activities_contradicted_total", {"lane": "api"}
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


def test_an_execution_that_is_over_keeps_its_number() -> None:
    """So that it is told to be superseded, and what it held is let go."""
    order = ordered(SAID, ROW | {"execution": 4}, Lane.API)
    assert order is not None
    assert order.execution == 1


def test_whose_voice_a_text_is_in_is_said_by_the_ledger() -> None:
    """Finding B8: so that the text goes out as it stands there."""
    order = ordered(SAID, ROW | {"voice": "cartridge"}, Lane.API)
    assert order is not None
    assert (order.voice, order.text) == ("cartridge", "As agreed.")


def test_until_when_it_may_be_done_is_said_by_the_ledger() -> None:
    """A program of before did not know the field, and contradicts nothing."""
    contradicted = metrics.activities.contradicted.labels(Lane.API)
    before = contradicted._value.get()
    order = ordered(SAID, ROW | {"acts_until": NOW}, Lane.API)
    assert order is not None
    assert order.acts_until == NOW
    assert contradicted._value.get() == before
    ordered(SAID.model_copy(update={"acts_until": None}), ROW | {"acts_until": NOW}, Lane.API)
    assert contradicted._value.get() == before + 1


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("person", PersonTarget(person_id=UUID(int=7), provider_id="ACo7")),
        ("occasion", OccasionTarget(occasion_id=UUID(int=7), provider_id="ACo7")),
    ],
)
def test_whom_it_is_about_says_the_ledger(kind: str, target: PersonTarget | OccasionTarget) -> None:
    """D1: a person or an occasion is read in the row as a post is, whatever the message says."""
    row = ROW | {"subject_kind": kind, "subject": UUID(int=7), "post_id": None}
    order = ordered(SAID, row | {"target_social_id": "ACo7"}, Lane.API)
    assert order is not None
    assert order.target == target
