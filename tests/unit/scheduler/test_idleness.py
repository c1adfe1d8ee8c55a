"""B6: all that stands in an account's way is named, each with until when."""

from dataclasses import replace
from datetime import UTC, time
from uuid import UUID

import pytest

from chorus.vocabulary import Kind, Platform
from chorus_scheduler.domain.allowances import allowed
from chorus_scheduler.domain.gates import Gate
from chorus_scheduler.domain.handover import Pause
from chorus_scheduler.domain.hours import ActiveHours
from chorus_scheduler.domain.idleness import Facts, NextAct, hindrances
from chorus_scheduler.domain.instants import HOUR, MINUTE, Micros
from chorus_scheduler.domain.limits import RateLimit, account_rule
from chorus_scheduler.domain.participation import OF_PODS, Participation

NOW: Micros = 1_800_000_000_000_000
ACCOUNT = UUID(int=11)
EVERYTHING = frozenset(str(kind) for kind in OF_PODS)
FREE = Facts(
    name="Mia",
    connected=True,
    consented=EVERYTHING,
    pauses=[],
    pods=[Participation(takes_part=True, kinds=EVERYTHING)],
    hours=None,
    closed_until=0,
    allowed=[],
    waiting=0,
    next_act=NextAct(UUID(int=1), Kind.LIKE, NOW),
)


def _codes(facts: Facts) -> list[str]:
    return [each.decision.code for each in hindrances(facts, NOW)]


def test_who_is_free_to_act_has_nothing_in_the_way() -> None:
    """Nothing is said for the sake of saying something."""
    assert _codes(FREE) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(FREE, connected=False), "account_not_connected"),
        (replace(FREE, closed_until=NOW + HOUR), "account_cooled_down"),
        (replace(FREE, pods=[]), "in_no_pod"),
        (replace(FREE, waiting=2), "awaiting_approval"),
        (replace(FREE, next_act=None), "nothing_planned"),
        (replace(FREE, next_act=NextAct(UUID(int=1), Kind.LIKE, NOW + 1)), "not_yet"),
        (replace(FREE, consented=EVERYTHING - {"like"}), "no_consent"),
    ],
)
def test_each_thing_in_the_way_is_said(facts: Facts, code: str) -> None:
    """By its code."""
    assert _codes(facts) == [code]


def test_a_member_of_two_pods_is_asked_for_what_either_wants() -> None:
    """Only what no active pod of theirs wants is left out."""
    likes = Participation(takes_part=True, kinds=frozenset({"like"}))
    left = Participation(takes_part=False, kinds=EVERYTHING)
    assert _codes(replace(FREE, pods=[likes, left])) == ["member_opted_out"] * 2
    rest = Participation(takes_part=True, kinds=frozenset({"comment", "repost"}))
    assert _codes(replace(FREE, pods=[likes, rest])) == []


def test_hours_say_when_they_open() -> None:
    """And hours that never open say that."""
    late = ActiveHours(zone=UTC, opens=time(23, 0), closes=time(23, 30))
    (found,) = hindrances(replace(FREE, hours=late), NOW)
    assert found.decision.code == "outside_hours"
    assert found.decision.next_possible_at is not None
    assert found.decision.next_possible_at > NOW
    never = replace(late, days=frozenset())
    assert _codes(replace(FREE, hours=never)) == ["hours_never_open"]


def test_the_weightiest_comes_first() -> None:
    """A pause before all that would matter without it."""
    pause = Pause(
        id=UUID(int=5), scope="everything", client_id=None, scope_id=None, code="x", reason="Why."
    )
    codes = _codes(replace(FREE, pauses=[pause], connected=False, consented=frozenset()))
    assert codes[:2] == ["paused", "account_not_connected"]


def test_a_limit_is_named_with_when_one_more_fits() -> None:
    """Of the kinds that are agreed to: others are not done anyway."""
    row = RateLimit(
        client_id=None,
        account_id=None,
        platform=Platform.LINKEDIN,
        kind=Kind.LIKE,
        per_hour=1,
        per_day=9,
        cooldown=MINUTE,
    )
    rule = account_rule(row, ACCOUNT, 90.0)
    gate = Gate(scope=rule.scope, uses=(NOW - 2 * MINUTE,))
    kind = allowed(row, rule, gate, 0, NOW)
    (found,) = hindrances(replace(FREE, allowed=[kind]), NOW)
    assert (found.decision.code, found.kind) == ("limit_used_up", Kind.LIKE)
    assert found.decision.next_possible_at == NOW - 2 * MINUTE + HOUR
    without = replace(FREE, allowed=[kind], consented=EVERYTHING - {"like"})
    assert _codes(without) == ["no_consent"]
