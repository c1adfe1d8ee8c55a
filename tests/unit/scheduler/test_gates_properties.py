"""Hand-over under limits, simulated: late calls, lost and repeated outcomes."""

from dataclasses import dataclass, field, replace
from datetime import UTC, time
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chorus.vocabulary import Kind, Lane, State
from chorus_scheduler.domain.gates import Gate, Lease, check, enter, kept_after, leave
from chorus_scheduler.domain.handover import Due, Pause, acts_until, decide, take_turns
from chorus_scheduler.domain.hours import ActiveHours
from chorus_scheduler.domain.instants import DAY, HOUR, MINUTE, SECOND
from chorus_scheduler.domain.limits import Rule
from chorus_scheduler.domain.sliding_windows import Limit
from tests.unit.scheduler.test_sliding_windows_properties import breaks

SCOPE = "account:x:like"
START = 1_800_000_000 * SECOND


@dataclass
class Waiting:
    due_at: int
    called_at: int | None = None


class Handover(RuleBasedStateMachine):
    """INVARIANT (Q3): however late calls are made, no window of real calls exceeds the limit."""

    @initialize(count=st.integers(1, 4), cooldown=st.integers(1, 300), at_once=st.integers(1, 3))
    def begin(self, count: int, cooldown: int, at_once: int) -> None:
        self.now = START
        self.limits = (
            Limit(name="per_hour", count=count, window=HOUR),
            Limit(name="cooldown", count=1, window=cooldown * SECOND),
        )
        self.rule = Rule(scope=SCOPE, limits=self.limits, at_once=at_once)
        self.gate = Gate(scope=SCOPE)
        self.waiting: dict[UUID, Waiting] = {}
        self.flying: dict[UUID, Waiting] = {}
        self.calls: list[int] = []
        self.made = 0
        self.plan_some([0] * 12)

    @rule(delays=st.lists(st.integers(0, 600), min_size=1, max_size=6))
    def plan(self, delays: list[int]) -> None:
        self.plan_some(delays)

    def plan_some(self, delays: list[int]) -> None:
        for delay in delays:
            self.made += 1
            self.waiting[UUID(int=self.made)] = Waiting(self.now + delay * SECOND)

    @rule(size=st.integers(1, 5))
    def dispatch(self, size: int) -> None:
        ready = sorted((w.due_at, key) for key, w in self.waiting.items() if w.due_at <= self.now)
        batch = [_due(key, at, self.rule) for at, key in ready[:size]]
        verdicts = decide(batch, {SCOPE: self.gate}, [], self.now)
        self.gate = verdicts.gates.get(SCOPE, self.gate)
        for due in verdicts.hand_over:
            self.flying[due.id] = self.waiting.pop(due.id)
        for due in verdicts.late:
            self.waiting[due.id].due_at = self.now
        for due, slot, decision in verdicts.put_off:
            assert slot > self.now, "put off into the past would spin"
            assert decision.limit is not None
            self.waiting[due.id].due_at = slot

    @rule(seconds=st.sampled_from([1, 30, 61, 299, 600, 1800, 3599, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @rule(data=st.data(), ahead=st.sampled_from([0, 0, 1, 120, 3600]))
    def call_one(self, data: st.DataObject, ahead: int) -> None:
        """The executor calls whenever it gets to it; its clock may be ahead (finding D8)."""
        uncalled = [key for key, w in self.flying.items() if w.called_at is None]
        if uncalled:
            key = data.draw(st.sampled_from(uncalled))
            self.flying[key].called_at = self.now + ahead * SECOND
            self.calls.append(self.now + ahead * SECOND)

    @rule(data=st.data(), repeats=st.integers(1, 3))
    def settle(self, data: st.DataObject, repeats: int) -> None:
        if self.flying:
            key = data.draw(st.sampled_from(list(self.flying)))
            ended = self.flying.pop(key)
            for _ in range(repeats):
                self.gate = leave(self.gate, _lease(key), ended.called_at, self.now - DAY)

    @invariant()
    def no_window_is_exceeded(self) -> None:
        for limit in getattr(self, "limits", ()):
            assert not breaks(self.calls, limit)

    @invariant()
    def no_more_at_once_than_allowed(self) -> None:
        if hasattr(self, "rule"):
            assert len(self.flying) <= (self.rule.at_once or 1)

    @invariant()
    def nothing_is_lost(self) -> None:
        if hasattr(self, "gate"):
            assert self.gate.in_flight == {_lease(key) for key in self.flying}


def _lease(key: UUID) -> Lease:
    return Lease(key, 1, Lane.API)


def _due(key: UUID, at: int, rule_: Rule) -> Due:
    return Due(
        id=key,
        client_id=UUID(int=1),
        post_id=UUID(int=2),
        pod_id=UUID(int=3),
        account_id=UUID(int=4),
        kind=Kind.LIKE,
        correlation_id="a plan",
        state=State.SCHEDULED,
        due_at=at,
        rules=(rule_,),
        consented=True,
        connected=True,
    )


TestHandover = Handover.TestCase
TestHandover.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)


@dataclass
class Case:
    scope: str
    client: int | None
    target: int | None
    covered: bool = field(default=False)


CASES = [
    Case("everything", None, None, True),
    Case("tenant", 1, None, True),
    Case("tenant", 9, None, False),
    Case("pod", 1, 3, True),
    Case("pod", 1, 9, False),
    Case("account", 1, 4, True),
    Case("account", 9, 4, False),
]


@given(st.sampled_from(CASES))
def test_a_pause_parks_what_it_covers(case: Case) -> None:
    """INVARIANT: a person can stop everything, a tenant, a pod or an account, and nothing else
    stops.
    """
    pause = Pause(
        id=UUID(int=7),
        scope=case.scope,
        client_id=None if case.client is None else UUID(int=case.client),
        scope_id=None if case.target is None else UUID(int=case.target),
        code="paused_by_person",
        reason="because",
    )
    due = _due(UUID(int=50), START, Rule(scope=SCOPE, limits=()))
    verdicts = decide([due], {SCOPE: Gate(scope=SCOPE)}, [pause], START)
    assert bool(verdicts.parked) is case.covered
    assert bool(verdicts.hand_over) is not case.covered


def test_a_call_may_be_made_within_the_hours_and_near_its_time() -> None:
    """INVARIANT (8): counted from its time, or from its hand-over where that is later."""
    hours = ActiveHours(zone=UTC, opens=time(0), closes=time(8, 1))
    free = _due(UUID(int=50), START, Rule(scope=SCOPE, limits=()))
    bound = replace(free, hours=hours)
    assert acts_until(free, START - SECOND, 30 * SECOND) == START + 30 * SECOND
    assert acts_until(free, START + 50 * SECOND, 30 * SECOND) == START + 80 * SECOND
    assert acts_until(bound, START - SECOND, 30 * SECOND) == START + 30 * SECOND
    assert acts_until(bound, START + 50 * SECOND, 30 * SECOND) == START + MINUTE
    assert acts_until(bound, START + HOUR, 30 * SECOND) == START + HOUR


def test_posts_take_turns_in_a_batch() -> None:
    """A6: 20 likes of one post, then the next post's; nobody is left out."""
    rule_ = Rule(scope=SCOPE, limits=())
    crowd = [_due(UUID(int=number), START, rule_) for number in range(45)]
    other = replace(_due(UUID(int=99), START, rule_), post_id=UUID(int=98))
    places = [due.id for due in take_turns([*crowd, other])]
    assert places.index(other.id) == 20
    assert sorted(places) == sorted(due.id for due in [*crowd, other])


def test_a_use_after_now_is_a_use() -> None:
    """Finding D8: an executor's clock two minutes ahead passes no limit of one an hour."""
    hourly = Rule(scope=SCOPE, limits=(Limit(name="per_hour", count=1, window=HOUR),))
    ahead = START + 120 * SECOND
    gate = Gate(scope=SCOPE, uses=(ahead,))
    for at in (START, ahead, ahead + HOUR - 1):
        denied = check(gate, hourly, at)
        assert denied is not None
        assert (denied.limit.used, denied.next_possible_at) == (1, ahead + HOUR)
    assert check(gate, hourly, ahead + HOUR) is None
    late = check(gate, hourly, ahead - HOUR)
    assert late is not None, "a call goes out later than it is handed over, and closer to it"


def test_an_older_execution_leaves_the_gate_as_it_is() -> None:
    """Finding F: it frees no place of the present one, and adds no use."""
    gate = enter(Gate(scope=SCOPE), Lease(UUID(int=1), 2, Lane.API))
    assert leave(gate, Lease(UUID(int=1), 1, Lane.API), START, 0) == gate
    left = leave(gate, Lease(UUID(int=1), 2, Lane.API), START, 0)
    assert (left.in_flight, left.uses) == (frozenset(), (START,))
    assert leave(left, Lease(UUID(int=1), 2, Lane.API), START, 0) == left


def test_of_two_that_are_out_each_frees_its_own_place() -> None:
    """Finding F: while the present execution is out, an older one's outcome frees its own alone."""
    older, present = Lease(UUID(int=1), 1, Lane.API), Lease(UUID(int=1), 2, Lane.API)
    gate = enter(enter(Gate(scope=SCOPE), older), present)
    assert leave(gate, older, None, 0).in_flight == {present}
    assert leave(gate, present, None, 0).in_flight == {older}


def test_a_lanes_gate_is_bounded() -> None:
    """Finding D11: a lane counts a minute, so it keeps no day of instants; the others do."""
    kept = [START - kept_after(scope, START) for scope in ("lane:api", "account:x", SCOPE)]
    assert kept[0] <= 2 * MINUTE
    assert kept[1] <= 2 * MINUTE
    assert kept[2] >= DAY
