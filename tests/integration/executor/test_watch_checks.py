"""Checks that watches ask for: made once for each asking, while they stand, and told (A7, W8)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from chorus.clock import SystemClock
from chorus.events import WatchChecked, WatchDue
from chorus.ids import new_id
from chorus.kafka.envelope import Received
from chorus.settings import PostgresSettings
from chorus.testing import eventually
from chorus.vocabulary import ErrorType, Kind, Outcome, Platform
from chorus_execution.challenges import Challenges
from chorus_execution.journal import open_journal_pool
from chorus_executor.app import assemble_watch_checks, unipile
from chorus_executor.providers.port import AccountState, OwnPost, ReadingProvider
from chorus_executor.providers.registry import Ports, Registry
from chorus_executor.reading.store import WatchCheckStore
from chorus_executor.reading.watch_checks import WatchChecks
from chorus_executor.settings import ExecutorSettings
from chorus_sandbox.app import UNIPILE_KEY
from tests.integration.executor.harness import Harness
from tests.integration.executor.test_eligibility import change

ROUTE = "user_posts"
LOOKING = """
with agreed as (
    insert into gateway.consents (client_id, account_id, kind, granted, text_version, text_sha256,
                                  by_user_id)
    values (%(client)s, %(account)s, 'detect_posts', true, 'test', decode(repeat('00', 32), 'hex'),
            (select owner_user_id from gateway.accounts where id = %(account)s))
)
update gateway.pods set policy = policy || '{"detect_posts": true}' where client_id = %(client)s
"""
WATCH = """
insert into scheduler.watches (id, client_id, kind, subject, account_id, every_seconds, began_at,
                               next_at, execution, unheard, sends, reason_code, reason)
values (%s, %s, 'posts_of_account', %s, %s, 900, %s, now() + interval '90 seconds', 1, true, 1,
        'handed_over', 'For the test.')
"""


class Counting:
    """A provider that counts how often it was asked."""

    def __init__(self, provider: ReadingProvider) -> None:
        self._provider = provider
        self.reads = 0

    async def posts_of(
        self, *, account: str, since: datetime, deadline: float
    ) -> tuple[OwnPost, ...]:
        self.reads += 1
        return await self._provider.posts_of(account=account, since=since, deadline=deadline)

    async def state_of(self, *, account: str, deadline: float) -> AccountState:
        self.reads += 1
        return await self._provider.state_of(account=account, deadline=deadline)


class Watcher:
    """A watch of the first account's posts, asked for once, and executors that look."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.watch_id = new_id()
        self.account: UUID = harness.tenant.accounts[0]
        self.providers: list[Counting] = []

    async def begin(self, began_at: datetime) -> None:
        self.harness.account()
        await change(self.harness, LOOKING)
        subject, client = str(self.account), self.harness.tenant.client_id
        values = (self.watch_id, client, subject, self.account, began_at)
        await self.harness.owner.execute(WATCH, values)

    async def change(self, assignment: str, *values: Any) -> None:
        await self.harness.owner.execute(
            f"update scheduler.watches set {assignment} where id = %s",  # noqa: S608
            (*values, self.watch_id),
        )

    async def executor(self, challenges: Challenges | None = None, **settings: Any) -> WatchChecks:
        wanted = ExecutorSettings(
            unipile_url=self.harness.server.unipile_url,
            unipile_api_key=UNIPILE_KEY,
            **({"watch_check_seconds": 2.0} | settings),
        )
        database = PostgresSettings(DATABASE_URL=self.harness.dsn, pool_max=4)
        pool = await open_journal_pool(database, name="test-looks")
        self.harness.stack.push_async_callback(pool.close)
        provider = unipile(wanted)
        self.harness.stack.push_async_callback(provider.aclose)
        self.providers.append(Counting(provider))
        store = WatchCheckStore(pool, source="chorus/executor")
        known = challenges or Challenges(remember=2.0)
        registry = Registry({Platform.LINKEDIN: Ports(reading=self.providers[-1])})
        return assemble_watch_checks(wanted, store, registry, known, SystemClock())

    def due(self, execution: int = 1) -> Received[WatchDue]:
        event = WatchDue(
            client_id=self.harness.tenant.client_id,
            watch_id=self.watch_id,
            execution=execution,
            account_id=self.account,
            correlation_id=str(self.watch_id),
        )
        return Received(event, "id", "test", datetime.now(UTC), None, "watch.due", 0, 0)

    async def begun(self) -> bool:
        cursor = await self.harness.owner.execute(
            "select from engagement.looks where watch_id = %s", (self.watch_id,)
        )
        return cursor.rowcount > 0

    async def shown(self) -> list[dict[str, Any]]:
        cursor = await self.harness.owner.execute("select shown from engagement.looks")
        return [dict(row) for row in await cursor.fetchall()]

    async def answers(self) -> list[WatchChecked]:
        found = await self.harness._outbox("watch.checked")
        return [WatchChecked.model_validate_json(value) for value in found]

    async def answer(self) -> WatchChecked:
        (answer,) = await self.answers()
        return answer

    def write(self, text: str, *, ago: float = 0.0, original: Any = None) -> Any:
        """A post that the account's person writes on the network."""
        sandbox = self.harness.server.sandbox
        author = sandbox.state.accounts[self.harness.account()].person
        created = sandbox.now_ms() - int(ago * 1000)
        return sandbox.state.add_post(
            author=author, text=text, created_ms=created, original=original
        )

    def reads(self) -> int:
        return sum(provider.reads for provider in self.providers)


