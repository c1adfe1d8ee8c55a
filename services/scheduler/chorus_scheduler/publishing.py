"""A queued post becomes one `publish` activity of its author's account (Q2: as queued, within the
limits).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chorus import metrics, tracing
from chorus.clock import Clock
from chorus.events import PostQueued, PublishFailed
from chorus.ids import activity_id
from chorus.kafka.envelope import encode
from chorus.outbox.store import append
from chorus.postgres.pool import Connection, Pool
from chorus.vocabulary import Kind, Lane, Platform, State
from chorus_scheduler.commands import SOURCE
from chorus_scheduler.domain.decisions import About, Decision
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.domain.limits import Rule, account_rule, with_slack
from chorus_scheduler.domain.placement import first_allowed
from chorus_scheduler.domain.planner import Member, Planned
from chorus_scheduler.planning import seed_of
from chorus_scheduler.store import decisions, due, plans
from chorus_scheduler.store.limits import rate_limits
from chorus_scheduler.store.planned import Storing, store
from chorus_scheduler.store.plans import Post
from chorus_scheduler.store.rows import QUERIES


class PublishPlanner:
    """Plans the publication of queued posts."""

    def __init__(self, *, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def queue(self, event: PostQueued) -> None:
        """Put the post's one `publish` activity into the ledger; repeating changes nothing."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            await plans.lock_tenant(conn, event.client_id)
            parameters = {"account_id": event.account_id, "client_id": event.client_id}
            account = await (await conn.execute(QUERIES.find_account, parameters)).fetchone()
            refusal = _refusal(account)
            if account is None or refusal is not None:
                await _refuse(conn, event, refusal or _NO_ACCOUNT, now)
                return
            entry = await _place(conn, event, account, now)
            if await _is_there(conn, event, entry):
                return
            await store(conn, [entry], _storing(event, now))
        metrics.activities.planned.labels(Kind.PUBLISH, entry.state).inc()


_NO_ACCOUNT = Decision(
    code="account_missing",
    sentence="The account that was to publish the post does not exist any more.",
)


def _refusal(account: Mapping[str, Any] | None) -> Decision | None:
    if account is None:
        return _NO_ACCOUNT
    if Kind.PUBLISH not in account["consented_kinds"]:
        sentence = (
            f"{account['display_name']} has not agreed that posts are published by this account."
        )
        return Decision(code="no_consent", sentence=sentence)
    return None


async def _refuse(conn: Connection, event: PostQueued, decision: Decision, now: datetime) -> None:
    about = About(
        client_id=event.client_id,
        post_id=event.post_id,
        account_id=event.account_id,
        kind=Kind.PUBLISH,
        correlation_id=event.correlation_id,
    )
    await decisions.record(conn, [(about, decision)])
    failed = PublishFailed(
        client_id=event.client_id,
        post_id=event.post_id,
        state=State.SKIPPED,
        reason=decision.sentence,
        correlation_id=event.correlation_id,
    )
    parent = tracing.current.get()
    await append(conn, "scheduler", [encode(failed, source=SOURCE, time=now, traceparent=parent)])


async def _is_there(conn: Connection, event: PostQueued, entry: Planned) -> bool:
    there = await plans.existing(conn, client_id=event.client_id, post_id=event.post_id)
    return any(row["id"] == entry.id for row in there)


async def _place(
    conn: Connection, event: PostQueued, account: Mapping[str, Any], now: datetime
) -> Planned:
    rules = await _rules(conn, event, account, now)
    taken = await plans.taken(conn, [event.account_id], [Kind.PUBLISH])
    desired = to_micros(max(now, event.scheduled_for))
    slot, forced = first_allowed(desired, rules, None, {k: sorted(v) for k, v in taken.items()})
    if forced is None or isinstance(forced, str):
        decision = Decision(
            code="planned",
            sentence="The post goes out at the time it was queued for.",
            next_possible_at=slot,
        )
    else:
        sentence = f"The post goes out later than queued: {forced.name} allows {forced.value}."
        decision = Decision(
            code="moved_by_limit", sentence=sentence, limit=forced, next_possible_at=slot
        )
    return Planned(
        id=activity_id(post_id=event.post_id, account_id=event.account_id, kind=Kind.PUBLISH),
        member=_author(event.account_id, account),
        kind=Kind.PUBLISH,
        state=State.SCHEDULED,
        at=slot,
        text=event.text,
        decision=decision,
    )


async def _rules(
    conn: Connection, event: PostQueued, account: Mapping[str, Any], now: datetime
) -> tuple[Rule, ...]:
    limits = await rate_limits(conn)
    row = limits.find(event.client_id, event.account_id, event.platform, Kind.PUBLISH)
    standing = (await due.accounts(conn, [event.account_id])).get(account["account_id"])
    if row is None or standing is None:
        return ()
    age = (now - standing.connected_at) / timedelta(days=1)
    return (with_slack(account_rule(row, event.account_id, age)),)


def _author(account_id: UUID, account: Mapping[str, Any]) -> Member:
    return Member(
        member_id=account_id,
        account_id=account_id,
        provider_account_id=account["provider_account_id"],
        name=account["display_name"],
        active=True,
        connected=account["status"] == "connected",
        kinds=frozenset({Kind.PUBLISH}),
        consented=frozenset({Kind.PUBLISH}),
    )


def _storing(event: PostQueued, now: datetime) -> Storing:
    post = Post(
        post_id=event.post_id,
        client_id=event.client_id,
        pod_id=event.pod_id,
        author_account_id=event.account_id,
        platform=Platform(event.platform),
        url=None,
        social_id=None,
        text=event.text,
        state="queued",
        published_at=None,
        comment_texts=(),
        correlation_id=event.correlation_id,
        amplify=True,
    )
    return Storing(
        post=post,
        pod_id=event.pod_id,
        lane={Kind.PUBLISH: Lane.API},
        seed=seed_of(event.post_id),
        reaction="like",
        approval_expires=timedelta(0),
        actor=str(event.requested_by or decisions.SYSTEM),
        correlation_id=event.correlation_id,
        traceparent=tracing.child_of(tracing.current.get()),
        time=now,
        priority=event.priority,
    )
