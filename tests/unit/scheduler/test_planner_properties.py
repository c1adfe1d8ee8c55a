"""Properties of the planner over random pods, windows and limits."""

from datetime import time
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chorus.documents import KindPolicy, PerPost
from chorus.vocabulary import Kind, State
from chorus_scheduler.domain.hours import ActiveHours, next_open
from chorus_scheduler.domain.instants import HOUR, MINUTE, SECOND
from chorus_scheduler.domain.limits import Rule, post_rule
from chorus_scheduler.domain.planner import Member, Plan, Subject, plan_kind
from chorus_scheduler.domain.sliding_windows import Limit
from tests.unit.scheduler.test_sliding_windows_properties import breaks

POST = UUID(int=1)
NOW = 1_800_000_000 * SECOND
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])


def _hours(zone: str, opens: int, length: int) -> ActiveHours:
    closes = time(min(opens + length, 23), 59)
    return ActiveHours(zone=ZoneInfo(zone), opens=time(opens), closes=closes)


HOURS = st.none() | st.builds(_hours, ZONES, st.integers(0, 20), st.integers(1, 8))


@st.composite
def members(draw: st.DrawFn) -> list[Member]:
    count = draw(st.integers(0, 12))
    return [_member(draw, number) for number in range(count)]


def _member(draw: st.DrawFn, number: int) -> Member:
    account = UUID(int=100 + number)
    limits = (
        Limit(name="per_hour", count=draw(st.integers(1, 3)), window=HOUR),
        Limit(name="cooldown", count=1, window=draw(st.integers(1, 30)) * MINUTE),
    )
    rule = Rule(scope=f"account:{account}", limits=limits)
    return Member(
        member_id=UUID(int=500 + number),
        account_id=account,
        provider_account_id=f"p{number}",
        name=f"Member {number}",
        active=draw(st.booleans()),
        connected=draw(st.integers(0, 9)) > 0,
        kinds=frozenset({Kind.LIKE, Kind.COMMENT}),
        consented=frozenset({Kind.LIKE, Kind.COMMENT} if draw(st.integers(0, 9)) else set()),
        texts=tuple(f"text {number}-{index}" for index in range(draw(st.integers(0, 2)))),
        hours=draw(HOURS),
        rules={Kind.LIKE: rule, Kind.COMMENT: rule},
    )


@st.composite
def policies(draw: st.DrawFn) -> KindPolicy:
    opens = draw(st.integers(0, 3600))
    per_post = draw(st.none() | st.builds(PerPost, count=st.integers(1, 3)))
    return KindPolicy(
        from_seconds=opens,
        to_seconds=opens + draw(st.integers(0, 7200)),
        spread=draw(st.sampled_from(["linear", "uniform"])),
        jitter=draw(st.floats(0, 0.5)),
        per_post=per_post,
        approval=draw(st.sampled_from(["auto", "required"])),
    )


def _plan(people: list[Member], policy: KindPolicy, kind: Kind, seed: int) -> Plan:
    rule = None
    if policy.per_post is not None:
        rule = post_rule(POST, kind, policy.per_post.count, HOUR)
    taken: dict[str, list[int]] = {f"account:{m.account_id}": [NOW - 5 * MINUTE] for m in people}
    subject = Subject(
        post_id=POST, author_account_id=UUID(int=100), base={kind: NOW}, texts=("shared",)
    )
    return plan_kind(
        kind=kind,
        subject=subject,
        members=people,
        policy=policy,
        post_rule=rule,
        taken=taken,
        seed=seed,
        now=NOW,
    )


CASES = given(
    members(), policies(), st.sampled_from([Kind.LIKE, Kind.COMMENT]), st.integers(0, 2**31)
)
CALM = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@CALM
@CASES
def test_nobody_is_dropped_without_a_reason(
    people: list[Member], policy: KindPolicy, kind: Kind, seed: int
) -> None:
    """INVARIANT (A1): every member is planned or skipped, with a reason; never both."""
    plan = _plan(people, policy, kind, seed)
    planned = [entry.by.account_id for entry in plan.planned]
    skipped = [entry.member.account_id for entry in plan.skipped]
    assert sorted(planned + skipped) == sorted(member.account_id for member in people)
    reasons = [entry.decision for entry in plan.planned]
    for decision in reasons + [entry.decision for entry in plan.skipped]:
        assert decision.code
        assert len(decision.sentence) >= 10
    of = {member.account_id: member for member in people}
    assert all(of[entry.by.account_id].active for entry in plan.planned)
    assert all(kind in of[entry.by.account_id].consented for entry in plan.planned), "consent"


@CALM
@CASES
def test_nothing_exceeds_a_limit_or_leaves_its_window(
    people: list[Member], policy: KindPolicy, kind: Kind, seed: int
) -> None:
    """INVARIANT (A1, Q3): caps hold; outside the window only when a limit says so."""
    plan = _plan(people, policy, kind, seed)
    if policy.per_post is not None:
        limit = Limit(name="per_post", count=policy.per_post.count, window=HOUR)
        assert not breaks([entry.at for entry in plan.planned], limit)
    of = {member.account_id: member for member in people}
    for entry in plan.planned:
        member = of[entry.by.account_id]
        for limit in member.rules[kind].limits:
            assert not breaks([NOW - 5 * MINUTE, entry.at], limit)
        assert next_open(member.hours, entry.at) == entry.at
        assert entry.at >= NOW + int(policy.from_seconds * SECOND)
        if entry.at > NOW + int(policy.to_seconds * SECOND):
            assert entry.decision.code in ("moved_by_limit", "moved_to_active_hours")


@CALM
@CASES
def test_the_same_seed_gives_the_same_plan(
    people: list[Member], policy: KindPolicy, kind: Kind, seed: int
) -> None:
    """INVARIANT: a plan can be repeated, so the preview is the plan."""
    assert _plan(people, policy, kind, seed) == _plan(people, policy, kind, seed)


@CALM
@CASES
def test_no_two_say_the_same(
    people: list[Member], policy: KindPolicy, kind: Kind, seed: int
) -> None:
    """E3: one post never gets the same text twice; a comment always has one."""
    plan = _plan(people, policy, kind, seed)
    texts = [entry.text for entry in plan.planned]
    if kind is Kind.COMMENT:
        assert None not in texts
        assert len(set(texts)) == len(texts)
    else:
        assert set(texts) <= {None}
    wanted = State.SCHEDULED if policy.approval == "auto" else State.AWAITING_APPROVAL
    assert {entry.state for entry in plan.planned} <= {wanted}
