"""Facts that no change of state forgets: an effect that may exist, a no, a yes, a challenge."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from structlog.testing import capture_logs

from chorus.documents.activity_commands import Cancel, Decide, Reject, Retry
from chorus.events import AccountChallenged, ActivityDue, ActivityExecuted, Failure
from chorus.telemetry.metrics import REGISTRY
from chorus.testing.targets import post_of
from chorus.vocabulary import ErrorType, Kind, Mode, Outcome
from chorus_lab.seeding import make_post
from chorus_scheduler.errors import MoveNotAllowed, NotTakingPart
from chorus_scheduler.planning.inputs import PlanRequest
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome

ABSENT = Failure(
    error_type=ErrorType.NETWORK_ERROR,
    code="effect_not_found",
    message="The answer was lost, and the provider shows no effect of the call.",
    retryable=True,
)
LIKES_OFF = (
    "update gateway.pods set policy = jsonb_set(policy, '{like}',"
    """ '{"enabled": false, "from_seconds": 1, "to_seconds": 2}')"""
)
CHALLENGE = Failure(
    error_type=ErrorType.AUTH_ERROR, message="Who are you?", retryable=False, challenge=True
)


async def planned(world: World, kind: Kind = Kind.LIKE) -> list[UUID]:
    texts = [f"A thought, number {number}" for number in range(10)]
    post = await make_post(world.owner, world.tenant, published_at=NOW, comment_texts=texts)
    request = PlanRequest(
        client_id=world.tenant.client_id,
        post_id=post,
        kinds=[kind],
        actor="test",
        correlation_id="c",
    )
    return [entry.id for entry in (await world.planner.plan(request)).planned]


async def first_due(world: World, kind: Kind = Kind.LIKE) -> ActivityDue:
    await planned(world, kind)
    world.clock.move_to((await world.activities())[0]["due_at"])
    return (await world.dispatch_all())[0]


async def row(world: World, activity: UUID) -> dict[str, object]:
    return next(each for each in await world.activities() if each["id"] == activity)


async def again(world: World, activity: UUID) -> ActivityDue:
    """Its next command, whenever it goes out; others may have their turn before."""
    for _ in range(50):
        due_at: Any = (await row(world, activity))["due_at"]
        world.clock.move_to(max(world.clock.now(), due_at))
        for command in await world.dispatch_all():
            if command.activity_id == activity:
                return command
            await world.settle(outcome(command))
    raise AssertionError("it never goes out")


def wish(world: World, activity: UUID, reason: str = "because") -> dict[str, Any]:
    who = {"client_id": world.tenant.client_id, "activity_id": activity, "actor": "user:ada"}
    return who | {"reason": reason}


async def journal(world: World, command: ActivityDue) -> None:
    """An executor has entered the execution."""
    await world.owner.execute(
        "insert into engagement.attempts (activity_id, execution, client_id, post_id, account_id,"
        " kind, lane, mode, worker_id, command, correlation_id)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, '{}', 'c') on conflict do nothing",
        (
            command.activity_id,
            command.execution,
            command.client_id,
            post_of(command).post_id,
            command.account_id,
            command.kind,
            command.lane,
            command.mode,
            uuid4(),
        ),
    )


def absent(command: ActivityDue) -> ActivityExecuted:
    return outcome(command, Outcome.FAILED).model_copy(update={"failure": ABSENT})


def challenged(event: ActivityExecuted) -> ActivityExecuted:
    return event.model_copy(update={"failure": CHALLENGE})


@pytest.mark.parametrize(
    "why", ["paused", "consent_revoked", "account_not_connected", "anything_else"]
)
async def test_a_withheld_look_leaves_the_effect_possible(world: World, why: str) -> None:
    """Finding A1: INVARIANT: what may have happened is looked for, however often a look fails."""
    command = await first_due(world)
    await world.settle(outcome(command, Outcome.UNKNOWN))
    for _ in range(3):
        look = await again(world, command.activity_id)
        assert look.mode is Mode.VERIFY
        await world.settle(outcome(look, Outcome.WITHHELD, withheld=why))
        found = await row(world, command.activity_id)
        assert (found["state"], found["effect"]) == ("unknown", "possible")


@pytest.mark.parametrize("error", [ErrorType.AUTH_ERROR, ErrorType.RATE_LIMIT, ErrorType.API_ERROR])
async def test_a_look_that_fails_shows_no_absence(world: World, error: ErrorType) -> None:
    """Finding A1: only a look that shows that nothing is there takes it back."""
    command = await first_due(world)
    await world.settle(outcome(command, Outcome.UNKNOWN))
    look = await again(world, command.activity_id)
    await world.settle(outcome(look, Outcome.FAILED, error=error))
    assert (await row(world, command.activity_id))["effect"] == "possible"
    await world.settle(absent(await again(world, command.activity_id)))
    found = await row(world, command.activity_id)
    assert (found["state"], found["effect"], found["attempt"]) == ("scheduled", "none", 2)


async def test_a_pause_and_a_withdrawal_stop_no_look(world: World) -> None:
    """Finding A1: a look needs no consent, limit or pause; without a connection it waits."""
    command = await first_due(world)
    await world.settle(outcome(command, Outcome.UNKNOWN))
    await world.owner.execute("update gateway.accounts set consented_kinds = '{}'")
    await world.steering.pause(
        client_id=world.tenant.client_id, scope="tenant", scope_id=None, reason="trip", actor="ada"
    )
    await world.owner.execute("update gateway.accounts set status = 'disconnected'")
    world.clock.advance(timedelta(minutes=1))
    assert await world.dispatch_all() == []
    assert (await row(world, command.activity_id))["state"] == "unknown"
    await world.owner.execute("update gateway.accounts set status = 'connected'")
    look = await again(world, command.activity_id)
    assert (look.activity_id, look.mode) == (command.activity_id, Mode.VERIFY)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "dispatched"},
        {"state": "scheduled"},
        {"state": "cancelled"},
        {"state": "failed"},
        {"state": "executed"},
        {"effect": "none"},
    ],
)
async def test_the_database_refuses_to_forget_an_effect(
    world: World, change: dict[str, str]
) -> None:
    """Finding A1: INVARIANT: whatever a program does, nothing is done while an effect may exist."""
    command = await first_due(world)
    await world.settle(outcome(command, Outcome.UNKNOWN))
    with pytest.raises(psycopg.errors.CheckViolation):
        await world.owner.execute(
            "update scheduler.activities set state = coalesce(%s, state), mode = 'perform',"
            " lease_until = now(), effect = coalesce(%s, effect) where effect = 'possible'",
            (change.get("state"), change.get("effect")),
        )


@pytest.mark.parametrize("how", ["while_out", "while_unknown", "while_looked_for"])
async def test_what_was_called_off_is_not_done_after_a_vain_look(world: World, how: str) -> None:
    """Finding A2: a wish is kept apart from the state; absent ends as cancelled."""
    command = await first_due(world)
    if how == "while_out":
        await world.steering.cancel(Cancel(**wish(world, command.activity_id)))
    await world.settle(outcome(command, Outcome.UNKNOWN))
    if how == "while_unknown":
        await world.steering.cancel(Cancel(**wish(world, command.activity_id)))
    look = await again(world, command.activity_id)
    assert look.mode is Mode.VERIFY
    if how == "while_looked_for":
        await world.steering.cancel(Cancel(**wish(world, command.activity_id)))
    await world.settle(absent(look))
    found = await row(world, command.activity_id)
    assert (found["state"], found["effect"]) == ("cancelled", "none")
    assert (found["stopped_by"], found["stop_code"]) == ("user:ada", "cancelled")
    world.clock.advance(timedelta(days=1))
    assert command.activity_id not in {c.activity_id for c in await world.dispatch_all()}


@pytest.mark.parametrize("ended", [Outcome.FAILED, Outcome.WITHHELD])
async def test_what_was_called_off_and_did_not_happen_stays_so(
    world: World, ended: Outcome
) -> None:
    """Finding A2: the outcome of what was out when somebody said no brings nothing back."""
    command = await first_due(world)
    await world.steering.cancel(Cancel(**wish(world, command.activity_id)))
    withheld = "paused" if ended is Outcome.WITHHELD else None
    await world.settle(outcome(command, ended, withheld=withheld))
    found = await row(world, command.activity_id)
    assert (found["state"], found["unheard"], found["lease_until"]) == ("cancelled", [], None)


async def test_an_effect_that_is_seen_ends_it_whatever_was_wished(world: World) -> None:
    """Finding A2: the truth wins over the wish, and the wish is still told."""
    command = await first_due(world)
    await world.steering.cancel(Cancel(**wish(world, command.activity_id)))
    await world.settle(outcome(command, Outcome.UNKNOWN))
    look = await again(world, command.activity_id)
    await world.settle(outcome(look, Outcome.EXECUTED, verified=True))
    found = await row(world, command.activity_id)
    assert (found["state"], found["effect"], found["stop_code"]) == (
        "executed",
        "seen",
        "cancelled",
    )


@pytest.mark.parametrize("happened", [True, False])
async def test_a_person_decides_what_nobody_could_tell(world: World, happened: bool) -> None:
    """Finding D13: it is there, or it is not and is done once more."""
    command = await first_due(world)
    with pytest.raises(MoveNotAllowed):
        await world.steering.decide(Decide(**wish(world, command.activity_id), happened=happened))
    await world.settle(outcome(command, Outcome.UNKNOWN))
    await world.steering.decide(
        Decide(**wish(world, command.activity_id, "I looked"), happened=happened)
    )
    found = await row(world, command.activity_id)
    assert "I looked" in str(found["reason"])
    if happened:
        assert (found["state"], found["effect"]) == ("executed", "seen")
        assert found["result"]["decided_by"] == "user:ada"  # type: ignore[index]
        assert found["executed_at"] is not None
    else:
        assert (found["state"], found["effect"], found["attempt"]) == ("scheduled", "none", 2)
        assert (await again(world, command.activity_id)).mode is Mode.PERFORM


async def test_what_was_called_off_and_is_not_there_is_cancelled_by_a_person(world: World) -> None:
    """Finding D13: a person's word counts as a look's."""
    command = await first_due(world)
    await world.settle(outcome(command, Outcome.UNKNOWN))
    await world.steering.cancel(Cancel(**wish(world, command.activity_id)))
    await world.steering.decide(Decide(**wish(world, command.activity_id), happened=False))
    assert (await row(world, command.activity_id))["state"] == "cancelled"


@pytest.mark.parametrize("how", ["cancelled", "unknown", "look", "older"])
async def test_a_challenge_pauses_the_account_whatever_met_it(world: World, how: str) -> None:
    """Finding B2: INVARIANT: a challenge is the account's state, whatever the activity's."""
    command = await first_due(world)
    event = outcome(command, Outcome.FAILED, called=False)
    if how == "cancelled":
        await world.steering.cancel(Cancel(**wish(world, command.activity_id)))
    elif how == "unknown":
        event = outcome(command, Outcome.UNKNOWN)
    elif how == "look":
        await world.settle(outcome(command, Outcome.UNKNOWN))
        event = outcome(await again(world, command.activity_id), Outcome.UNKNOWN)
    else:
        await world.settle(event)
        await again(world, command.activity_id)
        await journal(world, command)
    await world.settle(challenged(event))
    pauses = await world.rows("select id, scope_id, code from scheduler.pauses")
    assert [(each["scope_id"], each["code"]) for each in pauses] == [
        (command.account_id, "challenge")
    ]
    await world.steering.resume(
        pause_id=pauses[0]["id"], client_id=world.tenant.client_id, actor="user:ada"
    )
    await journal(world, command)
    await world.settle(challenged(event))
    assert len(await world.rows("select id from scheduler.pauses")) == 1, (
        "said again, not met again"
    )


@pytest.mark.parametrize("how", ["not yet", "heard of", "no such activity"])
async def test_a_challenge_of_what_was_never_handed_over_stops_nobody(
    world: World, how: str
) -> None:
    """INVARIANT (D1): who can write the topic stops no account by it; an operator is told."""
    command = await first_due(world)
    forged = challenged(outcome(command, Outcome.FAILED))
    if how == "not yet":
        forged = forged.model_copy(update={"execution": command.execution + 1})
    elif how == "heard of":
        await world.settle(outcome(command))
    else:
        forged = forged.model_copy(update={"activity_id": uuid4()})
    before = _disowned()
    with capture_logs() as said:
        await world.settle(forged)
    assert await world.rows("select id from scheduler.pauses") == []
    assert _disowned() == before + 1
    (line,) = [each for each in said if each["event"] == "outcome.never_handed_over"]
    assert (line["log_level"], line["challenge"]) == ("warning", True)
    assert (await row(world, command.activity_id))["state"] == (
        "executed" if how == "heard of" else "dispatched"
    )


def _disowned() -> float:
    name, labels = "chorus_activities_disowned_total", {"lane": "api"}
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_who_lifts_their_own_pause_lifts_no_challenge(world: World) -> None:
    """Finding B2: INVARIANT: one met while a person's pause is in force is a pause of its own."""
    command = await first_due(world)
    tenant, account = world.tenant.client_id, command.account_id
    rest = await world.steering.pause(
        client_id=tenant, scope="account", scope_id=account, reason="a rest", actor="user:ada"
    )
    await world.settle(challenged(outcome(command, Outcome.UNKNOWN)))

    await world.steering.resume(pause_id=rest.id, client_id=tenant, actor="user:ada")

    held = "select code, reason from scheduler.pauses where resumed_at is null"
    assert [row["code"] for row in await world.rows(held)] == ["challenge"]
    assert await world.rows("select 1 from scheduler.api_account_resumes") == []


