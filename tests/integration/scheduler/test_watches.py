"""Watches come and go with who wants them, and are handed over under every limit (A7, W8)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chorus.documents import PodPolicy
from chorus.errors import DependencyUnavailable
from chorus.events import AccountChallenged, Failure, WatchChecked, WatchDue
from chorus.ids import new_id
from chorus.kafka.envelope import Received, decode
from chorus.vocabulary import ErrorType, Kind, WatchKind
from chorus_lab.seeding import ALL_KINDS, Tenant, make_post, make_tenant
from chorus_scheduler.domain.watches import FAILING_AFTER, SENDS
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.retention import Retention
from chorus_scheduler.watches.dispatching import WatchDispatcher
from chorus_scheduler.watches.measuring import WatchGauges
from chorus_scheduler.watches.reconciling import WatchReconciler
from chorus_scheduler.watches.settling import WatchSettler
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import record_from

KINDS = (*ALL_KINDS, "detect_posts")
LOOKING = PodPolicy(detect_posts=True)
HOUR = timedelta(hours=1)


class Watching:
    """What keeps watches going, over the world's database, clock and publisher."""

    def __init__(self, world: World, **settings: Any) -> None:
        self.world = world
        wanted = world.settings.model_copy(update=settings)
        self.reconciler = WatchReconciler(pool=world.pool, clock=world.clock, settings=wanted)
        self.dispatcher = WatchDispatcher(
            pool=world.pool, publisher=world.publisher, clock=world.clock, settings=wanted
        )
        self.settler = WatchSettler(pool=world.pool, clock=world.clock)
        self.gauges = WatchGauges(pool=world.pool, clock=world.clock)

    async def tenant(self, members: int = 1, policy: PodPolicy = LOOKING) -> Tenant:
        """One whose accounts agreed to everything, looking included; nothing is reconciled yet."""
        return await make_tenant(
            self.world.owner,
            members=members,
            policy=policy,
            kinds=KINDS,
            provider_prefix=f"acc_{new_id().hex}",
        )

    async def rows(self) -> list[dict[str, Any]]:
        return await self.world.rows("select * from scheduler.watches order by created_at, id")

    async def row(self) -> dict[str, Any]:
        (row,) = await self.rows()
        return row

    async def begun(self, members: int = 1) -> Tenant:
        """The same, its watches begun and due."""
        tenant = await self.tenant(members)
        await self.reconciler.watches()
        await self.all_due()
        return tenant

    async def all_due(self) -> None:
        await self.world.owner.execute(
            "update scheduler.watches set next_at = %s where not unheard", (self.world.clock.now(),)
        )

    async def look(self) -> list[WatchDue]:
        """What is asked for now."""
        before = len(self.commands())
        await self.dispatcher.due_watches()
        return self.commands()[before:]

    def commands(self) -> list[WatchDue]:
        models = {WatchDue.type: WatchDue}
        sent = [out for out in self.world.publisher.sent if out.topic == "watch.due"]
        events = [decode(record_from(out), models).event for out in sent]
        return [event for event in events if isinstance(event, WatchDue)]

    async def hear(self, command: WatchDue, **said: Any) -> None:
        values: dict[str, Any] = {"outcome": "checked", "checked_at": self.world.clock.now()}
        event = WatchChecked(
            client_id=command.client_id,
            watch_id=command.watch_id,
            execution=command.execution,
            kind=WatchKind.POSTS_OF_ACCOUNT,
            account_id=command.account_id,
            correlation_id=command.correlation_id,
            **(values | said),
        )
        now = self.world.clock.now()
        await self.settler.on_watch_checked(
            Received(event, "id", "test", now, None, "watch.checked", 0, 0)
        )

    async def fail(self, command: WatchDue, error: ErrorType, **said: Any) -> None:
        failure = Failure(error_type=error, message="It went wrong.", retryable=True, **said)
        await self.hear(command, outcome="failed", failure=failure)


@pytest.fixture(autouse=True)
async def _posts_alone(world: World) -> None:
    """Nobody's sign-in is looked at here: see test_account_status.py."""
    await world.owner.execute(
        "create or replace view scheduler.wanted_statuses as"
        " select client_id, account_id from gateway.api_accounts where false"
    )


