"""What an account's owner leaves to Chorus: by itself, after their own yes, or nothing (P7)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from chorus import texts
from chorus.documents import KindPolicy, PodPolicy
from chorus.documents.activity_commands import (
    Approve,
    Decide,
    DoneByHand,
    Postpone,
    Reject,
    Retry,
)
from chorus.events import ActivityDue
from chorus.ids import new_id
from chorus.vocabulary import Kind, Mode, Outcome, State
from chorus_lab.seeding import make_post
from chorus_scheduler.errors import (
    DecidedAlready,
    DoneElsewhere,
    MoveNotAllowed,
    OwnersYesNeeded,
    SuggestionOnly,
)
from chorus_scheduler.planning.inputs import PlanRequest
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome


async def _wants(world: World, mode: str | None, *, kind: str = "like") -> None:
    """What the owners of all accounts want; the gateway's word to the scheduler is lost."""
    modes = {} if mode is None else {kind: mode}
    await world.owner.execute("update gateway.accounts set approval_modes = %s", (Jsonb(modes),))


async def _planned(world: World, kind: Kind = Kind.LIKE) -> list[dict[str, Any]]:
    thoughts = [f"A thought, number {number}" for number in range(10)]
    post = await make_post(world.owner, world.tenant, published_at=NOW, comment_texts=thoughts)
    request = PlanRequest(
        client_id=world.tenant.client_id,
        post_id=post,
        kinds=[kind],
        actor="test",
        correlation_id="c",
    )
    await world.planner.plan(request)
    return [row for row in await world.activities() if row["post_id"] == post]


def _who(world: World, activity: UUID, actor: str = "user:ada") -> dict[str, Any]:
    return {"client_id": world.tenant.client_id, "activity_id": activity, "actor": actor}


async def _row(world: World, activity: UUID) -> dict[str, Any]:
    return next(row for row in await world.activities() if row["id"] == activity)


async def _recheck(world: World, *rows: dict[str, Any]) -> None:
    for account in {row["account_id"] for row in rows}:
        await world.steering.recheck(
            client_id=world.tenant.client_id, account_id=account, actor="user:ada"
        )


async def _one_out(world: World) -> ActivityDue:
    """The first of a post, handed over."""
    rows = await _planned(world)
    world.clock.move_to(rows[0]["due_at"])
    return (await world.dispatch_all())[0]


def _is_suggestion(row: dict[str, Any]) -> bool:
    waits = row["state"] == "awaiting_approval" and row["approval"] == "not_needed"
    return bool(row["suggested"]) and waits and row["reason_code"] == "suggested"


async def test_a_suggestion_is_planned_and_never_handed_over(world: World) -> None:
    """INVARIANT: what its person does by hand reaches no executor: not approved, not rechecked,
    not retried after its time, not postponed, and not when more is allowed later.
    """
    await _wants(world, "suggest")
    rows = await _planned(world)
    assert len(rows) == 8
    assert all(_is_suggestion(row) for row in rows)
    first, second = rows[0]["id"], rows[1]["id"]
    for by_owner in (False, True):
        with pytest.raises(SuggestionOnly):
            await world.steering.approve(Approve(**_who(world, first), by_owner=by_owner))
    until = rows[1]["due_at"] + timedelta(hours=1)
    await world.steering.postpone(Postpone(**_who(world, second), until=until))
    await _wants(world, None)
    await _recheck(world, *rows)
    world.clock.advance(timedelta(days=3))
    assert await world.dispatch_all() == []
    assert await world.sweeper.approvals() == 8
    row = await _row(world, first)
    assert (row["state"], row["reason_code"]) == ("skipped", "suggestion_expired")
    retried = await world.steering.retry(Retry(**_who(world, first)))
    assert (retried.state, retried.suggested) == (State.AWAITING_APPROVAL, True)
    world.clock.advance(timedelta(hours=1))
    assert await world.dispatch_all() == []
    assert _is_suggestion(await _row(world, first))
    assert await world.sweeper.approvals() == 0


@pytest.mark.parametrize(
    "change",
    [
        "state = 'scheduled'",
        "state = 'dispatched', mode = 'perform', lease_until = now(), unheard = '{1}'",
        "state = 'scheduled', approval = 'given', approved_by = 'x', approved_at = now()",
    ],
)
async def test_the_database_refuses_to_hand_a_suggestion_over(world: World, change: str) -> None:
    """INVARIANT: whatever a program of ours does wrong, also one of before."""
    await _wants(world, "suggest")
    rows = await _planned(world)
    with pytest.raises(psycopg.errors.CheckViolation):
        await world.owner.execute(
            f"update scheduler.activities set {change} where id = %s",  # noqa: S608
            (rows[0]["id"],),
        )


