"""A challenge is the account's: whoever meets it, in whatever, stops the account at once."""

import asyncio

import pytest

from chorus.vocabulary import Kind, Mode, Outcome
from tests.integration.executor.harness import Harness
from tests.integration.executor.test_eligibility import change

RESUMED = """
insert into scheduler.pauses
    (id, scope, client_id, scope_id, code, reason, paused_by, resumed_by, resumed_at, answers)
values (gen_random_uuid(), 'account', %(client)s, %(account)s, 'challenge', 'A test.', 'test',
        'somebody', clock_timestamp(),
        array(select id from engagement.challenges where account_id = %(account)s))
"""
MET = """
insert into engagement.challenges (account_id, activity_id, execution, client_id, at)
values (%(account)s, gen_random_uuid(), 1, %(client)s, clock_timestamp() + interval '1 hour')
"""


async def test_after_a_challenge_nothing_of_the_account_goes_out_until_it_is_resumed(
    harness: Harness,
) -> None:
    """Finding B2: INVARIANT: not even before the ledger has paused it, and in no process."""
    first, second = [await harness.executor() for _ in range(2)]
    harness.fault("checkpoint", "react")
    await first.handle(await harness.due(Kind.LIKE))
    assert (await harness.outcome()).failure is not None

    comment = await harness.due(Kind.COMMENT, text="Well said.")
    await second.handle(comment)
    await first.handle(await harness.due(Kind.LIKE, account=1))

    withheld, other = (await harness.outcomes())[1:]
    assert (withheld.outcome, withheld.withheld_code) == (Outcome.WITHHELD, "paused")
    assert other.outcome is Outcome.EXECUTED
    await change(harness, RESUMED)
    await second.handle(await harness.again(comment))
    assert (await harness.outcome(4)).outcome is Outcome.EXECUTED


async def test_a_challenge_is_remembered_before_its_record_is_committed(harness: Harness) -> None:
    """Finding B2: the process that met it stops the account by its own memory."""
    executor = await harness.executor()
    account = harness.tenant.accounts[0]
    challenges = executor.core.challenges

    challenges.met(account)
    waiting = asyncio.create_task(executor.handle(await harness.due(Kind.LIKE)))
    outcome = await harness.outcome()
    await waiting

    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, "paused")
    assert harness.effects == []


async def test_a_challenge_that_a_look_meets_is_told(harness: Harness) -> None:
    """Finding B2: INVARIANT: and ends the looking: nobody goes on asking."""
    executor = await harness.executor(check_first=False)
    harness.fault("reset_after", "react", when="after")
    harness.fault("checkpoint", "get_post", when="before")
    harness.fault("checkpoint", "list_reactions", when="before")
    await executor.handle(await harness.due(Kind.LIKE))

    outcome = await harness.outcome()
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.failure.challenge) == (Outcome.UNKNOWN, True)
    cursor = await harness.owner.execute("select account_id from engagement.challenges")
    assert [row["account_id"] for row in await cursor.fetchall()] == [harness.tenant.accounts[0]]


@pytest.mark.parametrize("kind", [Kind.LIKE, Kind.COMMENT])
async def test_what_the_last_look_before_a_call_meets_is_not_written_over(
    harness: Harness, kind: Kind
) -> None:
    """Finding B2: INVARIANT: a check that cannot tell, least of all for a challenge, is no yes."""
    executor = await harness.executor()
    route = {Kind.LIKE: "react", Kind.COMMENT: "comment"}[kind]
    harness.fault("timeout_before", route)
    command = await harness.due(kind, text="Well said.")
    await executor.handle(command)
    for looked in ("get_post", "list_reactions", "list_comments"):
        harness.fault("checkpoint", looked, when="before")

    await executor.handle(await harness.again(command))

    outcome = await harness.outcome(2)
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.failure.challenge) == (Outcome.UNKNOWN, True)
    assert harness.effects == []


async def test_a_look_goes_on_for_an_account_that_was_challenged(harness: Harness) -> None:
    """Findings A1, B2: what may have happened is found out all the same."""
    executor = await harness.executor(check_first=False)
    harness.fault("reset_after", "react", when="after")
    blind = [
        harness.fault("status", route, type="provider_error", times=-1)
        for route in ("get_post", "list_reactions")
    ]
    command = await harness.due(Kind.LIKE)
    await executor.handle(command)
    for fault in blind:
        harness.server.sandbox.faults.remove(fault.id)
    await harness.owner.execute(
        "insert into engagement.challenges (account_id, activity_id, execution, client_id)"
        " values (%s, %s, 1, %s)",
        (command.account_id, command.activity_id, command.client_id),
    )

    await executor.handle(await harness.again(command, mode=Mode.VERIFY))

    outcome = await harness.outcome(2)
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)


async def test_a_challenge_is_lifted_by_its_name_and_by_no_clock(harness: Harness) -> None:
    """INVARIANT (5): met by a clock that was an hour ahead, lifted by the right one; the next one
    is in force whatever the clock says.
    """
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)
    await change(harness, MET)
    await change(harness, RESUMED)
    await executor.handle(command)
    assert (await harness.outcome()).outcome is Outcome.EXECUTED

    await change(harness, MET.replace("+ interval", "- interval"))
    await executor.handle(await harness.due(Kind.COMMENT, text="Well said."))
    assert (await harness.outcome(2)).withheld_code == "paused"