async def test_a_resume_names_the_challenges_that_it_answers(world: World) -> None:
    """INVARIANT (5): those that were known when it was said, by whichever clock; no later one."""
    command = await first_due(world)
    met = (
        "insert into engagement.challenges (account_id, activity_id, execution, client_id, at)"
        " values (%s, %s, %s, %s, clock_timestamp() + interval '1 hour')"
    )
    values = (command.account_id, command.activity_id)
    await world.owner.execute(met, (*values, 1, command.client_id))
    await world.settle(challenged(outcome(command, Outcome.UNKNOWN)))
    stands = "select challenged from engagement.standing where activity_id = %s"
    assert await world.rows(stands, command.activity_id) == [{"challenged": True}]

    (pause,) = await world.rows("select id from scheduler.pauses")
    await world.steering.resume(
        pause_id=pause["id"], client_id=world.tenant.client_id, actor="user:ada"
    )

    assert await world.rows(stands, command.activity_id) == [{"challenged": False}]
    await world.owner.execute(met, (*values, 2, command.client_id))
    assert await world.rows(stands, command.activity_id) == [{"challenged": True}]


async def test_a_resume_answers_what_was_met_while_another_paused(world: World) -> None:
    """INVARIANT (5): two calls of one account met a challenge, a person has lifted it, and both
    outcomes are said again.
    """
    command = await first_due(world)
    later = command.model_copy(update={"execution": 2})
    await world.owner.execute(
        "update scheduler.activities set execution = 2, unheard = '{1,2}' where id = %s",
        (command.activity_id,),
    )
    for each in (command, later):
        await world.owner.execute(
            "insert into engagement.challenges (account_id, activity_id, execution, client_id)"
            " values (%s, %s, %s, %s)",
            (each.account_id, each.activity_id, each.execution, each.client_id),
        )
        await journal(world, each)
        await world.settle(challenged(outcome(each, Outcome.UNKNOWN)))
    (pause,) = await world.rows("select id from scheduler.pauses")
    await world.steering.resume(
        pause_id=pause["id"], client_id=world.tenant.client_id, actor="user:ada"
    )
    for each in (command, later):
        await world.settle(challenged(outcome(each, Outcome.UNKNOWN)))
    assert await world.rows("select 1 from scheduler.pauses where resumed_at is null") == []


