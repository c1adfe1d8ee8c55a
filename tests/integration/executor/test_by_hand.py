"""What a member did by hand is left as it is, and nobody claims that it was our call (A9)."""

import pytest

from chorus.vocabulary import Kind, Outcome
from tests.integration.executor.harness import Harness


def like_by_hand(harness: Harness, value: str = "PRAISE") -> None:
    sandbox = harness.server.sandbox
    (post,) = harness.posts.values()
    author = sandbox.state.accounts[harness.account()].person
    sandbox.state.react(author=author, post=post, value=value, created_ms=sandbox.now_ms())


def repost_by_hand(harness: Harness, text: str) -> None:
    sandbox = harness.server.sandbox
    (post,) = harness.posts.values()
    author = sandbox.state.accounts[harness.account()].person
    sandbox.state.add_post(author=author, text=text, created_ms=sandbox.now_ms(), original=post)


async def test_a_members_own_reaction_is_not_replaced(harness: Harness) -> None:
    """INVARIANT: Finding A9: it stays what it is, and the reason says that it was there."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)
    like_by_hand(harness)

    await executor.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, "already_done")
    assert outcome.called_at is None
    assert harness.effects == []
    (post,) = harness.posts.values()
    assert [reaction.value for reaction in post.reactions] == ["PRAISE"]


@pytest.mark.parametrize("text", ["", "My own words"])
@pytest.mark.parametrize("ours", [None, "Words of ours"])
async def test_a_members_own_repost_is_not_doubled(
    harness: Harness, text: str, ours: str | None
) -> None:
    """INVARIANT: Finding A9: with words or without, it is the repost of this post."""
    harness.server.sandbox.behaviour.three_ids = True
    executor = await harness.executor()
    command = await harness.due(Kind.REPOST, text=ours)
    repost_by_hand(harness, text)

    await executor.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, "already_done")
    assert harness.effects == []


async def test_a_refusal_because_it_was_done_claims_no_lost_call(harness: Harness) -> None:
    """Finding A9: 422 action_already_performed before any call of ours is the member's doing."""
    executor = await harness.executor()
    harness.fault("status", "react", type="action_already_performed")
    command = await harness.due(Kind.LIKE)

    await executor.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.WITHHELD, False)
    assert outcome.withheld_code == "already_done"


async def test_a_reaction_that_an_earlier_call_left_is_ours(harness: Harness) -> None:
    """Finding A9: only where no call of ours can have made it, it was the member."""
    executor = await harness.executor(engagement_seconds=0.2, verify_pauses=(0.05,))
    harness.fault("late_effect", "react", ms=900)
    command = await harness.due(Kind.LIKE)
    await executor.handle(command)
    assert (await harness.outcome()).outcome is not Outcome.EXECUTED
    await harness.effect()

    await executor.handle(await harness.again(command))

    outcome = await harness.outcome(2)
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1


def comment_by_hand(harness: Harness, text: str, *, ago_ms: int = 0) -> None:
    sandbox = harness.server.sandbox
    (post,) = harness.posts.values()
    author = sandbox.state.accounts[harness.account()].person
    sandbox.state.add_comment(
        author=author, post=post, text=text, created_ms=sandbox.now_ms() - ago_ms
    )


@pytest.mark.parametrize("text", ["Well said.", "My own words, of another kind"])
async def test_a_members_own_comment_is_not_added_to(harness: Harness, text: str) -> None:
    """INVARIANT: who has commented has commented, whenever, in whatever words (finding A9)."""
    executor = await harness.executor()
    command = await harness.due(Kind.COMMENT, text="Well said.")
    comment_by_hand(harness, text, ago_ms=600_000)

    await executor.handle(command)

    outcome = await harness.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, "already_done")
    assert outcome.called_at is None
    assert harness.effects == []


async def test_a_post_with_more_comments_than_are_read_is_commented_on_once(
    harness: Harness,
) -> None:
    """INVARIANT: what cannot be told stops no first call, and is never taken for absent (E5)."""
    executor = await harness.executor(engagement_seconds=5.0, works_seconds=0.1)
    harness.fault("reset_before", "comment")
    command = await harness.due(Kind.COMMENT, text="Well said.")
    sandbox = harness.server.sandbox
    (post,) = harness.posts.values()
    author = sandbox.state.add_person(name="Somebody Busy")
    for number in range(2_001):
        sandbox.state.add_comment(
            author=author, post=post, text=f"Number {number}", created_ms=sandbox.now_ms()
        )

    await executor.handle(command)

    outcome = await harness.outcome()
    assert outcome.outcome is Outcome.UNKNOWN
    assert outcome.called_at is not None


async def test_a_comment_is_found_in_the_members_list_where_the_posts_is_too_long(
    harness: Harness,
) -> None:
    """Finding A9, invariant 1: a famous post's comments are not read to their end."""
    executor = await harness.executor()
    command = await harness.due(Kind.COMMENT, text="Well said.")
    comment_by_hand(harness, "Mine", ago_ms=600_000)
    sandbox = harness.server.sandbox
    (post,) = harness.posts.values()
    author = sandbox.state.add_person(name="Somebody Busy")
    for number in range(301):
        sandbox.state.add_comment(
            author=author, post=post, text=f"Number {number}", created_ms=sandbox.now_ms()
        )

    await executor.handle(command)

    assert (await harness.outcome()).withheld_code == "already_done"
    assert harness.effects == []
