"""The port `Scheduler`: the fake answers as the real one does."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chorus import texts
from chorus.documents.activity_commands import (
    Approve,
    Cancel,
    Decide,
    DoneByHand,
    Moved,
    Postpone,
    Reject,
    Retry,
    Reword,
)
from chorus.documents.limits import Amounts, RemoveLimit, SetLimit
from chorus.documents.queue_clearing import ClearQueue
from chorus.ids import new_id
from chorus.vocabulary import ApprovalMode, Kind, Platform, State
from chorus_gateway.scheduler.port import Plan, SchedulerRefusal
from tests.contract.gateway.conftest import Stage

ALL = (Kind.LIKE, Kind.COMMENT, Kind.REPOST)


async def _plan(
    stage: Stage,
    post_id: UUID,
    kinds: tuple[Kind, ...] = ALL,
    *,
    dry_run: bool = False,
    client_id: UUID | None = None,
    seed: int | None = None,
) -> Plan:
    return await stage.scheduler.plan(
        client_id=client_id or stage.client_id,
        post_id=post_id,
        kinds=kinds,
        dry_run=dry_run,
        actor="user:x",
        correlation_id="c",
        seed=seed,
    )


async def _one(stage: Stage, kind: Kind) -> UUID:
    """The id of one planned activity."""
    await stage.member()
    plan = await _plan(stage, await stage.post(), (kind,))
    return plan.planned[0].id


async def _refused(moving: object) -> SchedulerRefusal:
    with pytest.raises(SchedulerRefusal) as caught:
        await moving  # type: ignore[misc]
    return caught.value


async def test_a_preview_is_the_plan(stage: Stage) -> None:
    """P3: the same seed gives the same plan, and the preview stores nothing."""
    for _ in range(2):
        await stage.member()
    post_id = await stage.post()
    preview = await _plan(stage, post_id, dry_run=True, seed=11)
    assert not preview.stored
    assert len(preview.planned) == 6
    assert (preview.seed, preview.existing) == (11, ())
    plan = await _plan(stage, post_id, seed=preview.seed)
    assert plan.stored
    assert [(a.id, a.scheduled_for) for a in plan.planned] == [
        (a.id, a.scheduled_for) for a in preview.planned
    ]
    assert {a.kind: a.state for a in plan.planned} == {
        Kind.LIKE: State.SCHEDULED,
        Kind.COMMENT: State.AWAITING_APPROVAL,
        Kind.REPOST: State.SCHEDULED,
    }
    assert all(a.reason and a.reason_code and a.member_name for a in plan.planned)


async def test_planning_again_adds_nothing(stage: Stage) -> None:
    """Invariant 1: one intent is one activity."""
    await stage.member()
    post_id = await stage.post()
    first = await _plan(stage, post_id)
    second = await _plan(stage, post_id)
    assert second.planned == ()
    assert {a.id for a in second.existing} == {a.id for a in first.planned}


async def test_what_cannot_be_planned_is_refused_by_name(stage: Stage) -> None:
    """P3: unknown, foreign and unpublished posts, and a pod of nobody."""
    alone = await _refused(_plan(stage, await stage.post()))
    assert (alone.code, alone.status, str(alone)) == (
        "no_pod_members",
        400,
        "No pod members found",
    )
    await stage.member()
    unknown = await _refused(_plan(stage, new_id()))
    foreign = await _refused(_plan(stage, await stage.post(), client_id=stage.other_client_id))
    for refusal in (unknown, foreign):
        assert (refusal.code, refusal.status) == ("post_not_found", 404)
    early = await _refused(_plan(stage, await stage.post(published=False)))
    assert (early.code, early.status) == ("post_not_published", 409)


async def test_a_waiting_activity_is_approved_or_rejected_once(stage: Stage) -> None:
    """A person's yes and no; a second word is not allowed."""
    who = {"client_id": stage.client_id, "activity_id": await _one(stage, Kind.COMMENT)}
    for read in (None, texts.digest("What stood there before.")):
        refusal = await _refused(
            stage.scheduler.command(Approve(**who, actor="user:x", text_sha256=read))
        )
        assert (refusal.code, refusal.status) == ("text_changed", 409)
    shown = await stage.scheduler.command(Reword(**who, actor="user:x", text="So tru."))
    moved = await stage.scheduler.command(
        Approve(**who, actor="user:x", text="So true.", text_sha256=shown.text_sha256)
    )
    assert moved.state is State.SCHEDULED
    assert moved.reason
    assert moved.text == "So true."
    again = await _refused(stage.scheduler.command(Approve(**who, actor="user:y")))
    assert (again.code, again.status) == ("decided_already", 409)
    assert again.decided is not None
    assert (again.decided.decision, again.decided.decided_by) == ("approved", "user:x")
    assert again.decided.decided_at == stage.clock.now()
    other = {"client_id": stage.client_id, "activity_id": await _one(stage, Kind.COMMENT)}
    rejected = await stage.scheduler.command(Reject(**other, actor="user:x", reason="Not this."))
    assert rejected.state is State.CANCELLED