async def test_a_challenge_that_a_look_up_met_is_told_again_without_harm(world: World) -> None:
    """Finding B2: the answer may be lost; who has resumed the account is not stopped again."""
    command = await first_due(world)
    told: dict[str, Any] = {
        "pause_id": uuid4(),
        "client_id": world.tenant.client_id,
        "account_id": command.account_id,
        "reason": "The provider asks for the account's person.",
    }
    await world.steering.challenged(**told)
    await world.steering.challenged(**(told | {"pause_id": uuid4()}))
    in_force = "select id, code from scheduler.pauses where resumed_at is null"
    assert await world.rows(in_force) == [{"id": told["pause_id"], "code": "challenge"}]
    await world.steering.resume(
        pause_id=told["pause_id"], client_id=world.tenant.client_id, actor="user:ada"
    )
    await world.steering.challenged(**told)
    assert await world.rows(in_force) == []


async def test_a_challenge_that_a_look_up_met_calls_people_once(world: World) -> None:
    """INVARIANT: who is stopped by a look is told, with a decision; one pause is told once (P7)."""
    account = world.tenant.accounts[0]
    told: dict[str, Any] = {
        "pause_id": uuid4(),
        "client_id": world.tenant.client_id,
        "account_id": account,
        "reason": "The provider asks for the account's person.",
    }
    for pause_id in (told["pause_id"], told["pause_id"], uuid4()):
        await world.steering.challenged(**(told | {"pause_id": pause_id}))

    (sent,) = await world.rows("select topic, value, headers from scheduler.outbox")
    event = AccountChallenged.model_validate_json(sent["value"])
    assert (sent["topic"], event.account_id) == ("account.challenged", account)
    assert (event.pause_id, event.reason) == (told["pause_id"], told["reason"])
    decided = "select account_id, activity_id, code from scheduler.decisions"
    assert await world.rows(decided) == [
        {"account_id": account, "activity_id": None, "code": "account_paused"}
    ]