@pytest.mark.parametrize("told", ["by the gateway", "by the sweep", "not at all"])
async def test_what_is_planned_follows_a_narrower_word(world: World, told: str) -> None:
    """Invariant 6: told at once, by a sweep where the word was lost, or asked at hand-over."""
    rows = await _planned(world)
    await _wants(world, "suggest")
    if told == "by the gateway":
        await _recheck(world, *rows)
    elif told == "by the sweep":
        await world.sweeper.consents()
    if told != "not at all":
        assert all(_is_suggestion(row) for row in await world.activities())
    world.clock.advance(timedelta(hours=3))
    assert await world.dispatch_all() == []
    after = await world.activities()
    assert all(_is_suggestion(row) for row in after)
    assert all(row["approval_expires_at"] > world.clock.now() for row in after)
    assert (await world.decisions(rows[0]["id"]))[-1] == "suggested"


async def test_the_owner_is_asked_and_nobody_else_may_say_yes(world: World) -> None:
    """Invariant 4: what an admin approved before is asked again; the owner's own yes counts."""
    rows = await _planned(world, Kind.COMMENT)
    first, second = rows[0], rows[1]
    await world.approve(_who(world, first["id"], "user:admin"))
    owners = {"text_sha256": texts.digest(second["draft_text"]), "by_owner": True}
    await world.steering.approve(Approve(**_who(world, second["id"]), **owners))
    await _wants(world, "approve_each", kind="comment")
    await _recheck(world, *rows)
    again = await _row(world, first["id"])
    assert (again["state"], again["approval"]) == ("awaiting_approval", "waiting")
    assert (again["reason_code"], again["approved_by"]) == ("owner_asks", None)
    assert (await _row(world, second["id"]))["state"] == "scheduled"
    with pytest.raises(OwnersYesNeeded):
        await world.approve(_who(world, first["id"], "user:admin"))
    said = {"text_sha256": texts.digest(first["draft_text"]), "by_owner": True}
    await world.steering.approve(Approve(**_who(world, first["id"]), **said))
    world.clock.advance(timedelta(hours=7))
    sent = await world.dispatch_all()
    assert {command.activity_id for command in sent} <= {first["id"], second["id"]}
    assert sent


async def test_a_like_waits_for_the_owner_who_wants_to_be_asked(world: World) -> None:
    """Each member's own word: the pod asks for no yes to likes."""
    await _wants(world, "approve_each")
    rows = await _planned(world)
    assert {(row["state"], row["approval"]) for row in rows} == {("awaiting_approval", "waiting")}
    assert {row["reason_code"] for row in rows} == {"owner_asks"}
    await world.steering.approve(Approve(**_who(world, rows[0]["id"]), by_owner=True))
    world.clock.advance(timedelta(hours=1))
    assert [each.activity_id for each in await world.dispatch_all()] == [rows[0]["id"]]


async def test_a_policy_may_suggest_and_a_member_narrows_it(world: World) -> None:
    """The narrower of the pod's word and the owner's holds."""
    policy = PodPolicy(like=KindPolicy(from_seconds=1, to_seconds=60, approval="suggest"))
    await world.owner.execute("update gateway.pods set policy = %s", (policy.model_dump_json(),))
    await _wants(world, "auto")
    assert all(_is_suggestion(row) for row in await _planned(world))


@pytest.mark.parametrize("mode", ["suggest", "approve_each"])
@pytest.mark.parametrize("came", ["withheld", "failed", "not there"])
async def test_what_was_out_comes_back_to_its_person(world: World, came: str, mode: str) -> None:
    """Changed while it is out: as a pause; what may have happened is looked for first."""
    command = await _one_out(world)
    await _wants(world, mode)
    if came == "withheld":
        code = "suggest_only" if mode == "suggest" else "approval_needed"
        news = outcome(command, Outcome.WITHHELD).model_copy(update={"withheld_code": code})
        await world.settle(news)
    elif came == "failed":
        await world.settle(outcome(command, Outcome.FAILED))
    else:
        await world.settle(outcome(command, Outcome.UNKNOWN))
        await world.owner.execute(
            "update scheduler.activities set needs_person = true where id = %s",
            (command.activity_id,),
        )
        await _recheck(world, await _row(world, command.activity_id))
        assert (await _row(world, command.activity_id))["state"] == "unknown"
        who = _who(world, command.activity_id)
        moved = await world.steering.decide(Decide(**who, happened=False, reason="I looked."))
        assert moved.state is State.AWAITING_APPROVAL
    world.clock.advance(timedelta(minutes=2))
    sent = await world.dispatch_all()
    assert command.activity_id not in {each.activity_id for each in sent}
    row = await _row(world, command.activity_id)
    assert row["state"] == "awaiting_approval"
    assert row["suggested"] is (mode == "suggest")
    assert row["reason_code"] == ("suggested" if mode == "suggest" else "owner_asks")