async def test_a_yes_is_the_owners_where_they_want_to_be_asked(stage: Stage) -> None:
    """P7: nobody's yes makes a suggestion go out, and only the owner's where they are asked."""
    account_id = await stage.member()
    plan = await _plan(stage, await stage.post(), (Kind.COMMENT,))
    (comment,) = [one for one in plan.planned if one.account_id == account_id]
    who = {"client_id": stage.client_id, "activity_id": comment.id, "actor": "user:x"}
    read = {"text_sha256": comment.text_sha256}
    await stage.wants(account_id, ApprovalMode.APPROVE_EACH)
    refusal = await _refused(stage.scheduler.command(Approve(**who, **read)))
    assert (refusal.code, refusal.status) == ("owners_yes_needed", 409)
    await stage.wants(account_id, ApprovalMode.SUGGEST)
    refusal = await _refused(stage.scheduler.command(Approve(**who, **read, by_owner=True)))
    assert (refusal.code, refusal.status) == ("suggestion_only", 409)
    done = await stage.scheduler.command(DoneByHand(**who))
    assert (done.state, done.reason_code) == (State.EXECUTED, "done_by_hand")
    again = await _refused(stage.scheduler.command(DoneByHand(**who)))
    assert again.code == "move_not_allowed"


async def test_what_it_says_is_changed_until_it_is_handed_over(stage: Stage) -> None:
    """P5: other words for a comment or a repost; none for a repost alone."""
    comment, repost = await _one(stage, Kind.COMMENT), await _one(stage, Kind.REPOST)

    async def reword(activity_id: UUID, text: str | None) -> Moved:
        return await stage.scheduler.command(
            Reword(client_id=stage.client_id, activity_id=activity_id, actor="user:x", text=text)
        )

    assert (await reword(comment, "So true.")).text == "So true."
    for text in ("Look at this.", None):
        moved = await reword(repost, text)
        assert (moved.text, moved.state) == (text, State.SCHEDULED)
    assert (await _refused(reword(comment, None))).code == "text_needed"
    like = await _one(stage, Kind.LIKE)
    assert (await _refused(reword(like, "Words."))).code == "text_not_allowed"
    assert (await _refused(reword(new_id(), "Words."))).code == "activity_not_found"
    await stage.force(repost, State.EXECUTED)
    late = await _refused(reword(repost, "Too late."))
    assert (late.code, late.status) == ("move_not_allowed", 409)


async def test_nobody_speaks_without_consent_to_comments(stage: Stage) -> None:
    """Invariant 4: a repost keeps silent, by an edit and by an approval."""
    account_id = await stage.member()
    plan = await _plan(stage, await stage.post(), (Kind.REPOST,))
    (repost,) = [planned.id for planned in plan.planned if planned.account_id == account_id]
    await stage.withdraw(account_id)
    who = {"client_id": stage.client_id, "activity_id": repost, "actor": "user:x"}
    assert (
        await _refused(stage.scheduler.command(Reword(**who, text="Words.")))
    ).code == "consent_missing"
    assert (await stage.scheduler.command(Reword(**who, text=None))).text is None


