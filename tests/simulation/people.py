"""What people do, at random: each a transaction of its own, and a fact for the judge."""

import random
from typing import Any

from chorus import texts
from chorus.documents.activity_commands import Approve, Cancel, Decide, Reject, Retry
from chorus.events import PostQueued
from chorus.ids import new_id
from chorus.kafka.envelope import encode
from chorus.outbox.store import append
from chorus_lab.seeding import Tenant
from chorus_sandbox.world.people import Post
from chorus_scheduler.errors import SchedulerRefusal
from tests.simulation.database import SimPool
from tests.simulation.facts import Account, Facts, PauseFact
from tests.simulation.services import Harness, steering_of

WORDS = (
    'Well said... and "so true" for all of us',
    "Read this: https://example.org/a/very/long/address/of/a/page it's good",
    "Thanks for sharing this  with two spaces",
    "I can't agree more, team!",
    "Nice one",
    "More at https://example.org/another/quite/long/address/here ...",
)


class People:
    """`act` lets somebody do something."""

    def __init__(
        self, harness: Harness, facts: Facts, tenants: list[Tenant], seed: int, *, own: float
    ) -> None:
        self.harness, self.facts, self.tenants = harness, facts, tenants
        self.dice = random.Random(f"people {seed}")
        self.pool = SimPool(harness.database, None, name="people")
        self.steering = steering_of(
            harness, SimPool(harness.database, "chorus_scheduler", name="api")
        )
        self.world: list[tuple[Tenant, Post]] = []
        self.done: list[str] = []
        self._own = own

    def wall(self) -> float:
        return self.harness.loop.wall().timestamp()

    async def act(self, weights: dict[str, int]) -> str:
        names = list(weights)
        name = self.dice.choices(names, [weights[each] for each in names])[0]
        try:
            await getattr(self, f"_{name}")()
        except SchedulerRefusal as refusal:
            name = f"{name} ({type(refusal).__name__})"
        self.done.append(name)
        return name

    # --- posts ---

    async def _post(self) -> None:
        tenant = self.dice.choice(self.tenants)
        state = self.harness.network.app.sandbox.state
        author, own = state.add_person(name=f"Stranger {len(self.world)}"), None
        if self.dice.random() < self._own:
            own = self.dice.choice(tenant.provider_ids)
            author = state.accounts[own].person
        post = state.add_post(
            author=author,
            text=f"Post {len(self.world)}",
            created_ms=self.harness.network.app.sandbox.now_ms(),
            form=self.dice.choice(("activity", "share", "ugcPost")),
        )
        if own is not None:
            self.facts.own_posts.add((own, post.social_id))
        self.world.append((tenant, post))
        await self._register(tenant, post)

    async def _again(self) -> None:
        """The same post, by another of its addresses."""
        if self.world:
            await self._register(*self.dice.choice(self.world))

    async def _register(self, tenant: Tenant, post: Post) -> None:
        urn = post.numbers.urn(self.dice.choice(("activity", "share", "ugcPost")))
        url = f"https://www.linkedin.com/feed/update/{urn}/"
        post_id, now = new_id(), self.harness.clock.now()
        self.harness.social[post_id] = post.social_id
        self.harness.posts.setdefault(post.social_id, str(post_id))
        pod = tenant.pod_id if self.dice.random() < 0.9 else None
        await self._run(
            "insert into gateway.posts (id, client_id, pod_id, reference, url, state, published_at,"
            " comment_texts, correlation_id, resolving_since, ask_at)"
            " values (%s, %s, %s, %s, %s, 'resolving', %s, %s, %s, %s, %s)"
            " on conflict do nothing",
            post_id,
            tenant.client_id,
            pod,
            urn,
            url,
            now,
            list(WORDS),
            f"post-{post_id}",
            now,
            now,
        )

    async def _queue(self) -> None:
        tenant = self.dice.choice(self.tenants)
        number = self.dice.randrange(len(tenant.accounts))
        post_id, now = new_id(), self.harness.clock.now()
        text = f"{self.dice.choice(WORDS)} {post_id.hex[-6:]}"
        event = PostQueued(
            client_id=tenant.client_id,
            post_id=post_id,
            pod_id=tenant.pod_id,
            account_id=tenant.accounts[number],
            platform="linkedin",
            text=text,
            scheduled_for=now,
            priority=5,
            correlation_id=f"post-{post_id}",
        )
        async with self.pool.connection() as conn, conn.transaction():
            await conn.execute(
                "insert into gateway.posts (id, client_id, pod_id, author_account_id, text, state,"
                " scheduled_for, amplify, correlation_id)"
                " values (%s, %s, %s, %s, %s, 'queued', %s, false, %s)",
                (
                    post_id,
                    tenant.client_id,
                    tenant.pod_id,
                    tenant.accounts[number],
                    text,
                    now,
                    f"post-{post_id}",
                ),
            )
            sent = encode(event, source="chorus/gateway", time=now, traceparent=None)
            await append(conn, "gateway", [sent])

    # --- one activity ---

    def _one(self, *states: str) -> dict[str, Any] | None:
        rows = self.harness.database.rows(
            "select id, client_id, draft_text, state, kind from scheduler.activities"
            " where state = any(%s) order by id",
            list(states),
        )
        return self.dice.choice(rows) if rows else None

    def _wish(self, row: dict[str, Any], **more: Any) -> dict[str, Any]:
        who = {"client_id": row["client_id"], "activity_id": row["id"], "actor": "a person"}
        return who | more

    async def _approve(self) -> None:
        if row := self._one("awaiting_approval"):
            shown = row["draft_text"]
            read = texts.digest(shown)
            await self.steering.approve(Approve(**self._wish(row, text_sha256=read)))
            self.facts.texts[row["id"]] = shown

    async def _reject(self) -> None:
        if row := self._one("awaiting_approval"):
            await self.steering.reject(Reject(**self._wish(row)))
            self.facts.stop(row["id"]).say(self.wall(), True)

    async def _cancel(self) -> None:
        if row := self._one("scheduled", "dispatched", "unknown"):
            await self.steering.cancel(Cancel(**self._wish(row)))
            self.facts.stop(row["id"]).say(self.wall(), True)

    async def _cancel_under_way(self) -> None:
        if row := self._one("dispatched", "unknown"):
            await self.steering.cancel(Cancel(**self._wish(row)))
            self.facts.stop(row["id"]).say(self.wall(), True)

    async def _retry(self) -> None:
        if row := self._one("failed", "skipped", "unknown", "cancelled"):
            before = self.wall()
            await self.steering.retry(Retry(**self._wish(row)))
            self.facts.stop(row["id"]).say(before, False)

    async def _decide(self) -> None:
        """Somebody looks at the network and says what is there."""
        if not hasattr(self.steering, "decide"):
            return
        rows = self.harness.database.rows(
            "select id, client_id, kind, provider_account_id, post_id, draft_text"
            " from scheduler.activities where state = 'unknown' and needs_person order by id"
        )
        if not rows or self.harness.network.under_way:
            return
        row = self.dice.choice(rows)
        target = self.harness.social.get(row["post_id"], "")
        effects = self.harness.network.app.sandbox.truth.effects
        there = any(
            each.account_id == row["provider_account_id"]
            and each.kind == row["kind"]
            and (
                each.target == target
                or (row["kind"] == "publish" and each.text == row["draft_text"])
            )
            for each in effects
        )
        await self.decide(row, there=there)

    async def decide(self, row: dict[str, Any], *, there: bool) -> None:
        await self.steering.decide(Decide(**self._wish(row), happened=there))

    # --- everything ---

    async def _pause(self) -> None:
        account = self._account()
        scope = self.dice.choice(("account", "pod", "tenant"))
        scope_id = {"account": account.account_id, "pod": account.pod_id, "tenant": None}[scope]
        paused = await self.steering.pause(
            client_id=account.client,
            scope=scope,
            scope_id=scope_id,
            reason="a rest",
            actor="a person",
        )
        self.facts.pauses.append(
            PauseFact(
                scope=scope,
                client=account.client,
                scope_id=scope_id,
                pause_id=paused.id,
                begins=self.wall(),
            )
        )

    async def _resume(self) -> None:
        rows = self.harness.database.rows(
            "select id, client_id, scope, scope_id, code from scheduler.pauses"
            " where resumed_at is null order by id"
        )
        if rows:
            await self.resume(self.dice.choice(rows))

    async def resume(self, row: dict[str, Any]) -> None:
        before = self.wall()
        provider = next(
            (p for p, a in self.facts.accounts.items() if a.account_id == row["scope_id"]), None
        )
        if row["code"] == "challenge" and provider is not None:
            self.harness.network.challenged.discard(provider)
            self.facts.answered.setdefault(provider, []).append(before)
        await self.steering.resume(pause_id=row["id"], client_id=row["client_id"], actor="a person")
        for pause in self.facts.pauses:
            if pause.pause_id == row["id"]:
                pause.ends = before

    def _account(self) -> Account:
        return self.facts.accounts[self.dice.choice(sorted(self.facts.accounts))]

    async def _run(self, query: str, *parameters: Any) -> None:
        async with self.pool.connection() as conn:
            await conn.execute(query, parameters)

    async def _withdraw(self) -> None:
        await self._consent(
            self._account(),
            self.dice.choice(("like", "comment", "repost", "publish")),
            granted=False,
        )

    async def _agree(self) -> None:
        held = [key for key, line in sorted(self.facts.consents.items()) if not line.now]
        if held:
            provider, kind = self.dice.choice(held)
            await self._consent(self.facts.accounts[provider], kind, granted=True)

    async def _consent(self, account: Account, kind: str, *, granted: bool) -> None:
        before = self.wall()
        await self._run(
            "insert into gateway.consents (client_id, account_id, kind, granted, text_version,"
            " text_sha256, by_user_id) values (%s, %s, %s, %s, 'test', decode(repeat('00', 32),"
            " 'hex'), %s)",
            account.client,
            account.account_id,
            kind,
            granted,
            account.user_id,
        )
        self.facts.consent(account.provider_id, kind).say(
            before if granted else self.wall(), granted
        )
        if not granted and self.dice.random() < 0.7:
            await self.steering.recheck(
                client_id=account.client, account_id=account.account_id, actor="a person"
            )

    async def _leave(self) -> None:
        await self._member(self._account(), active=False)

    async def _come_back(self) -> None:
        held = [one for one, line in self.facts.members.items() if not line.now]
        if held:
            member = self.dice.choice(held)
            await self._member(
                next(a for a in self.facts.accounts.values() if a.member_id == member), active=True
            )

    async def _member(self, account: Account, *, active: bool) -> None:
        before = self.wall()
        await self._run(
            "update gateway.pod_members set active = %s where id = %s", active, account.member_id
        )
        self.facts.member(account.member_id).say(before if active else self.wall(), active)

    async def _pod(self) -> None:
        pod = self._account().pod_id
        active = not self.facts.pod(pod).now
        before = self.wall()
        await self._run("update gateway.pods set active = %s where id = %s", active, pod)
        self.facts.pod(pod).say(before if active else self.wall(), active)

    async def _kind(self) -> None:
        pod, kind = self._account().pod_id, self.dice.choice(("like", "comment", "repost"))
        enabled = not self.facts.kind(pod, kind).now
        before = self.wall()
        await self._run(
            "update gateway.pods set policy = jsonb_set(policy, array[%s, 'enabled'], to_jsonb(%s))"
            " where id = %s",
            kind,
            enabled,
            pod,
        )
        self.facts.kind(pod, kind).say(before if enabled else self.wall(), enabled)

    async def _connection(self) -> None:
        account = self._account()
        connected = not self.facts.connection(account.provider_id).now
        before = self.wall()
        await self._run(
            "update gateway.accounts set status = %s where id = %s",
            "connected" if connected else "needs_login",
            account.account_id,
        )
        self.facts.connection(account.provider_id).say(
            before if connected else self.wall(), connected
        )

    async def _by_hand(self) -> None:
        if not self.world:
            return
        tenant, post = self.dice.choice(self.world)
        provider = self.dice.choice(tenant.provider_ids)
        sandbox = self.harness.network.app.sandbox
        person = sandbox.state.accounts[provider].person
        kind = self.dice.choice(("like", "comment", "repost"))
        if kind == "like":
            sandbox.state.react(
                author=person, post=post, value="EMPATHY", created_ms=sandbox.now_ms(), written=None
            )
        elif kind == "comment":
            sandbox.state.add_comment(
                author=person, post=post, text="Mine.", created_ms=sandbox.now_ms(), written=None
            )
        else:
            sandbox.state.add_post(
                author=person, text="", created_ms=sandbox.now_ms(), original=post
            )
        self.facts.by_hand.setdefault((provider, kind, post.social_id), self.wall())