@pytest.fixture
def watching(world: World) -> Watching:
    return Watching(world)


async def test_without_the_policys_word_nothing_is_looked_for(watching: Watching) -> None:
    """INVARIANT (A7): everything is off by default."""
    await watching.tenant(policy=PodPolicy())
    await watching.reconciler.watches()
    assert await watching.rows() == []


async def test_a_watch_begins_and_ends_with_who_wants_it(watching: Watching) -> None:
    """A7: one for each account, said once, however often and by however many it is compared."""
    tenant = await watching.tenant(members=2)
    other = Watching(watching.world).reconciler
    await asyncio.gather(watching.reconciler.watches(), other.watches())
    assert await watching.reconciler.watches() == 0
    rows = await watching.rows()
    assert sorted(row["account_id"] for row in rows) == sorted(tenant.accounts)
    assert {row["began_at"] for row in rows} == {NOW}
    assert all(NOW <= row["next_at"] < NOW + timedelta(minutes=15) for row in rows)
    codes = await watching.world.decisions()
    assert codes.count("watch_began") == 2

    watching.world.clock.advance(60)
    await watching.world.owner.execute(
        "update gateway.pod_members set active = false where account_id = %s", (tenant.accounts[0],)
    )
    await watching.reconciler.watches()
    ended = {row["account_id"] for row in await watching.rows() if row["ended_at"]}
    assert ended == {tenant.accounts[0]}
    assert (await watching.world.decisions()).count("watch_not_wanted") == 1


@pytest.mark.parametrize(
    "change",
    [
        "update gateway.pods set active = false",
        "update gateway.pods set policy = policy - 'detect_posts'",
        "update gateway.accounts set consented_kinds = '{like}'",
        "update gateway.accounts set status = 'needs_login'",
        "update gateway.accounts set removed_at = now(), status = 'disconnected'",
        "update gateway.users set active = false",
    ],
)
async def test_whatever_takes_the_wish_away_ends_the_watch(watching: Watching, change: str) -> None:
    """INVARIANT (4): never for someone who does not agree, or does not take part any more."""
    await watching.begun()
    await watching.world.owner.execute(change)
    await watching.all_due()
    assert await watching.look() == [], "not even before it has ended"
    assert await watching.reconciler.watches() == 1
    assert (await watching.row())["ended_at"] is not None
    assert await watching.reconciler.watches() == 0


async def test_one_that_comes_back_begins_anew(watching: Watching) -> None:
    """A7: what was written while nobody looked is no news then."""
    await watching.begun()
    (command,) = await watching.look()
    await watching.hear(command, cursor='{"seen": ["a"]}')
    await watching.world.owner.execute("update gateway.pods set active = false")
    await watching.reconciler.watches()
    watching.world.clock.advance(3600)
    await watching.world.owner.execute("update gateway.pods set active = true")
    await watching.reconciler.watches()
    row = await watching.row()
    assert (row["ended_at"], row["cursor"]) == (None, None)
    assert row["began_at"] == NOW + HOUR
    await watching.all_due()
    (again,) = await watching.look()
    assert again.execution == command.execution + 1


async def test_one_that_begins_anew_waits_for_no_look_of_before(watching: Watching) -> None:
    """A7: its pod had gone while a look was out; the next has a number of its own."""
    await watching.begun()
    (command,) = await watching.look()
    for active in (False, True):
        await watching.world.owner.execute("update gateway.pods set active = %s", (active,))
        await watching.reconciler.watches()
    assert not (await watching.row())["unheard"]
    await watching.all_due()
    (again,) = await watching.look()
    assert again.execution == command.execution + 1


async def test_the_shortest_interval_that_pods_ask_for_counts(watching: Watching) -> None:
    """A7: with a fifth more or less, drawn once; out of its bounds is none."""
    await watching.begun(members=20)
    for command in await watching.look():
        await watching.hear(command)
    waits = {row["next_at"] - NOW for row in await watching.rows()}
    assert len(waits) == 20
    assert timedelta(minutes=12) <= min(waits) < max(waits) <= timedelta(minutes=18)

    await watching.world.owner.execute(
        "update gateway.pods set policy = policy || '{\"detect_every_seconds\": 1}'"
        " where policy -> 'detect_posts' = 'true'"
    )
    await watching.reconciler.watches()
    rows = await watching.rows()
    assert {row["every_seconds"] for row in rows} == {300}
    assert max(row["next_at"] for row in rows) <= NOW + timedelta(minutes=5)