async def test_a_scheduled_activity_is_cancelled_and_a_failed_one_retried(stage: Stage) -> None:
    """Invariant 6, P7; an unknown outcome is looked into, never just repeated."""
    first = await _one(stage, Kind.LIKE)

    async def move(name: str, activity_id: UUID) -> Moved:
        command = Cancel if name == "cancel" else Retry
        who = {"client_id": stage.client_id, "activity_id": activity_id, "actor": "user:x"}
        return await stage.scheduler.command(command(**who, reason="Because."))

    assert (await move("cancel", first)).state is State.CANCELLED
    assert (await _refused(move("retry", first))).code == "move_not_allowed"
    await stage.force(first, State.FAILED)
    assert (await move("retry", first)).state is State.SCHEDULED
    await stage.force(first, State.UNKNOWN)
    assert (await move("retry", first)).state is State.UNKNOWN
    await stage.force(first, State.EXECUTED)
    for name in ("cancel", "retry"):
        assert (await _refused(move(name, first))).code == "move_not_allowed"


async def test_a_person_decides_what_nobody_could_tell(stage: Stage) -> None:
    """Finding D13: it is there, or it is not; only of what is unknown."""
    first = await _one(stage, Kind.LIKE)

    async def decide(*, happened: bool) -> Moved:
        return await stage.scheduler.command(
            Decide(
                client_id=stage.client_id,
                activity_id=first,
                actor="user:x",
                happened=happened,
                reason="I looked.",
            )
        )

    assert (await _refused(decide(happened=True))).code == "move_not_allowed"
    await stage.force(first, State.UNKNOWN)
    assert (await decide(happened=False)).state is State.SCHEDULED
    await stage.force(first, State.UNKNOWN)
    assert (await decide(happened=True)).state is State.EXECUTED
    assert (await _refused(decide(happened=False))).code == "move_not_allowed"


async def test_what_is_planned_is_postponed_and_never_brought_forward(stage: Stage) -> None:
    """Invariant 6: not before then; what is under way cannot be."""
    who = {"client_id": stage.client_id, "activity_id": await _one(stage, Kind.LIKE)}

    async def postpone(until: datetime) -> Moved:
        command = Postpone(**who, actor="user:x", until=until, reason="Not today.")
        return await stage.scheduler.command(command)

    first = await postpone(datetime(2100, 1, 1, tzinfo=UTC) - timedelta(days=30))
    assert first.state is State.SCHEDULED
    assert first.scheduled_for is not None
    assert first.scheduled_for >= datetime(2099, 12, 1, tzinfo=UTC)
    again = await postpone(datetime(2026, 1, 1, tzinfo=UTC))
    assert again.scheduled_for == first.scheduled_for
    await stage.force(who["activity_id"], State.EXECUTED)
    assert (await _refused(postpone(first.scheduled_for))).code == "move_not_allowed"


async def test_what_is_unknown_stays_so_when_it_is_called_off(stage: Stage) -> None:
    """Finding A2: a wish does not undo what may have happened."""
    first = await _one(stage, Kind.LIKE)
    await stage.force(first, State.UNKNOWN)
    moved = await stage.scheduler.command(
        Cancel(
            client_id=stage.client_id, activity_id=first, actor="user:x", reason="Changed my mind."
        )
    )
    assert moved.state is State.UNKNOWN


async def test_unknown_and_foreign_activities_are_not_found(stage: Stage) -> None:
    """P10: another tenant's activity is not there."""
    mine = await _one(stage, Kind.COMMENT)
    for client_id, activity_id in (
        (stage.client_id, new_id()),
        (stage.other_client_id, mine),
    ):
        refusal = await _refused(
            stage.scheduler.command(
                Approve(client_id=client_id, activity_id=activity_id, actor="user:x")
            )
        )
        assert (refusal.code, refusal.status) == ("activity_not_found", 404)


async def test_a_pause_is_made_once_and_ended_once(stage: Stage) -> None:
    """Invariant 6; another tenant cannot end it."""
    scope = {"client_id": stage.client_id, "scope": "tenant", "scope_id": None}

    async def pause() -> UUID:
        return await stage.scheduler.pause(**scope, reason="Because.", actor="user:x")  # type: ignore[arg-type]

    async def resume(pause_id: UUID, client_id: UUID = stage.client_id) -> None:
        await stage.scheduler.resume(client_id=client_id, pause_id=pause_id, actor="user:x")

    pause_id = await pause()
    assert (await _refused(pause())).code == "pause_conflict"
    for wrong in (resume(new_id()), resume(pause_id, stage.other_client_id)):
        assert (await _refused(wrong)).code == "pause_not_found"
    await resume(pause_id)
    assert (await _refused(resume(pause_id))).code == "pause_conflict"
    assert await pause() != pause_id


