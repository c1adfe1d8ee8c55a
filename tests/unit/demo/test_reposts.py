"""What the demo tells of a repost."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chorus_demo.cast import MOST_MEMBERS, people, policy
from chorus_demo.reposts import known_how
from chorus_lab.client.records import Entry

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def entry(detail: dict[str, Any] | None = None) -> Entry:
    fields = {"at": NOW, "source": "executor", "code": "attempt_executed", "sentence": "Done."}
    return Entry.model_validate(
        fields | {"actor": None, "execution": 1, "detail": detail, "evidence_url": None}
    )


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("evidence: own_state", 'the post says "You reposted this"'),
        ("evidence: opened", "its own page was opened and read"),
        ("evidence: listed", "it stands in the member's activity"),
        ("evidence: something new", "something new"),
    ],
)
def test_the_recorded_evidence_is_said_in_words(answer: str, told: str) -> None:
    """P5: how it is known; a kind of evidence that is new here is not hidden."""
    entries = [entry(), entry({"result": {"answer": answer}})]
    assert known_how(entries, verified=False) == told


def test_without_evidence_nothing_is_claimed() -> None:
    """A repost that was found by looking says so; another says that nothing was recorded."""
    entries = [entry(), entry({"result": {"answer": None}}), entry({"verified": True})]
    assert known_how(entries, verified=True) == "looked for and found after the click"
    assert known_how(entries, verified=False) == "not recorded"


def test_the_pod_reposts_in_a_browser_and_nobody_says_the_same() -> None:
    """P5, K4: some reposts carry the member's own words, some none."""
    assert policy().repost_via == "browser"
    assert 0 < policy().repost.comment_share < 1
    said = [phrase for person in people(MOST_MEMBERS) for phrase in person.phrases]
    assert len(set(said)) == len(said) == 2 * MOST_MEMBERS