async def test_what_is_found_of_a_former_call_is_done(world: World) -> None:
    """A look goes on for a call that may have acted, whatever is wished since, and is believed."""
    command = await _one_out(world)
    await world.settle(outcome(command, Outcome.UNKNOWN))
    await _wants(world, "suggest")
    await _recheck(world, await _row(world, command.activity_id))
    world.clock.advance(timedelta(seconds=5))
    (look,) = [c for c in await world.dispatch_all() if c.activity_id == command.activity_id]
    assert look.mode is Mode.VERIFY
    await world.settle(outcome(look).model_copy(update={"verified": True}))
    row = await _row(world, command.activity_id)
    assert (row["state"], row["by_hand"], row["reason_code"]) == (
        "executed",
        False,
        "executed_verified",
    )


async def test_i_did_it_ends_it_and_is_a_use_of_the_limits(world: World) -> None:
    """Done by hand is none of our effects, and the network counts it all the same."""
    await _wants(world, "suggest")
    rows = await _planned(world)
    first = rows[0]
    done = await world.steering.done_by_hand(DoneByHand(**_who(world, first["id"])))
    assert done.state is State.EXECUTED
    row = await _row(world, first["id"])
    assert (row["by_hand"], row["effect"], row["reason_code"]) == (True, "seen", "done_by_hand")
    assert (row["executed_at"], row["execution"]) == (world.clock.now(), 0)
    limits = await world.steering.limits(
        client_id=world.tenant.client_id, account_id=first["account_id"]
    )
    likes = next(kind for kind in limits.kinds if kind.kind is Kind.LIKE)
    assert {limit.used for limit in likes.limits} == {1}
    for again in (
        world.steering.done_by_hand(DoneByHand(**_who(world, first["id"]))),
        world.steering.retry(Retry(**_who(world, first["id"]))),
    ):
        with pytest.raises(MoveNotAllowed):
            await again


async def test_what_is_planned_may_have_been_done_by_hand(world: World) -> None:
    """Invariant 1: who did it themselves says so, and it is not done once more."""
    first, *_ = await _planned(world)
    await world.steering.done_by_hand(DoneByHand(**_who(world, first["id"])))
    world.clock.advance(timedelta(hours=3))
    assert first["id"] not in {command.activity_id for command in await world.dispatch_all()}


async def test_one_effect_stands_for_one_activity(world: World) -> None:
    """Another address of the same post: its activity acted, so there is nothing to mark."""
    command = await _one_out(world)
    await world.settle(outcome(command))
    target = f"urn:li:activity:{new_id().int % 10**18}"
    await world.owner.execute(
        "update scheduler.activities set target_social_id = %s where id = %s",
        (target, command.activity_id),
    )
    await _wants(world, "suggest")
    other = next(row for row in await _planned(world) if row["account_id"] == command.account_id)
    await world.owner.execute(
        "update scheduler.activities set target_social_id = %s where id = %s",
        (target, other["id"]),
    )
    with pytest.raises(DoneElsewhere):
        await world.steering.done_by_hand(DoneByHand(**_who(world, other["id"])))


async def test_the_second_hears_what_was_decided_and_by_whom(world: World) -> None:
    """Several may decide: one does, and the others are told who and when."""
    first, second, *_ = await _planned(world, Kind.COMMENT)
    await world.approve(_who(world, first["id"], "user:ada"))
    await world.steering.reject(Reject(**_who(world, second["id"], "user:ada"), reason="No."))
    for row, word in ((first, "approved"), (second, "rejected")):
        said = Approve(**_who(world, row["id"], "user:bob"), by_owner=True)
        for late in (
            world.steering.approve(said),
            world.steering.reject(Reject(**_who(world, row["id"], "user:bob"))),
        ):
            with pytest.raises(DecidedAlready) as refused:
                await late
            told = refused.value.extra
            assert (told["decision"], told["decided_by"]) == (word, "user:ada")
            assert told["decided_at"] == world.clock.now().isoformat()