@pytest.fixture
async def watcher(harness: Harness) -> Watcher:
    await harness.owner.execute("truncate scheduler.watches, engagement.looks")
    found = Watcher(harness)
    await found.begin(datetime.now(UTC) - timedelta(hours=2))
    return found


async def test_what_the_account_wrote_since_is_found(watcher: Watcher) -> None:
    """A7: no repost, nothing that is older than the watch, and by its one name."""
    mine = watcher.write("My news.", ago=60)
    watcher.write("Of yesterday.", ago=3 * 3600)
    other = watcher.harness.posts[watcher.harness.add_post()]
    watcher.write("", ago=30, original=other)
    checks = await watcher.executor()
    await checks.on_watch_due(watcher.due())
    answer = await watcher.answer()
    assert (answer.outcome, answer.found) == ("checked", 1)
    (seen,) = answer.posts
    assert seen.social_id == mine.social_id
    assert seen.author_provider_id == mine.author.provider_id
    assert abs(seen.published_at.timestamp() * 1000 - mine.created_ms) < 2


async def test_how_a_post_begins_is_kept_and_does_not_travel(watcher: Watcher) -> None:
    """I8: for whoever is asked for a yes to it: its beginning, in the database alone; an answer
    that is said again, and a look that failed, leave it as it is.
    """
    long = watcher.write("\0A long story. " + "word " * 100, ago=60)
    checks = await watcher.executor()
    await checks.on_watch_due(watcher.due())
    assert "long story" not in (await watcher.answer()).model_dump_json()
    (row,) = await watcher.shown()
    said = row["shown"][long.social_id]
    assert (len(said), said[:13], said[-1]) == (300, "A long story.", "…")
    await watcher.change("execution = 2, subject = 'nobody', kind = 'comments_of_post'")
    await checks.on_watch_due(watcher.due(2))
    assert await watcher.shown() == [row]


async def test_nothing_older_than_a_day_is_found(watcher: Watcher) -> None:
    """A7: a watch that stood still for long brings up nothing old."""
    await watcher.change("began_at = now() - interval '7 days'")
    watcher.write("Of the day before yesterday.", ago=2 * 86_400)
    checks = await watcher.executor()
    await checks.on_watch_due(watcher.due())
    assert (await watcher.answer()).posts == ()


async def test_what_was_seen_before_is_told_again_and_is_not_new(watcher: Watcher) -> None:
    """Invariant 2: a lost message loses no post; the count says what is new."""
    watcher.write("First.", ago=120)
    checks = await watcher.executor()
    await checks.on_watch_due(watcher.due())
    first = await watcher.answer()
    await watcher.change("execution = 2, cursor = %s", Jsonb({"seen": [first.posts[0].social_id]}))
    watcher.write("Second.", ago=60)
    await checks.on_watch_due(watcher.due(2))
    second = (await watcher.answers())[-1]
    assert (second.found, len(second.posts)) == (1, 2)


