"""A due command is an address: what is done stands in the ledger (D1 of findings)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from chorus.events import PersonTarget, PostTarget
from chorus.ids import new_id
from chorus.testing.targets import post_of
from chorus.vocabulary import Kind, Lane, Mode, Outcome
from tests.integration.executor.harness import Harness


@pytest.mark.parametrize(
    "said",
    [
        {"text": "Something nobody approved."},
        {"kind": Kind.REPOST},
        {"mode": Mode.VERIFY},
        {"provider_account_id": "of somebody else"},
        {"account_id": new_id()},
        {"client_id": new_id()},
        {"target": PostTarget(post_id=new_id(), social_id="urn:li:activity:7000000000000000001")},
        {"due_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"cartridge_id": new_id()},
        {"voice": "model"},
    ],
    ids=lambda said: next(iter(said)),
)
async def test_whatever_a_command_says_what_the_ledger_holds_is_done(
    harness: Harness, said: dict[str, Any]
) -> None:
    """Finding D1: INVARIANT: a message decides nothing but which row is to be looked at."""
    executor = await harness.executor()
    command = await harness.due(Kind.COMMENT, text="As it was approved.", in_seconds=0.2)
    await harness.owner.execute(
        "update scheduler.activities set target_social_id = %s", (post_of(command).social_id,)
    )

    await executor.handle(command.model_copy(update=said))

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.final_text) == (Outcome.EXECUTED, "As it was approved.")
    assert outcome.voice == "none"
    assert (outcome.account_id, outcome.client_id) == (command.account_id, command.client_id)
    (effect,) = harness.effects
    assert (effect.account_id, effect.kind, effect.text) == (
        command.provider_account_id,
        "comment",
        "As it was approved.",
    )
    assert outcome.called_at is not None
    assert outcome.called_at >= command.due_at


@pytest.mark.parametrize(
    "said",
    [{"execution": 2}, {"activity_id": new_id()}, {"execution": 7}],
    ids=["the next", "another activity", "a later one"],
)
async def test_what_the_ledger_never_handed_over_is_nobodys_command(
    harness: Harness, said: dict[str, Any]
) -> None:
    """Finding D1: INVARIANT: nothing is done, entered or said, so that what comes is not spoilt."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)

    await executor.handle(command.model_copy(update=said))

    assert (harness.effects, await harness.attempts(), await harness.outcomes()) == ([], [], [])
    await executor.handle(command)
    assert (await harness.outcome()).outcome is Outcome.EXECUTED


async def test_another_lanes_command_is_left_alone(harness: Harness) -> None:
    """Finding D1: INVARIANT: an account acts by the lane that the ledger chose."""
    executor = await harness.executor()
    command = await harness.due(Kind.REPOST, lane=Lane.BROWSER)

    await executor.handle(command.model_copy(update={"lane": Lane.API}))

    assert (harness.effects, await harness.attempts()) == ([], [])


async def test_a_command_of_an_execution_that_is_over_is_superseded(harness: Harness) -> None:
    """What it held is let go by its outcome."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)
    await harness.again(command)

    await executor.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, "superseded")
    assert harness.effects == []


HEARD = (
    "update scheduler.activities set state = %s, unheard = '{}', lease_until = null,"
    " effect = case %s::text when 'executed' then 'seen' when 'unknown' then 'possible'"
    " else 'none' end, execution = case %s::text when 'scheduled' then 0 else 1 end"
)


@pytest.mark.parametrize("state", ["scheduled", "executed", "unknown", "failed"])
async def test_nobody_reads_what_a_text_says_before_and_after_it_is_out(
    harness: Harness, state: str
) -> None:
    """INVARIANT (E10, D1): drafts, and what has ended, are no executor's to read."""
    command = await harness.due(Kind.COMMENT, text="A draft.")
    async with await AsyncConnection.connect(harness.dsn, autocommit=True) as conn:
        asked = "select text from scheduler.api_due"
        assert await (await conn.execute(asked)).fetchall() == [("A draft.",)]
        await harness.owner.execute("update scheduler.activities set state = 'cancelled'")
        assert await (await conn.execute(asked)).fetchall() == [("A draft.",)], "it is still out"
        await harness.owner.execute(HEARD, (state, state, state))
        assert await (await conn.execute(asked)).fetchall() == []
    executor = await harness.executor()
    await executor.handle(command)
    assert (harness.effects, await harness.attempts()) == ([], [])


async def test_what_the_scheduler_has_heard_of_is_told_to_whoever_has_not(harness: Harness) -> None:
    """INVARIANT (P4): the broker was lost before the gateway had read that its post is live."""
    executor = await harness.executor()
    command = await harness.due(Kind.PUBLISH, text="A post of ours.")
    await harness.queued_post(command, amplify=True)
    await executor.handle(command)
    told = await harness.event_ids("post.published")
    assert len(told) == 1
    await harness.owner.execute(HEARD, ("executed", "executed", "executed"))
    await harness.owner.execute("delete from engagement.outbox")

    await executor.handle(command)

    assert await harness.event_ids("post.published") == told
    assert len(harness.effects) == 1


async def test_a_look_reads_what_it_looks_for(harness: Harness) -> None:
    """What may have gone out is looked for by an order that is out as any other."""
    executor = await harness.executor()
    command = await harness.due(Kind.COMMENT, text="As it was approved.")
    await executor.handle(command)
    look = await harness.again(command, mode=Mode.VERIFY)
    await harness.owner.execute("update scheduler.activities set unheard = array[2]")

    await executor.handle(look)

    found = await harness.outcome(2)
    assert (found.outcome, found.verified, len(harness.effects)) == (Outcome.EXECUTED, True, 1)


async def test_an_account_acts_under_the_name_it_has_now(harness: Harness) -> None:
    """Finding D1: its owner connected it anew after the plan; the provider calls it otherwise."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)
    renamed = "the-new-id"
    state = harness.server.sandbox.state
    state.add_account(
        person=state.accounts[command.provider_account_id].person,
        created_ms=harness.server.sandbox.now_ms(),
        account_id=renamed,
    )
    await harness.owner.execute(
        "update gateway.accounts set provider_account_id = %s where id = %s",
        (renamed, command.account_id),
    )

    await executor.handle(command)

    assert (await harness.outcome()).outcome is Outcome.EXECUTED
    assert [effect.account_id for effect in harness.effects] == [renamed]


async def test_a_person_is_no_post(harness: Harness) -> None:
    """E4: the row says whom it is about; who acts on posts alone refuses it, and calls nobody."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)
    await harness.owner.execute(
        "update scheduler.activities set subject_kind = 'person', subject = %s, post_id = null,"
        " target_social_id = 'ACo7', target_url = null where id = %s",
        (UUID(int=7), command.activity_id),
    )

    await executor.handle(command)

    outcome = await harness.outcome()
    assert outcome.target == PersonTarget(person_id=UUID(int=7), provider_id="ACo7")
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.called_at) == ("target_not_supported", None)
    assert harness.effects == []
