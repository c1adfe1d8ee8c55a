"""Which call a fault strikes, how often, and what a stale read shows."""

from dataclasses import replace

from chorus_sandbox.asgi import json_answer
from chorus_sandbox.world.calls import Call
from chorus_sandbox.world.clock import MovableClock
from chorus_sandbox.world.faults import Fault, FaultKind, Faults
from chorus_sandbox.world.matching import Match
from chorus_sandbox.world.people import Account, Person, Post
from chorus_sandbox.world.state import State
from chorus_sandbox.world.truth import EffectKind
from chorus_sandbox.world.view import FRESH

ANY = Match()
ERRORS = frozenset({"checkpoint_error", "too_many_requests"})


def call(
    route: str = "react",
    *,
    kind: EffectKind | None = "like",
    account_id: str = "ada",
    post_id: str | None = None,
) -> Call:
    answer = json_answer(200, {})
    return Call(route, "POST", kind, account_id, post_id, lambda _view: answer)


def read(account_id: str = "ada") -> Call:
    return call("list_reactions", kind=None, account_id=account_id)


class World:
    def __init__(self) -> None:
        self.clock = MovableClock()
        self.state = State()
        self.faults = Faults(self.state, self.clock)
        self.ada = self.account("ada")
        self.bob = self.account("bob")
        self.post = self.state.add_post(author=self.ada.person, text="Hello", created_ms=10**12)

    def account(self, name: str) -> Account:
        person = self.state.add_person(name=name)
        return self.state.add_account(person=person, created_ms=0, account_id=name)

    def pick(self, struck: Call) -> Fault | None:
        return self.faults.pick(struck, ERRORS)

    def fault(
        self,
        kind: FaultKind = "html_502",
        match: Match = ANY,
        *,
        times: int = 1,
        probability: float = 1.0,
        seed: int = 0,
        ms: int | None = None,
    ) -> Fault:
        fault = Fault(
            id=self.faults.next_id(),
            kind=kind,
            match=match,
            when="before",
            times=times,
            probability=probability,
            seed=seed,
            ms=ms,
        )
        self.faults.add(fault)
        return fault

    def like(self, person: Person, post: Post, *, written: float | None) -> None:
        self.state.react(author=person, post=post, value="LIKE", created_ms=10**12, written=written)


def test_a_fault_strikes_as_often_as_told() -> None:
    world = World()
    fault = world.fault(times=2)
    assert [world.pick(call()) for _ in range(3)] == [fault, fault, None]
    assert fault.hits == 2
    assert world.faults.active == []


def test_minus_one_strikes_for_ever() -> None:
    world = World()
    fault = world.fault(times=-1)
    assert all(world.pick(call()) is fault for _ in range(50))


def test_probability_is_repeatable() -> None:
    draws = []
    for _ in range(2):
        world = World()
        world.fault(times=-1, probability=0.3, seed=11)
        draws.append([world.pick(call()) is not None for _ in range(400)])
    assert draws[0] == draws[1]
    assert 80 < sum(draws[0]) < 160


def test_the_first_fault_made_strikes_alone() -> None:
    world = World()
    first, second = world.fault(), world.fault()
    assert world.pick(call()) is first
    assert world.pick(call()) is second


def test_a_match_narrows() -> None:
    world = World()
    world.fault(match=Match(route="comment"))
    world.fault(match=Match(account_id="bob"))
    world.fault(match=Match(kind="repost"))
    world.fault(match=Match(method="GET"))
    assert world.pick(call()) is None
    assert world.pick(call("comment")) is not None
    assert world.pick(call(account_id="bob")) is not None
    assert world.pick(call(kind="repost")) is not None


def test_a_post_is_matched_by_any_of_its_ids() -> None:
    world = World()
    numbers = world.post.numbers
    fault = world.fault(match=Match(post_id=str(numbers.activity)), times=-1)
    for form in ("activity", "share", "ugcPost"):
        assert world.pick(call(post_id=numbers.urn(form))) is fault
    assert world.pick(call(post_id=f"urn:li:share:{numbers.share + 1}")) is None
    assert world.pick(call()) is None


def test_a_stale_read_misses_the_readers_newest_write() -> None:
    world = World()
    world.like(world.state.add_person(name="Eve"), world.post, written=None)
    world.like(world.ada.person, world.post, written=1.0)
    world.like(world.bob.person, world.post, written=2.0)
    world.fault("stale_reads")
    seen = world.faults.view_of(read("ada")).visible(world.post.reactions)
    assert [reaction.author.name for reaction in seen] == ["Eve", "bob"]
    assert world.faults.view_of(read("ada")) is FRESH


def test_a_stale_read_of_somebody_else_misses_the_newest_write_of_all() -> None:
    world = World()
    carol = world.account("carol")
    world.like(world.ada.person, world.post, written=1.0)
    world.like(world.bob.person, world.post, written=2.0)
    world.fault("stale_reads")
    seen = world.faults.view_of(read(carol.id)).visible(world.post.reactions)
    assert [reaction.author.name for reaction in seen] == ["ada"]


def test_writes_become_visible_after_the_time_given() -> None:
    world = World()
    world.like(world.state.add_person(name="Eve"), world.post, written=None)
    world.like(world.ada.person, world.post, written=world.clock.monotonic())
    world.fault("stale_reads", times=-1, ms=500)
    world.clock.move(0.4)
    assert len(world.faults.view_of(read()).visible(world.post.reactions)) == 1
    world.clock.move(0.2)
    assert len(world.faults.view_of(read()).visible(world.post.reactions)) == 2


def test_a_write_is_never_stale() -> None:
    world = World()
    fault = world.fault("stale_reads", times=-1)
    assert world.faults.view_of(call()) is FRESH
    assert world.pick(read()) is None
    assert fault.hits == 0


def test_an_error_of_another_provider_never_strikes() -> None:
    world = World()
    authwall, checkpoint = world.fault("authwall"), world.fault("checkpoint")
    assert world.pick(call()) is checkpoint
    assert world.pick(call()) is None
    assert authwall.hits == 0


def test_a_twist_strikes_only_a_call_that_knows_it() -> None:
    world = World()
    fault = world.fault("toast_lies")
    knowing = replace(call(), twists=frozenset({"toast_lies"}))
    assert world.pick(call()) is None
    assert world.pick(replace(call(), twists=frozenset({"blank"}))) is None
    assert world.pick(knowing) is fault
