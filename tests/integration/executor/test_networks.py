"""A network that changes texts, shows three ids and is late does not make us act twice."""

import asyncio

import pytest

from chorus.testing import eventually
from chorus.vocabulary import Kind, Outcome
from tests.integration.executor.harness import ROUTES, Harness

WORDED = pytest.mark.parametrize("kind", [Kind.COMMENT, Kind.REPOST, Kind.PUBLISH])
TEXT = (
    'They said  "it\'s done"... see https://www.example.com/a/very/long/address?utm_source=pod '
    "\n\n\nThanks @somebody-else!  "
)


def as_networks_do(harness: Harness) -> None:
    behaviour = harness.server.sandbox.behaviour
    behaviour.rewrites_texts = behaviour.three_ids = behaviour.relative_dates = True


@WORDED
async def test_a_lost_answer_is_found_though_the_text_was_changed(
    harness: Harness, kind: Kind
) -> None:
    """INVARIANT: Finding A3: links, quotes, mentions and spaces differ, and it is one effect."""
    as_networks_do(harness)
    executor = await harness.executor()
    harness.fault("reset_after", ROUTES[kind], when="after")
    command = await harness.due(kind, text=TEXT)

    await executor.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert [effect.text for effect in harness.effects] == [TEXT]


@pytest.mark.parametrize("kind", [Kind.COMMENT, Kind.PUBLISH])
async def test_words_of_the_member_are_neither_ours_nor_a_reason_to_repeat(
    harness: Harness, kind: Kind
) -> None:
    """INVARIANT: Finding A3: something of theirs since the call leaves it open, for a person."""
    executor = await harness.executor()
    fault = harness.fault("timeout_before", ROUTES[kind])
    command = await harness.due(kind, text="Congratulations to the whole team")
    handling = asyncio.create_task(executor.handle(command))
    await eventually(lambda: fault.hits)
    sandbox = harness.server.sandbox
    author = sandbox.state.accounts[harness.account()].person
    if kind is Kind.COMMENT:
        (post,) = harness.posts.values()
        now = sandbox.now_ms()
        sandbox.state.add_comment(author=author, post=post, text="Lunch, anyone?", created_ms=now)
    else:
        sandbox.state.add_post(author=author, text="Lunch?", created_ms=sandbox.now_ms())

    await handling

    outcome = await harness.outcome()
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.failure.code) == (Outcome.UNKNOWN, "cannot_tell")


@pytest.mark.parametrize("kind", list(ROUTES))
async def test_lists_that_are_behind_are_waited_for(harness: Harness, kind: Kind) -> None:
    """INVARIANT: Finding A3: an effect that a list shows only later is not repeated."""
    as_networks_do(harness)
    harness.server.sandbox.behaviour.behind_ms = 400
    executor = await harness.executor(settle_seconds=0.1, verify_pauses=(0.2, 0.4))
    harness.fault("reset_after", ROUTES[kind], when="after")
    command = await harness.due(kind, text=TEXT)

    await executor.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1


@pytest.mark.parametrize("kind", list(ROUTES))
async def test_a_repeated_id_in_another_form_is_still_claimed(harness: Harness, kind: Kind) -> None:
    """Findings A3, A4: what one act made is remembered by an id that does not vary."""
    as_networks_do(harness)
    executor = await harness.executor()
    command = await harness.due(kind, text=TEXT)

    await executor.handle(command)

    outcome = await harness.outcome()
    assert outcome.outcome is Outcome.EXECUTED
    assert outcome.result is not None
    made = outcome.result.provider_id
    if kind in {Kind.REPOST, Kind.PUBLISH}:
        (post,) = [each for each in harness.server.sandbox.state.posts if each.written is not None]
        assert made in {post.id, post.social_id}
