"""A network that changes texts, shows three ids and is late does not make us act twice."""

import asyncio

import pytest

from chorus.testing import eventually
from chorus.vocabulary import Kind, Outcome
from tests.integration.executor.ground import ROUTES, Ground

WORDED = pytest.mark.parametrize("kind", [Kind.COMMENT, Kind.REPOST, Kind.PUBLISH])
TEXT = (
    'They said  "it\'s done"... see https://www.example.com/a/very/long/address?utm_source=pod '
    "\n\n\nThanks @somebody-else!  "
)


def as_networks_do(ground: Ground) -> None:
    behaviour = ground.server.sandbox.behaviour
    behaviour.rewrites_texts = behaviour.three_ids = behaviour.relative_dates = True


@WORDED
async def test_a_lost_answer_is_found_though_the_text_was_changed(
    ground: Ground, kind: Kind
) -> None:
    """INVARIANT: Finding A3: links, quotes, mentions and spaces differ, and it is one effect."""
    as_networks_do(ground)
    executor = await ground.executor()
    ground.fault("reset_after", ROUTES[kind], when="after")
    command = await ground.due(kind, text=TEXT)

    await executor.handle(command)

    outcome = await ground.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert [effect.text for effect in ground.effects] == [TEXT]


@pytest.mark.parametrize("kind", [Kind.COMMENT, Kind.PUBLISH])
async def test_words_of_the_member_are_neither_ours_nor_a_reason_to_repeat(
    ground: Ground, kind: Kind
) -> None:
    """INVARIANT: Finding A3: something of theirs since the call leaves it open, for a person."""
    executor = await ground.executor()
    fault = ground.fault("timeout_before", ROUTES[kind])
    command = await ground.due(kind, text="Congratulations to the whole team")
    handling = asyncio.create_task(executor.handle(command))
    await eventually(lambda: fault.hits)
    sandbox = ground.server.sandbox
    author = sandbox.state.accounts[ground.account()].person
    if kind is Kind.COMMENT:
        (post,) = ground.posts.values()
        now = sandbox.now_ms()
        sandbox.state.add_comment(author=author, post=post, text="Lunch, anyone?", created_ms=now)
    else:
        sandbox.state.add_post(author=author, text="Lunch?", created_ms=sandbox.now_ms())

    await handling

    outcome = await ground.outcome()
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.failure.code) == (Outcome.UNKNOWN, "cannot_tell")


@pytest.mark.parametrize("kind", list(ROUTES))
async def test_lists_that_are_behind_are_waited_for(ground: Ground, kind: Kind) -> None:
    """INVARIANT: Finding A3: an effect that a list shows only later is not repeated."""
    as_networks_do(ground)
    ground.server.sandbox.behaviour.behind_ms = 400
    executor = await ground.executor(settle_seconds=0.1, look_pauses=(0.2, 0.4))
    ground.fault("reset_after", ROUTES[kind], when="after")
    command = await ground.due(kind, text=TEXT)

    await executor.handle(command)

    outcome = await ground.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(ground.effects) == 1


@pytest.mark.parametrize("kind", list(ROUTES))
async def test_a_repeated_id_in_another_form_is_still_claimed(ground: Ground, kind: Kind) -> None:
    """Findings A3, A4: what one act made is remembered by an id that does not vary."""
    as_networks_do(ground)
    executor = await ground.executor()
    command = await ground.due(kind, text=TEXT)

    await executor.handle(command)

    outcome = await ground.outcome()
    assert outcome.outcome is Outcome.EXECUTED
    assert outcome.result is not None
    made = outcome.result.provider_id
    if kind in {Kind.REPOST, Kind.PUBLISH}:
        (post,) = [each for each in ground.server.sandbox.state.posts if each.written is not None]
        assert made in {post.id, post.social_id}
