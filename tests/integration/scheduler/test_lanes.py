"""The browser lane: five starts a minute, five at once, over all replicas (P4)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from chorus.documents import PodPolicy, RepostPolicy
from chorus.events import ActivityDue
from chorus.testing import FakePublisher
from chorus.vocabulary import Kind, Lane, Outcome
from chorus_lab.seeding import make_post, make_tenant
from chorus_scheduler.dispatcher import Dispatcher
from chorus_scheduler.domain.sliding_windows import Limit
from chorus_scheduler.planning.inputs import PlanRequest
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome
from tests.unit.scheduler.test_sliding_windows_properties import breaks

BROWSER = PodPolicy(
    repost=RepostPolicy(from_seconds=0, to_seconds=0, spread="uniform"), repost_via="browser"
)
STEP = timedelta(seconds=2)


async def _reposts(world: World, members: int) -> None:
    """So many reposts in browsers, all due now. Views show their tenant's rows."""
    tenant = await make_tenant(world.owner, members=members, policy=BROWSER, provider_prefix="lane")
    post = await make_post(world.owner, tenant, published_at=NOW)
    await world.planner.plan(
        PlanRequest(
            client_id=tenant.client_id,
            post_id=post,
            kinds=[Kind.REPOST],
            actor="test",
            correlation_id="c",
        )
    )
    rows = await world.activities()
    assert {row["lane"] for row in rows} == {"browser"}
    assert len(rows) == members
    await world.rows("select set_config('chorus.client_id', %s, false)", str(tenant.client_id))


class Replicas:
    """Schedulers over one ledger, and browsers that take some seconds for each repost."""

    def __init__(self, world: World, count: int) -> None:
        self.world = world
        self.starts: list[datetime] = []
        self.most_at_once = 0
        self._under_way: dict[ActivityDue, datetime] = {}
        self._pairs = [self._replica(FakePublisher()) for _ in range(count)]

    def _replica(self, publisher: FakePublisher) -> tuple[Dispatcher, FakePublisher]:
        world = self.world
        dispatcher = Dispatcher(
            pool=world.pool,
            publisher=publisher,
            listener=world.dispatcher._listener,
            clock=world.clock,
            # Small, so that no replica claims all and both want the lane's gate at once.
            settings=world.settings.model_copy(update={"dispatch_batch": 4}),
        )
        return dispatcher, publisher

    async def step(self, *, seconds_each: float) -> None:
        """All replicas dispatch at once; then time goes on and what is done is settled."""
        await asyncio.gather(*(dispatcher.dispatch_once() for dispatcher, _ in self._pairs))
        for command in self._commands():
            now = self.world.clock.now()
            self.starts.append(now)
            self._under_way[command] = now
        self.most_at_once = max(self.most_at_once, len(self._under_way))
        self.world.clock.advance(STEP)
        now = self.world.clock.now()
        for command, since in list(self._under_way.items()):
            if now - since >= timedelta(seconds=seconds_each):
                del self._under_way[command]
                await self.world.settle(outcome(command, at=since))

    def _commands(self) -> list[ActivityDue]:
        sent = [message for _, publisher in self._pairs for message in publisher.sent]
        for _, publisher in self._pairs:
            publisher.sent.clear()
        self.world.publisher.sent[:] = sent
        return self.world.commands()


@pytest.mark.parametrize("seconds_each", [3, 100])
async def test_the_lane_keeps_its_rates_over_two_replicas(
    world: World, seconds_each: float
) -> None:
    """INVARIANT (P4): at most 5 starts in any minute and 5 at once; nothing is dropped."""
    await _reposts(world, 13)
    replicas = Replicas(world, 2)
    for _ in range(250):
        await replicas.step(seconds_each=seconds_each)
        if len(replicas.starts) == 13:
            break
    assert len(replicas.starts) == 13
    starts = sorted(int(start.timestamp() * 1_000_000) for start in replicas.starts)
    assert not breaks(starts, Limit(name="lane_per_minute", count=5, window=60_000_000))
    assert replicas.most_at_once == 5
    took = replicas.starts[-1] - replicas.starts[0]
    assert took < timedelta(seconds=130 if seconds_each == 3 else 320), "and no slower than needed"


async def _shown(world: World) -> list[dict[str, Any]]:
    """As the gateway reads them."""
    return await world.rows(
        "select a.id, a.state, a.reason_code, a.reason, a.due_at, d.limit_name, d.limit_value,"
        " d.limit_used, d.next_possible_at"
        " from scheduler.api_activities a join scheduler.api_decisions d on d.activity_id = a.id"
        " where a.state = 'scheduled' and d.code = 'put_off_by_limit' order by a.due_at"
    )


async def test_who_waits_for_the_lane_is_told_so(world: World) -> None:
    """P4: the limit, its use, the next time; on the activity and on its timeline."""
    await _reposts(world, 7)
    commands = await world.dispatch_all()
    assert {command.lane for command in commands} == {Lane.BROWSER}
    assert len(commands) == 5
    waiting = await _shown(world)
    assert len(waiting) == 2
    for row in waiting:
        assert row["reason_code"] == "put_off_by_limit"
        assert row["reason"] == (
            "Put off: its lane carries out 5 at once over all accounts, and 5 are under way."
        )
        assert (row["limit_name"], row["limit_value"], row["limit_used"]) == ("at_once", 5, 5)
        assert row["next_possible_at"] == row["due_at"] > NOW
    await world.settle(*(outcome(command, at=NOW) for command in commands))
    world.clock.advance(2)
    assert await world.dispatch_all() == []
    last = max(await _shown(world), key=lambda row: row["next_possible_at"])
    assert last["limit_name"] == "lane_per_minute"
    assert "starts 5 a minute" in last["reason"]
    assert last["next_possible_at"] == NOW + timedelta(seconds=60)
    world.clock.move_to(last["next_possible_at"])
    assert len(await world.dispatch_all()) == 2


async def test_a_call_without_effect_gives_its_place_back(world: World) -> None:
    """A failure before any effect is no start that counts; its place at once is free again."""
    await _reposts(world, 6)
    commands = await world.dispatch_all()
    await world.settle(
        *(outcome(command, Outcome.FAILED, at=NOW, called=False) for command in commands)
    )
    world.clock.advance(2)
    assert len(await world.dispatch_all()) == 1


async def test_who_goes_on_waiting_is_told_once(world: World) -> None:
    """P4: a lane that stays full for a minute is one line of the timeline, not sixty."""
    await _reposts(world, 6)
    for _ in range(30):
        await world.dispatcher.dispatch_once()
        world.clock.advance(STEP)

    (told,) = await world.rows(
        "select count(*) as lines, count(distinct sentence) as reasons"
        " from scheduler.decisions where code = 'put_off_by_limit'"
    )
    assert 1 <= told["lines"] == told["reasons"]
