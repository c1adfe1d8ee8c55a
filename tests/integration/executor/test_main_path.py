"""Each kind of activity, from its command to its recorded outcome."""

import pytest

from chorus.documents import VoiceCartridge
from chorus.testing.targets import post_of
from chorus.vocabulary import Kind, Outcome
from tests.integration.executor.ground import Ground


async def test_a_like_goes_out_once_and_is_recorded(ground: Ground) -> None:
    """E2, E4: the call, then outcome and event in the journal's own words."""
    executor = await ground.executor()
    command = await ground.due(Kind.LIKE)

    await executor.handle(command)

    (effect,) = ground.effects
    assert (effect.kind, effect.account_id) == ("like", command.provider_account_id)
    outcome = await ground.outcome()
    assert outcome.outcome is Outcome.EXECUTED
    assert outcome.called_at is not None
    assert outcome.called_at >= command.due_at
    assert outcome.result is not None
    assert outcome.result.answer == '{"object":"ReactionAdded"}'
    (row,) = await ground.attempts()
    assert row["outcome"] == "executed"
    assert row["closed_at"] >= row["opened_at"]


async def test_a_comment_goes_out_byte_for_byte_whatever_its_cartridge_says_now(
    ground: Ground,
) -> None:
    """Finding B8, E3: as it was shown, and recorded, with the comment's id found by listing."""
    executor = await ground.executor()
    cartridge_id = await ground.cartridge(VoiceCartridge(vocabulary={"great": "splendid"}))
    command = await ground.due(Kind.COMMENT, text="A great read.", cartridge_id=cartridge_id)

    await executor.handle(command)

    (effect,) = ground.effects
    assert effect.text == "A great read."
    outcome = await ground.outcome()
    assert (outcome.final_text, outcome.voice) == ("A great read.", "none")
    assert outcome.result is not None
    assert outcome.result.provider_id in ground.server.sandbox.state.comments


async def test_a_repost_goes_out_without_a_word(ground: Ground) -> None:
    """P5 by API: an instant repost; its URL is looked up where the answer holds no id."""
    executor = await ground.executor()
    command = await ground.due(Kind.REPOST)

    await executor.handle(command)

    (effect,) = ground.effects
    assert (effect.kind, effect.text) == ("repost", "")
    outcome = await ground.outcome()
    assert outcome.outcome is Outcome.EXECUTED
    assert outcome.result is not None
    assert outcome.result.url is not None


@pytest.mark.parametrize("amplify", [True, False])
async def test_a_publish_says_where_the_post_is(ground: Ground, amplify: bool) -> None:
    """Q7: the fact that a post is live goes out with the outcome, and with its people's wishes."""
    executor = await ground.executor()
    command = await ground.due(Kind.PUBLISH, text="Hello, world.")
    await ground.queued_post(command, amplify=amplify)

    await executor.handle(command)

    assert (await ground.outcome()).outcome is Outcome.EXECUTED
    (fact,) = await ground.published()
    assert fact.post_id == post_of(command).post_id
    assert fact.author_account_id == command.account_id
    (post,) = [p for p in ground.server.sandbox.state.posts if p.text == "Hello, world."]
    assert (fact.pod_id, fact.amplify) == (ground.tenant.pod_id, amplify)
    assert (fact.url, fact.social_id) == (post.share_url, post.social_id)


@pytest.mark.parametrize("account", [0, 1])
async def test_a_post_known_by_its_url_is_resolved(ground: Ground, account: int) -> None:
    """E2: actions take a social_id, which a URL does not hold."""
    executor = await ground.executor()
    command = await ground.due(Kind.LIKE, by_url=True, account=account)

    await executor.handle(command)

    outcome = await ground.outcome()
    assert outcome.result is not None
    assert outcome.result.social_id == ground.effects[0].post_id


async def test_nothing_goes_out_before_it_is_due(ground: Ground) -> None:
    """E1: handed over early, called at the instant or just after it."""
    executor = await ground.executor()
    command = await ground.due(Kind.LIKE, in_seconds=0.25)

    await executor.handle(command)

    outcome = await ground.outcome()
    assert outcome.called_at is not None
    assert 0 <= (outcome.called_at - command.due_at).total_seconds() < 0.2