async def test_what_we_made_ourselves_is_not_found(watcher: Watcher) -> None:
    """A7: neither what was published for the member nor a repost that is shown as a post."""
    executor = await watcher.harness.executor()
    await executor.handle(await watcher.harness.due(Kind.PUBLISH, text="Queued by the team."))
    assert (await watcher.harness.outcome()).outcome is Outcome.EXECUTED
    checks = await watcher.executor()
    await checks.on_watch_due(watcher.due())
    assert (await watcher.answer()).posts == ()


async def test_a_command_that_comes_again_looks_once(watcher: Watcher) -> None:
    """INVARIANT (3): one look for each asking; what was answered is said again under its id."""
    replicas = [await watcher.executor() for _ in range(2)]
    await asyncio.gather(*(checks.on_watch_due(watcher.due()) for checks in replicas * 2))
    assert watcher.reads() == 1
    await replicas[1].on_watch_due(watcher.due())
    assert watcher.reads() == 1
    assert len(await watcher.harness.event_ids("watch.checked")) == 1


async def test_what_is_asked_for_again_is_looked_at_again(watcher: Watcher) -> None:
    """A7: an executor that died with its look holds nobody; the first answer stands."""
    checks = await watcher.executor()
    await watcher.harness.owner.execute(
        "insert into engagement.looks (watch_id, client_id, account_id, execution, sends)"
        " values (%s, %s, %s, 1, 1)",
        (watcher.watch_id, watcher.harness.tenant.client_id, watcher.account),
    )
    await checks.on_watch_due(watcher.due())
    assert watcher.reads() == 0
    await watcher.change("sends = 2")
    await checks.on_watch_due(watcher.due())
    assert watcher.reads() == 1
    assert (await watcher.answer()).outcome == "checked"


@pytest.mark.parametrize("assignment", ["execution = 2", "unheard = false"])
async def test_an_old_command_looks_at_nothing(watcher: Watcher, assignment: str) -> None:
    """A7: the ledger is the order."""
    await watcher.change(assignment)
    checks = await watcher.executor()
    await checks.on_watch_due(watcher.due())
    await checks.on_watch_due(watcher.due(9))
    assert watcher.reads() == 0
    assert await watcher.answers() == []


PAUSE = """
insert into scheduler.pauses (id, scope, client_id, scope_id, code, reason, paused_by)
values (gen_random_uuid(), 'account', %(client)s, %(account)s, 'paused_by_person', 'A test.',
        'test')
"""
MET = """
insert into engagement.challenges (account_id, activity_id, execution, client_id)
values (%(account)s, gen_random_uuid(), 1, %(client)s)
"""
SIGNED_OUT = "update gateway.accounts set status = 'needs_login' where id = %(account)s"
WITHDRAWN = "update gateway.accounts set consented_kinds = '{like}' where id = %(account)s"
POD_ENDED = "update gateway.pods set active = false where client_id = %(client)s"
ENDED = "update scheduler.watches set ended_at = now() where account_id = %(account)s"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (PAUSE, "paused"),
        (MET, "paused"),
        (SIGNED_OUT, "account_not_connected"),
        (WITHDRAWN, "consent_revoked"),
        (POD_ENDED, "watch_not_wanted"),
        (ENDED, "watch_not_wanted"),
    ],
)
async def test_what_does_not_stand_is_not_looked_at(
    watcher: Watcher, statement: str, code: str
) -> None:
    """INVARIANT (4, 5, 6): asked right before the call, whatever was handed over."""
    await change(watcher.harness, statement)
    checks = await watcher.executor()
    await checks.on_watch_due(watcher.due())
    answer = await watcher.answer()
    assert (answer.outcome, answer.withheld_code) == ("withheld", code)
    assert watcher.reads() == 0