async def test_a_look_is_asked_for_once_by_many_replicas(watching: Watching) -> None:
    """INVARIANT: ids alone go out; what is out is not asked for again before its lease is over."""
    tenant = await watching.begun(members=6)
    replicas = [watching, *(Watching(watching.world) for _ in range(2))]
    await asyncio.gather(*(each.dispatcher.due_watches() for each in replicas))
    commands = watching.commands()
    assert sorted(command.account_id for command in commands) == sorted(tenant.accounts)
    assert {command.execution for command in commands} == {1}
    watching.world.clock.advance(watching.world.settings.watch_lease - 1)
    assert await watching.look() == []


async def test_a_look_that_was_lost_is_asked_for_again_and_given_up(watching: Watching) -> None:
    """A7: under the same execution; nobody's silence is for ever."""
    await watching.begun()
    watching.world.publisher.available = False
    with pytest.raises(DependencyUnavailable):
        await watching.look()
    watching.world.publisher.available = True
    for sends in range(2, SENDS + 1):
        watching.world.clock.advance(watching.world.settings.watch_lease)
        (command,) = await watching.look()
        assert command.execution == 1
        assert (await watching.row())["sends"] == sends
    watching.world.clock.advance(watching.world.settings.watch_lease)
    assert await watching.look() == []
    row = await watching.row()
    assert (row["unheard"], row["errors"], row["last_error"]["code"]) == (False, 1, "unanswered")
    assert row["next_at"] == watching.world.clock.now() + timedelta(minutes=10)


async def test_a_look_counts_what_it_saw(watching: Watching) -> None:
    """A7: and the next one goes on from there."""
    await watching.begun()
    (command,) = await watching.look()
    await watching.hear(command, found=2, cursor='{"seen": ["b", "a"]}')
    row = await watching.row()
    assert (row["looks"], row["found"], row["failures"], row["errors"]) == (1, 2, 0, 0)
    assert row["cursor"] == {"seen": ["b", "a"]}
    assert (row["unheard"], row["reason_code"]) == (False, "looked")
    assert row["looked_at"] == NOW


async def test_the_answer_of_an_old_execution_changes_nothing(watching: Watching) -> None:
    """INVARIANT: nor does one that comes again, or one that was never asked for."""
    await watching.begun()
    (first,) = await watching.look()
    await watching.hear(first, found=1)
    await watching.all_due()
    (second,) = await watching.look()
    before = await watching.row()
    await watching.hear(first, found=7, cursor='{"seen": []}')
    await watching.fail(first, ErrorType.RATE_LIMIT)
    await watching.hear(second.model_copy(update={"execution": 9}), found=7)
    await watching.hear(second.model_copy(update={"watch_id": new_id()}), found=7)
    assert await watching.row() == before
    await watching.hear(second)
    assert (await watching.row())["unheard"] is False


async def test_a_tenants_many_watches_hold_nobodys(watching: Watching) -> None:
    """INVARIANT (9): what one tenant has out takes no place from another's."""
    narrow = Watching(watching.world, watch_in_hand=10, watch_batch=10)
    await narrow.begun(members=40)
    assert len(await narrow.look()) == 10
    small = await narrow.tenant(members=2)
    await narrow.reconciler.watches()
    await narrow.all_due()
    asked = [command.account_id for command in await narrow.look()]
    assert sorted(asked) == sorted(small.accounts)


async def _pause(world: World, scope: str, scope_id: UUID | None, client: UUID | None) -> UUID:
    paused = await world.steering.pause(
        client_id=client, scope=scope, scope_id=scope_id, reason="A test says so.", actor="test"
    )
    return paused.id


