"""A due repost, from the command to its outcome, in a real browser."""

import asyncio
from collections.abc import Callable

import pytest

from chorus.vocabulary import ErrorType, Outcome, Platform
from chorus_browser_repost.pool.browser import PooledBrowser
from chorus_sandbox.world.faults import FaultKind
from tests.integration.browser_repost.harness import BrowserHarness
from tests.integration.browser_repost.pool_harness import chromium_of, driver_of, kill
from tests.integration.executor.test_eligibility import PAUSE, change

CANCEL = "update scheduler.activities set state = 'cancelled' where client_id = %(client)s"


@pytest.mark.parametrize("text", [None, "Worth a read."])
async def test_a_due_repost_is_done_with_evidence(
    harness: BrowserHarness, text: str | None
) -> None:
    """P5: the member's own session, the planned text or none, and proof that it stands there."""
    browser = await harness.browser()
    command = await harness.repost(text)

    await browser.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, False)
    assert outcome.final_text == (text or "")
    assert outcome.result is not None
    assert "evidence" in (outcome.result.answer or "")
    (effect,) = harness.effects
    assert (effect.kind, effect.account_id) == ("repost", command.provider_account_id)
    assert await harness.evidence() == []


async def test_a_redelivered_repost_happens_once(harness: BrowserHarness) -> None:
    """INVARIANT: the same command three times is one repost (E5)."""
    browser = await harness.browser()
    command = await harness.repost()

    await asyncio.gather(*(browser.handle(command) for _ in range(3)))

    assert len(harness.effects) == 1
    assert len(set(await harness.outcomes())) == 1


async def test_a_repost_that_stands_already_is_found_not_repeated(harness: BrowserHarness) -> None:
    """INVARIANT: what the account did by itself before is recorded as done (E5)."""
    browser = await harness.browser()
    command = await harness.repost()
    await browser.handle(command)

    await browser.handle(await harness.again(command))

    assert len(harness.effects) == 1
    outcome = await harness.outcome(2)
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)


@pytest.mark.parametrize(
    ("fault", "code", "challenge"),
    [
        ("checkpoint", "checkpoint", True),
        ("bot_999", "http_999", True),
        ("tombstone", "post_not_found", False),
        ("layout_changed", "layout_changed", False),
    ],
)
async def test_a_page_that_says_no_is_pictured_and_not_clicked(
    harness: BrowserHarness, fault: FaultKind, code: str, challenge: bool
) -> None:
    """Invariant 5, P6: the outcome names it, a masked picture is kept, nothing was done."""
    browser = await harness.browser()
    harness.fault(fault, "post_page", times=-1)
    command = await harness.repost()

    await browser.handle(command)

    outcome = await harness.outcome()
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.failure.code) == (Outcome.FAILED, code)
    assert outcome.failure.challenge is challenge
    assert harness.effects == []
    (picture,) = await harness.evidence()
    assert (picture["activity_id"], picture["state"]) == (command.activity_id, code)
    assert bytes(picture["image"]).startswith(b"\xff\xd8")


async def test_a_click_that_is_refused_is_pictured(harness: BrowserHarness) -> None:
    """Invariant 5, P6: the picture is of the post as it is after the refusal."""
    browser = await harness.browser()
    harness.fault("not_permitted", "repost")
    command = await harness.repost()

    await browser.handle(command)

    outcome = await harness.outcome()
    assert outcome.failure is not None
    assert outcome.failure.code == "repost_not_permitted"
    assert harness.effects == []
    (picture,) = await harness.evidence()
    assert (picture["state"], picture["page_path"][:7]) == ("repost_not_permitted", "/posts/")


