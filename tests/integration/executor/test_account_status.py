"""Checks of an account's sign-in: made while somebody wants them, and told (issue 11.5)."""

from datetime import UTC, datetime

import pytest

from chorus.vocabulary import WatchKind
from tests.integration.executor.harness import Harness
from tests.integration.executor.test_eligibility import change
from tests.integration.executor.test_watch_checks import Watcher

LOST = """
update gateway.accounts set provider_status = 'needs_login', provider_word = 'CREDENTIALS',
    provider_status_at = now(), provider_confirmed = true
where id = %(account)s
"""


@pytest.fixture
async def watcher(harness: Harness) -> Watcher:
    """A watch of the account's sign-in, asked for once."""
    watcher = Watcher(harness)
    await watcher.begin(datetime.now(UTC))
    await watcher.change("kind = 'status_of_account'")
    return watcher


async def test_it_is_told_what_the_provider_says(watcher: Watcher) -> None:
    """When it was asked, too: the gateway goes by that."""
    before = datetime.now(UTC)
    executor = await watcher.executor()
    await executor.on_watch_due(watcher.due())
    (answer,) = await watcher.answers()
    assert (answer.kind, answer.outcome) == (WatchKind.STATUS_OF_ACCOUNT, "checked")
    assert answer.account is not None
    assert answer.account.word == "OK"
    assert answer.account.profile_id
    assert before <= answer.account.asked_at <= answer.checked_at
    assert answer.cursor is None


async def test_a_signed_out_account_is_looked_at_once_for_each_asking(watcher: Watcher) -> None:
    """What is lost is what there is to look at, and no challenge."""
    account = watcher.harness.server.sandbox.state.accounts
    for each in account.values():
        each.status = "CREDENTIALS"
    await change(watcher.harness, LOST)
    executor = await watcher.executor()
    for _ in range(2):
        await executor.on_watch_due(watcher.due())
    answers = await watcher.answers()
    assert {each.account.word for each in answers if each.account} == {"CREDENTIALS"}
    assert watcher.providers[0].reads == 1
    assert [each.failure for each in answers] == [None] * len(answers)


async def test_a_paused_account_is_not_looked_at(watcher: Watcher) -> None:
    """INVARIANT: a person's stop holds it, also where it was asked for already."""
    await change(
        watcher.harness,
        "insert into scheduler.pauses (id, scope, client_id, scope_id, code, reason, paused_by)"
        " values (gen_random_uuid(), 'account', %(client)s, %(account)s, 'paused_by_owner',"
        " 'On holiday.', 'user:ada')",
    )
    executor = await watcher.executor()
    await executor.on_watch_due(watcher.due())
    (answer,) = await watcher.answers()
    assert (answer.outcome, answer.withheld_code) == ("withheld", "paused")
    assert watcher.providers[0].reads == 0