async def test_a_recheck_cancels_what_is_no_longer_agreed_to(stage: Stage) -> None:
    """Invariant 4: and tells how much."""
    account_id = await stage.member()
    await _plan(stage, await stage.post())

    async def recheck() -> int:
        return await stage.scheduler.recheck(
            client_id=stage.client_id, account_id=account_id, actor="user:x"
        )

    assert await recheck() == 0
    await stage.withdraw(account_id)
    assert await recheck() == 3
    assert await recheck() == 0


async def test_a_queue_is_cleared_once(stage: Stage) -> None:
    """A4: counted before, called off, and nothing of it is left; nothing of another tenant's."""
    account_id = await stage.member()
    await stage.member()
    first, second = await stage.post(), await stage.post()
    plan = await _plan(stage, first)
    await _plan(stage, second, (Kind.LIKE,))

    async def clear(
        scope: str, scope_id: UUID | None = None, client_id: UUID | None = None, **more: object
    ) -> tuple[int, ...]:
        asked = {"client_id": client_id or stage.client_id, "scope": scope, "scope_id": scope_id}
        command = ClearQueue.model_validate(asked | {"reason": "Over.", "actor": "user:x"} | more)
        found = await stage.scheduler.clear_queue(command)
        return found.planned, found.out, found.removed, found.stopped, found.left

    assert await clear("tenant", client_id=stage.other_client_id) == (0, 0, 0, 0, 0)
    assert await clear("tenant", dry_run=True) == (8, 0, 0, 0, 0)
    assert await clear("post", second) == (2, 0, 2, 0, 0)
    assert await clear("account", account_id) == (3, 0, 3, 0, 0)
    left = [each.id for each in plan.planned if each.account_id != account_id]
    await stage.force(left[0], State.UNKNOWN)
    assert await clear("tenant") == (2, 1, 2, 1, 0)
    assert await clear("tenant") == (0, 0, 0, 0, 0)


async def test_absences_are_applied_and_their_effect_is_told(stage: Stage) -> None:
    """Nobody is away: nothing moves; nor for an account that nobody knows."""
    account_id = await stage.member()
    await _plan(stage, await stage.post())
    for account in (account_id, new_id()):
        applied = await stage.scheduler.absences_changed(
            client_id=stage.client_id, account_id=account, actor="user:x"
        )
        assert (applied.moved, applied.ended) == (0, 0)


async def test_a_limit_holds_from_when_it_is_set_to_when_it_is_removed(stage: Stage) -> None:
    """I3: what an account may do, and from where that comes."""
    account_id = await stage.member()
    amounts = Amounts(per_hour=4, per_day=20, cooldown_seconds=90.0)

    async def shown() -> tuple[str, Amounts]:
        found = await stage.scheduler.limits(client_id=stage.client_id, account_id=account_id)
        (like,) = [each for each in found.kinds if each.kind is Kind.LIKE]
        return like.source, like.amounts

    default = Amounts(per_hour=10, per_day=50, cooldown_seconds=60.0)
    assert await shown() == ("default", default)
    await stage.scheduler.set_limit(_limit(stage, account_id, amounts))
    assert await shown() == ("account", amounts)
    await stage.scheduler.remove_limit(_no_limit(stage, account_id, seen=stage.clock.now()))
    assert await shown() == ("default", default)