async def test_after_a_click_that_meets_a_challenge_nothing_is_asked_for(
    harness: BrowserHarness,
) -> None:
    """INVARIANT: stops at the first challenge: no page after it, not for a picture either (P6)."""
    browser = await harness.browser()
    point = harness.hold_point("repost", "before")
    harness.fault("checkpoint", "repost")
    command = await harness.repost()
    handling = asyncio.create_task(browser.handle(command))
    await point.wait_for(1)
    counts = harness.server.sandbox.website.accounts[command.provider_account_id]
    pages = counts["pages"]

    harness.server.sandbox.hold_points.release(point)
    await handling

    outcome = await harness.outcome()
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.failure.challenge) == ("checkpoint", True)
    assert counts["pages"] == pages
    assert await harness.evidence() == []


async def test_without_a_session_a_person_is_asked_for(harness: BrowserHarness) -> None:
    """P6: signed out at the source: a challenge of the account, and no visit at all."""
    browser = await harness.browser()
    command = await harness.repost()
    harness.server.sandbox.state.accounts.pop(command.provider_account_id)

    await browser.handle(command)

    outcome = await harness.outcome()
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.failure.challenge) == ("no_session", True)
    assert outcome.failure.error_type is ErrorType.AUTH_ERROR


@pytest.mark.parametrize("stage", ["session", "activity_page", "post_page", "action_bar"])
@pytest.mark.parametrize(("said", "code"), [(PAUSE, "paused"), (CANCEL, "cancelled")])
async def test_a_no_while_it_is_made_ready_is_in_force(
    harness: BrowserHarness, stage: str, said: str, code: str
) -> None:
    """Finding B1: INVARIANT: whatever takes its time, a no before the request left wins, and there
    is no picture of it.
    """
    browser = await harness.browser(eligibility_seconds=0.01, engagement_seconds=30.0)
    point = harness.hold_point(stage, "before")
    command = await harness.repost()
    handling = asyncio.create_task(browser.handle(command))
    await point.wait_for(1)

    await change(harness, said)
    harness.server.sandbox.hold_points.release(point)
    await handling

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, code)
    assert outcome.called_at is None
    assert harness.effects == []
    assert await harness.evidence() == []


@pytest.mark.parametrize("dies", [chromium_of, driver_of])
async def test_a_browser_lost_after_the_click_is_no_second_repost(
    harness: BrowserHarness, dies: Callable[[PooledBrowser], int]
) -> None:
    """INVARIANT: lost between the effect and its answer: looked for and found (E5, K4)."""
    browser = await harness.browser()
    point = harness.hold_point("repost", "after")
    command = await harness.repost("Worth a read.")
    handling = asyncio.create_task(browser.handle(command))
    await point.wait_for(1)

    kill(dies(harness.pools[0].browsers[0]))
    harness.server.sandbox.hold_points.release(point)
    await handling

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1


async def test_a_browser_lost_before_the_click_is_tried_again_later(
    harness: BrowserHarness,
) -> None:
    """E6, K4: nothing was done, and the outcome says that it may be tried again."""
    browser = await harness.browser()
    point = harness.hold_point("post_page", "before")
    command = await harness.repost()
    handling = asyncio.create_task(browser.handle(command))
    await point.wait_for(1)

    kill(chromium_of(harness.pools[0].browsers[0]))
    harness.server.sandbox.hold_points.release(point)
    await handling

    outcome = await harness.outcome()
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.failure.retryable) == (Outcome.FAILED, True)
    assert outcome.failure.error_type is ErrorType.NETWORK_ERROR
    assert harness.effects == []


async def test_a_worker_killed_after_the_click_is_found_out(harness: BrowserHarness) -> None:
    """INVARIANT: another browser executor verifies what a dead one may have done (E5)."""
    first = await harness.browser()
    second = await harness.browser()
    command = await harness.repost()

    await first.die_at(harness.hold_point("repost", "after"), command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1
    (row,) = await harness.attempts()
    assert row["worker_id"] == second.core.worker.id


async def test_another_networks_repost_is_refused(harness: BrowserHarness) -> None:
    """E4: a browser knows LinkedIn's pages alone; nothing is opened for an account of another."""
    browser = await harness.browser()
    await browser.handle(await harness.repost(platform=Platform.TWITTER))

    failure = (await harness.outcome()).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == ("not_provided", False)
    assert await harness.evidence() == []
