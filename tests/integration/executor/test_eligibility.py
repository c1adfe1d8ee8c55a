"""Nothing goes out for what is not eligible any more (invariants 4 and 6; B3 of findings)."""

import asyncio

import pytest

from chorus.vocabulary import Kind, Outcome
from tests.integration.executor.harness import Harness

PAUSE = """
insert into scheduler.pauses (id, scope, client_id, scope_id, code, reason, paused_by)
values (gen_random_uuid(), 'account', %(client)s, %(account)s, 'by_person', 'A test.', 'test')
"""
REVOKE = """
insert into gateway.consents
    (client_id, account_id, kind, granted, text_version, text_sha256, by_user_id)
values (%(client)s, %(account)s, 'like', false, 'test', decode(repeat('00', 32), 'hex'), %(user)s)
"""
AWAY = """
insert into gateway.absences (id, client_id, account_id, first_day, last_day, by_owner, made_by)
select gen_random_uuid(), client_id, id, current_date - 1, current_date + 1, true, 'test'
from gateway.accounts where id = %(account)s
"""
LATE = "update scheduler.activities set acts_until = clock_timestamp()"
SUGGEST = """
update gateway.accounts set approval_modes = '{"like": "suggest"}' where id = %(account)s
"""
ASK = """
update gateway.accounts set approval_modes = '{"like": "approve_each"}' where id = %(account)s
"""
CHANGES = pytest.mark.parametrize(
    ("said", "code"),
    [
        (PAUSE, "paused"),
        (REVOKE, "consent_revoked"),
        (
            "update scheduler.activities set state = 'cancelled' where client_id = %(client)s",
            "cancelled",
        ),
        (
            "update scheduler.activities set execution = 2 where client_id = %(client)s",
            "superseded",
        ),
        (
            "update gateway.accounts set status = 'needs_login' where id = %(account)s",
            "account_not_connected",
        ),
        ("delete from gateway.pod_members where account_id = %(account)s", "member_inactive"),
        (
            "update gateway.pod_members set active = false where account_id = %(account)s",
            "member_inactive",
        ),
        (
            "update gateway.pods set active = false where client_id = %(client)s",
            "member_inactive",
        ),
        (
            "update gateway.pods set removed_at = now() where client_id = %(client)s",
            "member_inactive",
        ),
        (
            "update gateway.pod_members set kinds = '{comment}' where account_id = %(account)s",
            "kind_disabled",
        ),
        (
            (
                "update gateway.pods set policy = jsonb_set(policy, '{like,enabled}', 'false')"
                " where client_id = %(client)s"
            ),
            "kind_disabled",
        ),
        (
            (
                "insert into engagement.challenges (account_id, activity_id, execution, client_id)"
                " values (%(account)s, gen_random_uuid(), 1, %(client)s)"
            ),
            "paused",
        ),
        (LATE, "late"),
        (SUGGEST, "suggest_only"),
        (ASK, "approval_needed"),
        (AWAY, "late"),
    ],
)


async def change(harness: Harness, said: str) -> None:
    tenant = harness.tenant
    values = {
        "client": tenant.client_id,
        "account": tenant.accounts[0],
        "user": tenant.user_id,
    }
    await harness.owner.execute(said, values)


@CHANGES
async def test_what_does_not_stand_is_withheld_as_it_is_opened(
    harness: Harness, said: str, code: str
) -> None:
    """INVARIANT: a pause, a revoked consent or a cancellation that came first wins: no call."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)
    await change(harness, said)

    await executor.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, code)
    assert outcome.withheld_reason
    assert outcome.called_at is None
    assert harness.effects == []
    (row,) = await harness.attempts()
    assert row["outcome"] == "withheld"


async def test_the_owners_own_yes_is_one_to_be_asked_for(harness: Harness) -> None:
    """P7: who wants to be asked has said yes themselves; an admin's yes is none."""
    executor = await harness.executor()
    await change(harness, ASK)
    given = (
        "update scheduler.activities set approval = 'given', approved_by = 'x',"
        " approved_at = now(), owner_agreed = account_id = %(account)s where client_id = %(client)s"
    )
    command = await harness.due(Kind.LIKE)
    await change(harness, given)
    await executor.handle(command)
    assert (await harness.outcome()).outcome is Outcome.EXECUTED
    other = await harness.due(Kind.COMMENT, text="Well said.")
    await change(harness, given.replace("account_id = %(account)s", "%(account)s is null"))
    await change(harness, ASK.replace("like", "comment"))
    await executor.handle(other)
    outcome = await harness.outcome(2)
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, "approval_needed")


async def test_what_a_program_of_before_handed_over_is_not_late_without_bound(
    harness: Harness,
) -> None:
    """INVARIANT (8): the hours and distances of a plan are those of its time."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)
    await harness.owner.execute("update scheduler.activities set due_at = now() - interval '31 s'")

    await executor.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, "late")
    assert harness.effects == []


@CHANGES
async def test_what_changed_while_it_waited_is_looked_at_again(
    harness: Harness, said: str, code: str
) -> None:
    """INVARIANT: a look that is too old is repeated right before the call (2 s)."""
    executor = await harness.executor(eligibility_seconds=0.1)
    command = await harness.due(Kind.LIKE, in_seconds=0.4)
    handling = asyncio.create_task(executor.handle(command))
    await harness.opened(1)
    await change(harness, said)

    await handling

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, code)
    assert harness.effects == []


async def test_one_account_that_is_paused_does_not_stop_the_others(harness: Harness) -> None:
    """P10."""
    executor = await harness.executor()
    commands = [await harness.due(Kind.LIKE, account=number) for number in range(3)]
    await change(harness, PAUSE)

    await asyncio.gather(*(executor.handle(command) for command in commands))

    assert {effect.account_id for effect in harness.effects} == {
        command.provider_account_id for command in commands[1:]
    }