@pytest.mark.parametrize(
    "change",
    [
        "update gateway.pod_members set active = false",
        "update gateway.pods set active = false",
        "update gateway.pod_members set kinds = '{repost}'",
        LIKES_OFF,
    ],
)
async def test_who_takes_part_is_asked_at_hand_over(world: World, change: str) -> None:
    """Finding B3: INVARIANT: no sweep is waited for; who takes no part does nothing."""
    await planned(world)
    await world.owner.execute(change)
    world.clock.advance(timedelta(hours=12))
    assert await world.dispatch_all() == []
    rows = await world.activities()
    assert {(each["state"], each["reason_code"]) for each in rows} == {("scheduled", "held")}
    assert {each["stop_code"] for each in rows} == {None}


async def test_nobody_approves_for_who_left(world: World) -> None:
    """Finding B3: a removed member's comment cannot be approved, nor one without consent."""
    first, second, *_ = await planned(world, Kind.COMMENT)
    await world.owner.execute("update gateway.accounts set consented_kinds = '{like}'")
    with pytest.raises(NotTakingPart):
        await world.approve(wish(world, first))
    await world.owner.execute("update gateway.accounts set consented_kinds = '{comment}'")
    await world.approve(wish(world, first))
    await world.owner.execute("delete from gateway.pod_members")
    with pytest.raises(NotTakingPart):
        await world.approve(wish(world, second))
    assert (await row(world, first))["approved_by"] == "user:ada"
    assert (await row(world, second))["state"] == "awaiting_approval"