@pytest.mark.parametrize("scope", ["everything", "tenant", "pod", "account"])
async def test_a_pause_holds_looks_and_its_end_lets_them_go_on(
    watching: Watching, scope: str
) -> None:
    """INVARIANT (6): a person can always stop it."""
    tenant = await watching.begun()
    ids = {"pod": tenant.pod_id, "account": tenant.accounts[0]}
    client = None if scope == "everything" else tenant.client_id
    pause = await _pause(watching.world, scope, ids.get(scope), client)
    assert await watching.look() == []
    row = await watching.row()
    assert (row["reason_code"], row["execution"]) == ("paused", 0)
    assert "A test says so." in row["reason"]
    await watching.world.steering.resume(pause_id=pause, client_id=client, actor="test")
    watching.world.clock.advance(60)
    assert len(await watching.look()) == 1


async def test_a_pod_that_is_paused_holds_only_where_no_other_asks(watching: Watching) -> None:
    """A7: a member of two pods is looked after for the one that goes on."""
    tenant = await watching.begun()
    second = new_id()
    await watching.world.owner.execute(
        "insert into gateway.pods (id, client_id, name, policy) values (%s, %s, 'Second', %s)",
        (second, tenant.client_id, LOOKING.model_dump_json()),
    )
    await watching.world.owner.execute(
        "insert into gateway.pod_members (id, client_id, pod_id, account_id, name)"
        " values (%s, %s, %s, %s, 'Ada')",
        (new_id(), tenant.client_id, second, tenant.accounts[0]),
    )
    for pod in (tenant.pod_id, second):
        assert len(await watching.look()) == 1
        await watching.world.owner.execute(
            "update scheduler.watches set unheard = false, sends = 0"
        )
        await watching.all_due()
        await _pause(watching.world, "pod", pod, tenant.client_id)
    assert await watching.look() == []


async def test_an_account_that_was_asked_to_slow_down_does_not_look(watching: Watching) -> None:
    """Invariant 5: nothing until a 429 is over."""
    tenant = await watching.begun()
    until = NOW + timedelta(minutes=20)
    await watching.world.owner.execute(
        "insert into scheduler.limit_gates (scope, closed_until) values (%s, %s)",
        (f"account:{tenant.accounts[0]}", int(until.timestamp() * 1_000_000)),
    )
    assert await watching.look() == []
    row = await watching.row()
    assert (row["reason_code"], row["next_at"]) == ("account_cooled_down", until)


async def test_looks_have_a_limit_over_all_replicas(watching: Watching) -> None:
    """INVARIANT (3): for looks too, those that are asked for again included."""
    tenant = await watching.begun()
    await watching.world.owner.execute(
        "insert into scheduler.rate_limits (client_id, platform, kind, per_hour, per_day)"
        " values (%s, 'linkedin', 'detect_posts', 2, 100)",
        (tenant.client_id,),
    )
    (first,) = await watching.look()
    watching.world.clock.advance(watching.world.settings.watch_lease)
    (again,) = await Watching(watching.world).look()
    assert again == first
    await watching.hear(again)
    await watching.all_due()
    assert await watching.look() == []
    row = await watching.row()
    assert row["reason_code"] == "put_off_by_limit"
    assert row["next_at"] == NOW + HOUR


async def test_a_429_costs_an_hour_and_the_account_rests(watching: Watching) -> None:
    """W8: and nothing else of the account goes out meanwhile."""
    tenant = await watching.begun()
    (command,) = await watching.look()
    await watching.fail(command, ErrorType.RATE_LIMIT)
    row = await watching.row()
    assert (row["next_at"], row["errors"]) == (NOW + HOUR, 1)
    (gate,) = await watching.world.rows(
        "select closed_until from scheduler.limit_gates where scope = %s",
        f"account:{tenant.accounts[0]}",
    )
    closed = datetime.fromtimestamp(gate["closed_until"] / 1_000_000, UTC)
    assert closed == NOW + HOUR
    assert (await watching.world.decisions()).count("look_failed") == 1


async def test_errors_are_counted_and_a_person_is_told(watching: Watching) -> None:
    """W8: ten minutes each; never silently for ever; one look that goes well ends it."""
    await watching.begun()
    for number in range(1, FAILING_AFTER + 1):
        (command,) = await watching.look()
        await watching.fail(command, ErrorType.NETWORK_ERROR)
        row = await watching.row()
        wait = timedelta(minutes=10) if number < FAILING_AFTER else HOUR
        assert (row["errors"], row["next_at"] - watching.world.clock.now()) == (number, wait)
        assert row["failing"] is (number == FAILING_AFTER)
        watching.world.clock.advance(wait.total_seconds())
    assert (await watching.world.decisions()).count("watch_failing") == 1
    (command,) = await watching.look()
    await watching.hear(command)
    row = await watching.row()
    assert (row["errors"], row["failing"], row["failures"]) == (0, False, FAILING_AFTER)


