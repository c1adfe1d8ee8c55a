"""The demo's verdict: plan against truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from chorus import texts
from chorus.vocabulary import Kind
from chorus_demo.reckoning import Tally, reckon
from chorus_lab.client.records import Activity, Effect

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA, BOB = uuid4(), uuid4()
PROVIDER_IDS = {ADA: "ada", BOB: "bob"}


def activity(account: UUID, kind: Kind = Kind.LIKE, state: str = "executed") -> Activity:
    fields = dict.fromkeys(Activity.model_fields)
    given = {
        "id": uuid4(),
        "post_id": uuid4(),
        "account_id": account,
        "kind": kind,
        "state": state,
        "reason_code": "planned",
        "reason": "It was planned.",
        "text_sha256": texts.digest(None),
        "scheduled_for": NOW,
        "attempt": 1,
        "max_attempts": 3,
        "verified": False,
        "needs_person": False,
        "correlation_id": "post",
    }
    return Activity.model_validate(fields | given)


def effect(provider_id: str, kind: Kind = Kind.LIKE) -> Effect:
    return Effect(
        seq=1, at=NOW, kind=kind, account_id=provider_id, target="post", post_id=None, text=None
    )


def tally_of(activities: Sequence[Activity], effects: Sequence[Effect]) -> Tally:
    return reckon(activities, effects, provider_ids=PROVIDER_IDS, lateness_ms={})[None]


def test_each_once_is_exact() -> None:
    """What was planned is there, once each."""
    tally = tally_of([activity(ADA), activity(BOB)], [effect("bob"), effect("ada")])
    assert tally.exact
    assert (tally.planned, tally.executed) == (2, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Something that must not pass, and the number that shows it."""

    activities: tuple[Activity, ...]
    effects: tuple[Effect, ...]
    shown_by: str


CASES = {
    "an effect is missing": Case(
        activities=(activity(ADA), activity(BOB)), effects=(effect("ada"),), shown_by="missing"
    ),
    "an effect came twice": Case(
        activities=(activity(ADA),), effects=(effect("ada"), effect("ada")), shown_by="doubled"
    ),
    "nobody asked for it": Case(
        activities=(activity(ADA),), effects=(effect("ada"), effect("bob")), shown_by="unplanned"
    ),
    "it was called off and happened": Case(
        activities=(activity(ADA), activity(BOB, state="cancelled")),
        effects=(effect("ada"), effect("bob")),
        shown_by="unplanned",
    ),
    "nobody can tell": Case(
        activities=(activity(ADA, state="unknown"),), effects=(effect("ada"),), shown_by="unknown"
    ),
    "the ledger says otherwise": Case(
        activities=(activity(ADA, state="failed"),),
        effects=(effect("ada"),),
        shown_by="disagreeing",
    ),
    "another kind than planned": Case(
        activities=(activity(ADA),), effects=(effect("ada", Kind.COMMENT),), shown_by="missing"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_whatever_else_is_not_exact(case: Case) -> None:
    """INVARIANT: the demo never calls a run exact that was not (E5)."""
    tally = tally_of(case.activities, case.effects)
    assert not tally.exact
    assert getattr(tally, case.shown_by) == 1


def test_nothing_planned_is_not_exact() -> None:
    """A demo in which nothing happens has shown nothing."""
    assert not tally_of([], []).exact


def test_every_kind_has_its_own_tally() -> None:
    """And their sum is the one of all."""
    tallies = reckon(
        [activity(ADA), activity(ADA, Kind.COMMENT)],
        [effect("ada"), effect("ada", Kind.COMMENT)],
        provider_ids=PROVIDER_IDS,
        lateness_ms={Kind.LIKE: [1.0, 2.0, 3.0], Kind.COMMENT: [40.0]},
    )
    assert set(tallies) == {Kind.LIKE, Kind.COMMENT, None}
    assert tallies[Kind.LIKE].lateness.p50 == 2.0
    assert tallies[Kind.LIKE].lateness.p99 == 3.0
    assert tallies[None].planned == 2
    assert tallies[None].lateness.max == 40.0