async def test_what_nobody_approved_waits_again_when_it_is_put_back(world: World) -> None:
    """Finding B9: a retry is no yes; what was approved is put back at once."""
    first, second, *_ = await planned(world, Kind.COMMENT)
    await world.approve(wish(world, second))
    world.clock.advance(timedelta(days=4))
    await world.sweeper.approvals()
    await world.steering.retry(Retry(**wish(world, first)))
    found = await row(world, first)
    assert (found["state"], found["approval"]) == ("awaiting_approval", "waiting")
    assert found["approval_expires_at"] > world.clock.now()  # type: ignore[operator]
    assert first not in {command.activity_id for command in await world.dispatch_all()}
    with pytest.raises(psycopg.errors.CheckViolation):
        await world.owner.execute(
            "update scheduler.activities set state = 'scheduled' where id = %s", (first,)
        )
    await world.approve(wish(world, first))
    found = await row(world, first)
    assert (found["approval"], found["approved_at"]) == ("given", world.clock.now())


async def test_only_an_effect_is_an_execution(world: World) -> None:
    """Finding D15: a failure is no last activity of its member."""
    command = await first_due(world)
    await world.settle(outcome(command, Outcome.FAILED, retryable=False))
    found = await row(world, command.activity_id)
    assert found["executed_at"] is None
    assert found["last_error"]["message"] == "for the test"  # type: ignore[index]


async def test_a_rejected_activity_says_who_said_no(world: World) -> None:
    """Finding A2: the no has its name, its time and its reason."""
    first, *_ = await planned(world, Kind.COMMENT)
    await world.steering.reject(Reject(**wish(world, first, "too bland")))
    found = await row(world, first)
    assert (found["stopped_by"], found["stop_code"]) == ("user:ada", "rejected")
    with pytest.raises(psycopg.errors.CheckViolation):
        await world.owner.execute(
            "update scheduler.activities set state = 'scheduled' where id = %s", (first,)
        )