async def test_a_challenge_stops_the_account_once(watching: Watching) -> None:
    """INVARIANT (5): whichever look met it, an old one too; people are called once."""
    tenant = await watching.begun()
    (old,) = await watching.look()
    await watching.hear(old)
    await watching.all_due()
    await watching.look()
    await watching.world.owner.execute(
        "insert into engagement.challenges (account_id, activity_id, execution, client_id)"
        " values (%s, %s, %s, %s)",
        (old.account_id, old.watch_id, old.execution, old.client_id),
    )
    for _ in range(2):
        await watching.fail(old, ErrorType.AUTH_ERROR, challenge=True)
    (pause,) = await watching.world.rows("select * from scheduler.pauses")
    assert (pause["scope"], pause["scope_id"]) == ("account", tenant.accounts[0])
    assert (pause["code"], pause["client_id"]) == ("challenge", tenant.client_id)
    told = await watching.world.rows(
        "select value from scheduler.outbox where topic = 'account.challenged'"
    )
    (event,) = [AccountChallenged.model_validate_json(row["value"]) for row in told]
    assert event.account_id == tenant.accounts[0]
    watching.world.clock.advance(watching.world.settings.watch_lease)
    assert await watching.look() == []


async def test_a_challenge_that_nobody_met_stops_nobody(watching: Watching) -> None:
    """D1: the ledger says which looks there were, and the executors which met one."""
    await watching.begun()
    (first,) = await watching.look()
    await watching.hear(first)
    await watching.all_due()
    (second,) = await watching.look()
    for execution in (0, first.execution, second.execution + 1):
        forged = second.model_copy(update={"execution": execution})
        await watching.fail(forged, ErrorType.AUTH_ERROR, challenge=True)
    assert await watching.world.rows("select 1 from scheduler.pauses") == []
    await watching.fail(second, ErrorType.AUTH_ERROR, challenge=True)
    assert len(await watching.world.rows("select 1 from scheduler.pauses")) == 1


async def test_a_look_that_was_withheld_is_no_error(watching: Watching) -> None:
    """Invariant 6: it is asked for again soon, and decided anew."""
    await watching.begun()
    (command,) = await watching.look()
    await watching.hear(
        command, outcome="withheld", withheld_code="paused", withheld_reason="Paused: holiday."
    )
    row = await watching.row()
    assert (row["errors"], row["looks"], row["reason_code"]) == (0, 0, "paused")
    assert row["next_at"] == NOW + timedelta(minutes=1)


async def test_looks_hold_no_act_up(watching: Watching) -> None:
    """An account may look while it acts: nobody sees it, and no act waits for it."""
    world = watching.world
    tenant = await watching.begun(members=3)
    post = await make_post(world.owner, tenant, published_at=NOW)
    request = PlanRequest(
        client_id=tenant.client_id,
        post_id=post,
        kinds=[Kind.LIKE],
        actor="test",
        correlation_id="c",
    )
    await world.planner.plan(request)
    last = max(row["due_at"] for row in await world.activities())
    world.clock.move_to(last)
    await watching.look()
    assert (await world.dispatcher.dispatch_once()).handed_over > 0


async def test_what_ended_long_ago_is_deleted(watching: Watching) -> None:
    """Retention: thirty days after its end."""
    await watching.begun()
    await watching.world.owner.execute("update gateway.pods set active = false")
    await watching.reconciler.watches()
    world = watching.world
    retention = Retention(pool=world.pool, clock=world.clock, settings=world.settings)
    watching.world.clock.advance(29 * 86_400)
    assert await retention.watches() == 0
    watching.world.clock.advance(2 * 86_400)
    assert await retention.watches() == 1


async def test_the_gauges_tell_how_old_the_oldest_due_watch_is(watching: Watching) -> None:
    """E8: and how many there are."""
    await watching.begun(members=2)
    watching.world.clock.advance(30)
    assert await watching.gauges.measure_watches() == 2
