"""A queued post becomes one `publish` activity of its author's account (Q2: as queued, within the
limits).
"""

from datetime import datetime, timedelta
from uuid import UUID

from chorus.clock import Clock
from chorus.events import PostQueued, PublishFailed
from chorus.ids import activity_id
from chorus.kafka.envelope import encode
from chorus.outbox.store import append
from chorus.postgres.pool import Connection, Pool
from chorus.telemetry import metrics, tracing
from chorus.texts import fault
from chorus.vocabulary import Kind, Lane, Platform, State
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.decisions import About, Decision, LimitUse
from chorus_scheduler.domain.instants import MINUTE, to_micros
from chorus_scheduler.domain.limits import RateLimit, Rule, account_rule, with_slack
from chorus_scheduler.domain.placement import Booked, NoPlace, Placement, first_allowed, place
from chorus_scheduler.domain.planner import Performer, Planned
from chorus_scheduler.domain.sliding_windows import Limit
from chorus_scheduler.messages import SOURCE
from chorus_scheduler.planning.planner import seed_of
from chorus_scheduler.store import accounts, decisions, plan_inputs
from chorus_scheduler.store.accounts import Account, AccountStanding
from chorus_scheduler.store.limits import rate_limits
from chorus_scheduler.store.plan_inputs import Post
from chorus_scheduler.store.plan_writes import Storing, store


class PublishPlanner:
    """Plans the publication of queued posts."""

    def __init__(self, *, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def queue(self, event: PostQueued) -> None:
        """Put the post's one `publish` activity into the ledger; repeating changes nothing."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            await plan_inputs.lock_tenant(conn, event.client_id)
            account = await accounts.find(
                conn, client_id=event.client_id, account_id=event.account_id
            )
            refusal = _refusal(account) or _unfit(event.text)
            if account is None or refusal is not None:
                await _refuse(conn, event, refusal or reasons.ACCOUNT_MISSING(), now)
                return
            if await _is_there(conn, event):
                return
            found = await _place(conn, event, account.platform, now)
            if isinstance(found, NoPlace):
                await _refuse(conn, event, found.decision, now)
                return
            entry = _entry(event, account, found)
            await store(conn, [entry], _storing(event, account.platform, now))
        metrics.activities.planned.labels(Kind.PUBLISH, entry.state).inc()


def _refusal(account: Account | None) -> Decision | None:
    if account is None:
        return reasons.ACCOUNT_MISSING()
    if Kind.PUBLISH not in account.consented:
        return reasons.PUBLISHING_WITHOUT_CONSENT(name=account.name)
    return None


def _unfit(text: str) -> Decision | None:
    """It goes out byte for byte, so what nobody could read does not go out at all."""
    found = fault(text)
    if found is None:
        return None
    return reasons.POST_TEXT_UNFIT(fault=found)


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


async def _is_there(conn: Connection, event: PostQueued) -> bool:
    there = await plan_inputs.existing(conn, client_id=event.client_id, post_id=event.post_id)
    return any(each.id == _activity(event) for each in there)


def _activity(event: PostQueued) -> UUID:
    return activity_id(subject=event.post_id, account_id=event.account_id, kind=Kind.PUBLISH)


async def _place(
    conn: Connection, event: PostQueued, platform: Platform, now: datetime
) -> Placement | NoPlace:
    """At the time that a person chose, whatever the hours, if limits and presence allow it.

    Otherwise in the account's hours; and posts whose time has passed do not go out all at once.
    """
    account = (await accounts.standings(conn, [event.account_id])).get(event.account_id)
    row = (await rate_limits(conn)).find(event.client_id, event.account_id, platform, Kind.PUBLISH)
    rules = () if row is None else _rules(row, event, account, now)
    found = await plan_inputs.taken(conn, [event.account_id], [Kind.PUBLISH])
    taken = {scope: sorted(uses) for scope, uses in found.items()}
    desired = to_micros(max(now, event.scheduled_for))
    late = now - event.scheduled_for > _LATE_AFTER
    if late:
        booked = await plan_inputs.publications_booked(
            conn, event.client_id, since=now - _LATE_AFTER
        )
        taken[_late_scope(event)] = booked
    elif first_allowed(desired, rules, account.presence if account else None, taken) == (
        desired,
        None,
    ):
        return Placement(at=desired)
    return place(
        desired,
        rules=rules,
        hours=account.hours if account else None,
        taken=Booked(taken),
        pace=Rule(scope=_late_scope(event), limits=(_LATE_PACE,)),
        late=late,
    )


_LATE_AFTER = timedelta(minutes=1)
_LATE_PACE = Limit(name="pace", count=1, window=MINUTE)
"""A tenant's posts whose time has passed follow each other at this distance."""


def _late_scope(event: PostQueued) -> str:
    return f"late:{event.client_id}:publish"


def _entry(event: PostQueued, account: Account, found: Placement) -> Planned:
    return Planned(
        id=_activity(event),
        by=Performer(
            account_id=account.id,
            provider_account_id=account.provider_account_id,
            name=account.name,
        ),
        kind=Kind.PUBLISH,
        state=State.SCHEDULED,
        at=found.at,
        text=event.text,
        decision=_explain(event, found),
    )


def _explain(event: PostQueued, found: Placement) -> Decision:
    moved_by, at = found.moved_by, found.at
    if found.absent:
        return reasons.POST_MOVED_BY_ABSENCE(next_possible_at=at)
    if isinstance(moved_by, LimitUse):
        return reasons.POST_MOVED_BY_LIMIT(
            limit_name=moved_by.name, value=moved_by.value, limit=moved_by, next_possible_at=at
        )
    if moved_by is not None:
        return reasons.POST_MOVED_TO_HOURS(next_possible_at=at)
    passed = at > to_micros(event.scheduled_for)
    why = reasons.PUBLISHED_AT_ONCE if passed else reasons.PUBLISHED_AT_ITS_TIME
    return why(next_possible_at=at)


def _rules(
    row: RateLimit, event: PostQueued, account: AccountStanding | None, now: datetime
) -> tuple[Rule, ...]:
    if account is None:
        return ()
    age = (now - account.warms_from) / timedelta(days=1)
    return (with_slack(account_rule(row, event.account_id, age)),)


def _storing(event: PostQueued, platform: Platform, now: datetime) -> Storing:
    post = Post(
        post_id=event.post_id,
        client_id=event.client_id,
        pod_id=event.pod_id,
        author_account_id=event.account_id,
        platform=platform,
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