async def test_what_is_said_while_a_look_waits_is_in_force(watcher: Watcher) -> None:
    """INVARIANT (6): the order is read again when its slot is free."""
    checks = await watcher.executor(watch_checks_at_once=1)
    point = watcher.harness.hold_point(ROUTE, "before")
    first = asyncio.create_task(checks.on_watch_due(watcher.due()))
    await point.wait_for(1)
    other = Watcher(watcher.harness)
    other.account = watcher.harness.tenant.accounts[1]
    watcher.harness.account(1)
    await watcher.harness.owner.execute(
        WATCH,
        (
            other.watch_id,
            watcher.harness.tenant.client_id,
            str(other.account),
            other.account,
            datetime.now(UTC),
        ),
    )
    second = asyncio.create_task(checks.on_watch_due(other.due()))
    await eventually(other.begun)
    await other.change("ended_at = now()")
    watcher.harness.server.sandbox.hold_points.release(point)
    await asyncio.gather(first, second)
    outcomes = [(answer.watch_id, answer.outcome) for answer in await watcher.answers()]
    assert outcomes == [(watcher.watch_id, "checked"), (other.watch_id, "withheld")]


async def test_a_challenge_in_a_look_stops_the_account(watcher: Watcher) -> None:
    """INVARIANT (5): at once, in every process, acts included, as one in an act does."""
    executor = await watcher.harness.executor()
    watcher.harness.fault("checkpoint", ROUTE, when="before")
    checks = await watcher.executor(executor.core.challenges)
    await checks.on_watch_due(watcher.due())
    answer = await watcher.answer()
    assert answer.failure is not None
    assert (answer.outcome, answer.failure.challenge) == ("failed", True)

    another = await watcher.harness.executor()
    for process in (executor, another):
        await process.handle(await watcher.harness.due(Kind.LIKE))
    for outcome in await watcher.harness.outcomes():
        assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, "paused")
    assert watcher.harness.effects == []


async def test_a_challenge_of_the_later_look_is_told_too(watcher: Watcher) -> None:
    """INVARIANT (5): though another look of the same asking answered first."""
    checks = await watcher.executor()
    await checks.on_watch_due(watcher.due())
    await watcher.harness.owner.execute(
        "update engagement.looks set answer = null, answered_at = null where watch_id = %s",
        (watcher.watch_id,),
    )
    await watcher.change("sends = 2")
    point = watcher.harness.hold_point(ROUTE, "before")
    watcher.harness.fault("checkpoint", ROUTE, when="before")
    later = asyncio.create_task(checks.on_watch_due(watcher.due()))
    await point.wait_for(1)
    await watcher.harness.owner.execute(
        "update engagement.looks set answer = '{}', answered_at = now() where watch_id = %s",
        (watcher.watch_id,),
    )
    watcher.harness.server.sandbox.hold_points.release(point)
    await later
    answers = await watcher.answers()
    assert [answer.failure is not None for answer in answers] == [False, True]


async def test_a_refusal_is_told_with_its_class(watcher: Watcher) -> None:
    """W8: a 429 is one, and what cannot be told is another; nothing is guessed."""
    watcher.harness.fault("status", ROUTE, type="too_many_requests")
    checks = await watcher.executor()
    await checks.on_watch_due(watcher.due())
    answer = await watcher.answer()
    assert answer.failure is not None
    assert answer.failure.error_type is ErrorType.RATE_LIMIT


async def test_a_post_that_does_not_say_whose_it_is_is_an_error(watcher: Watcher) -> None:
    """A7: and no guess: a person can see why nothing is found."""
    watcher.harness.server.sandbox.behaviour.names_authors = False
    watcher.write("Whose?", ago=10)
    checks = await watcher.executor()
    await checks.on_watch_due(watcher.due())
    answer = await watcher.answer()
    assert answer.failure is not None
    assert answer.failure.code == "cannot_tell"


async def test_checks_of_long_ago_are_forgotten(watcher: Watcher) -> None:
    """Retention: one row a watch, as long as attempts are kept."""
    checks = await watcher.executor()
    await checks.on_watch_due(watcher.due())
    store = checks._store
    assert await store.forget(60) == 0
    await watcher.harness.owner.execute(
        "update engagement.looks set begun_at = begun_at - interval '1 hour'"
    )
    assert await store.forget(60) == 1
