"""Each kind of activity, from its command to its recorded outcome."""

import pytest

from chorus.documents import VoiceCartridge
from chorus.testing.targets import post_of
from chorus.vocabulary import Kind, Outcome
from tests.integration.executor.harness import Harness


async def test_a_like_goes_out_once_and_is_recorded(harness: Harness) -> None:
    """E2, E4: the call, then outcome and event in the journal's own words."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)

    await executor.handle(command)

    (effect,) = harness.effects
    assert (effect.kind, effect.account_id) == ("like", command.provider_account_id)
    outcome = await harness.outcome()
    assert outcome.outcome is Outcome.EXECUTED
    assert outcome.called_at is not None
    assert outcome.called_at >= command.due_at
    assert outcome.result is not None
    assert outcome.result.answer == '{"object":"ReactionAdded"}'
    (row,) = await harness.attempts()
    assert row["outcome"] == "executed"
    assert row["closed_at"] >= row["opened_at"]


async def test_a_comment_goes_out_byte_for_byte_whatever_its_cartridge_says_now(
    harness: Harness,
) -> None:
    """Finding B8, E3: as it was shown, and recorded, with the comment's id found by listing."""
    executor = await harness.executor()
    cartridge_id = await harness.cartridge(VoiceCartridge(vocabulary={"great": "splendid"}))
    command = await harness.due(Kind.COMMENT, text="A great read.", cartridge_id=cartridge_id)

    await executor.handle(command)

    (effect,) = harness.effects
    assert effect.text == "A great read."
    outcome = await harness.outcome()
    assert (outcome.final_text, outcome.voice) == ("A great read.", "none")
    assert outcome.result is not None
    assert outcome.result.provider_id in harness.server.sandbox.state.comments


async def test_a_repost_goes_out_without_a_word(harness: Harness) -> None:
    """P5 by API: an instant repost; its URL is looked up where the answer holds no id."""
    executor = await harness.executor()
    command = await harness.due(Kind.REPOST)

    await executor.handle(command)

    (effect,) = harness.effects
    assert (effect.kind, effect.text) == ("repost", "")
    outcome = await harness.outcome()
    assert outcome.outcome is Outcome.EXECUTED
    assert outcome.result is not None
    assert outcome.result.url is not None


@pytest.mark.parametrize("amplify", [True, False])
async def test_a_publish_says_where_the_post_is(harness: Harness, amplify: bool) -> None:
    """Q7: the fact that a post is live goes out with the outcome, and with its people's wishes."""
    executor = await harness.executor()
    command = await harness.due(Kind.PUBLISH, text="Hello, world.")
    await harness.queued_post(command, amplify=amplify)

    await executor.handle(command)

    assert (await harness.outcome()).outcome is Outcome.EXECUTED
    (fact,) = await harness.published()
    assert fact.post_id == post_of(command).post_id
    assert fact.author_account_id == command.account_id
    (post,) = [p for p in harness.server.sandbox.state.posts if p.text == "Hello, world."]
    assert (fact.pod_id, fact.amplify) == (harness.tenant.pod_id, amplify)
    assert (fact.url, fact.social_id) == (post.share_url, post.social_id)


@pytest.mark.parametrize("account", [0, 1])
async def test_a_post_known_by_its_url_is_resolved(harness: Harness, account: int) -> None:
    """E2: actions take a social_id, which a URL does not hold."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE, by_url=True, account=account)

    await executor.handle(command)

    outcome = await harness.outcome()
    assert outcome.result is not None
    assert outcome.result.social_id == harness.effects[0].post_id


async def test_nothing_goes_out_before_it_is_due(harness: Harness) -> None:
    """E1: handed over early, called at the instant or just after it."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE, in_seconds=0.25)

    await executor.handle(command)

    outcome = await harness.outcome()
    assert outcome.called_at is not None
    assert 0 <= (outcome.called_at - command.due_at).total_seconds() < 0.2