async def test_an_owners_limit_stands_beside_that_of_who_manages(stage: Stage) -> None:
    """INVARIANT (I6): neither overwrites nor removes the other's, and the least of both holds."""
    account_id = await stage.member()
    four, six = (Amounts(per_hour=n, per_day=20, cooldown_seconds=90.0) for n in (4, 6))

    async def held() -> int | None:
        found = await stage.scheduler.limits(client_id=stage.client_id, account_id=account_id)
        return next(each.amounts.per_hour for each in found.kinds if each.kind is Kind.LIKE)

    await stage.scheduler.set_limit(_limit(stage, account_id, four, by_owner=True))
    await stage.scheduler.set_limit(_limit(stage, account_id, six))
    assert await held() == 4
    await stage.scheduler.remove_limit(_no_limit(stage, account_id, seen=stage.clock.now()))
    assert await held() == 4
    await stage.scheduler.set_limit(_limit(stage, account_id, six))
    mine = _no_limit(stage, account_id, seen=stage.clock.now(), by_owner=True)
    await stage.scheduler.remove_limit(mine)
    assert await held() == 6


async def test_nobody_sets_a_limit_over_one_that_they_have_not_seen(stage: Stage) -> None:
    """Two who decide at once do not overwrite each other."""
    account_id = await stage.member()
    amounts = Amounts(per_hour=4, per_day=20, cooldown_seconds=90.0)
    await stage.scheduler.set_limit(_limit(stage, account_id, amounts))
    again = stage.scheduler.set_limit(_limit(stage, account_id, amounts))
    assert (await _refused(again)).code == "limit_changed"
    other = stage.clock.now() - timedelta(seconds=1)
    remove = stage.scheduler.remove_limit(_no_limit(stage, account_id, seen=other))
    assert (await _refused(remove)).code == "limit_changed"


async def test_an_owners_pause_stands_beside_another_persons(stage: Stage) -> None:
    """I6: whoever else stopped the account, and lets it go on, the owner's stop holds."""
    account_id = await stage.member()
    scope = {"client_id": stage.client_id, "scope": "account", "scope_id": account_id}

    async def pause(actor: str, *, own: bool) -> UUID:
        return await stage.scheduler.pause(**scope, reason="Because.", actor=actor, own=own)  # type: ignore[arg-type]

    admins = await pause("user:ada", own=False)
    await pause("user:mia", own=True)
    assert (await _refused(pause("user:mia", own=True))).code == "pause_conflict"
    await stage.scheduler.resume(client_id=stage.client_id, pause_id=admins, actor="user:ada")
    assert (await _refused(pause("user:mia", own=True))).code == "pause_conflict"


async def test_nobody_sees_the_limits_of_another_teams_account(stage: Stage) -> None:
    """P10."""
    account_id = await stage.member()
    for client, account in ((stage.other_client_id, account_id), (stage.client_id, new_id())):
        refusal = await _refused(stage.scheduler.limits(client_id=client, account_id=account))
        assert (refusal.code, refusal.status) == ("account_not_found", 404)


async def test_why_an_account_does_nothing(stage: Stage) -> None:
    """B6: what holds it, and what comes next."""
    account_id = await stage.member()
    ask = {"client_id": stage.client_id, "account_id": account_id}
    before = await stage.scheduler.why_idle(**ask)
    assert before.next_act is None
    plan = await _plan(stage, await stage.post(), (Kind.LIKE,))
    await stage.scheduler.pause(
        client_id=stage.client_id,
        scope="account",
        scope_id=account_id,
        reason="A holiday.",
        actor="user:x",
    )
    found = await stage.scheduler.why_idle(**ask)
    assert found.next_act is not None
    assert found.next_act.activity_id == plan.planned[0].id
    assert found.obstacles[0].code == "paused"
    other = stage.scheduler.why_idle(client_id=stage.other_client_id, account_id=account_id)
    assert (await _refused(other)).code == "account_not_found"


def _limit(stage: Stage, account_id: UUID, amounts: Amounts, *, by_owner: bool = False) -> SetLimit:
    return SetLimit(
        by_owner=by_owner,
        client_id=stage.client_id,
        account_id=account_id,
        platform=Platform.LINKEDIN,
        kind=Kind.LIKE,
        actor="user:x",
        amounts=amounts,
        narrows=True,
    )


def _no_limit(
    stage: Stage, account_id: UUID, *, seen: datetime, by_owner: bool = False
) -> RemoveLimit:
    return RemoveLimit(
        by_owner=by_owner,
        client_id=stage.client_id,
        account_id=account_id,
        platform=Platform.LINKEDIN,
        kind=Kind.LIKE,
        actor="user:x",
        seen=seen,
    )
