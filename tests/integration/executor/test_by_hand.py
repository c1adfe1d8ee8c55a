"""What a member did by hand is left as it is, and nobody claims that it was our call (A9)."""

import pytest

from chorus.vocabulary import Kind, Outcome
from tests.integration.executor.ground import Ground


def like_by_hand(ground: Ground, value: str = "PRAISE") -> None:
    sandbox = ground.server.sandbox
    (post,) = ground.posts.values()
    author = sandbox.state.accounts[ground.account()].person
    sandbox.state.react(author=author, post=post, value=value, created_ms=sandbox.now_ms())


def repost_by_hand(ground: Ground, text: str) -> None:
    sandbox = ground.server.sandbox
    (post,) = ground.posts.values()
    author = sandbox.state.accounts[ground.account()].person
    sandbox.state.add_post(author=author, text=text, created_ms=sandbox.now_ms(), original=post)


async def test_a_members_own_reaction_is_not_replaced(ground: Ground) -> None:
    """INVARIANT: Finding A9: it stays what it is, and the reason says that it was there."""
    executor = await ground.executor()
    command = await ground.due(Kind.LIKE)
    like_by_hand(ground)

    await executor.handle(command)

    outcome = await ground.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, "already_done")
    assert outcome.called_at is None
    assert ground.effects == []
    (post,) = ground.posts.values()
    assert [reaction.value for reaction in post.reactions] == ["PRAISE"]


@pytest.mark.parametrize("text", ["", "My own words"])
@pytest.mark.parametrize("ours", [None, "Words of ours"])
async def test_a_members_own_repost_is_not_doubled(
    ground: Ground, text: str, ours: str | None
) -> None:
    """INVARIANT: Finding A9: with words or without, it is the repost of this post."""
    ground.server.sandbox.behaviour.three_ids = True
    executor = await ground.executor()
    command = await ground.due(Kind.REPOST, text=ours)
    repost_by_hand(ground, text)

    await executor.handle(command)

    outcome = await ground.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, "already_done")
    assert ground.effects == []


async def test_a_refusal_because_it_was_done_claims_no_lost_call(ground: Ground) -> None:
    """Finding A9: 422 action_already_performed before any call of ours is the member's doing."""
    executor = await ground.executor()
    ground.fault("status", "react", type="action_already_performed")
    command = await ground.due(Kind.LIKE)

    await executor.handle(command)

    outcome = await ground.outcome()
    assert (outcome.outcome, outcome.verified) == (Outcome.WITHHELD, False)
    assert outcome.withheld_code == "already_done"


async def test_a_reaction_that_an_earlier_call_left_is_ours(ground: Ground) -> None:
    """Finding A9: only where no call of ours can have made it, it was the member."""
    executor = await ground.executor(engagement_seconds=0.2, look_pauses=(0.05,))
    ground.fault("late_effect", "react", ms=900)
    command = await ground.due(Kind.LIKE)
    await executor.handle(command)
    assert (await ground.outcome()).outcome is not Outcome.EXECUTED
    await ground.effect()

    await executor.handle(await ground.again(command))

    outcome = await ground.outcome(2)
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(ground.effects) == 1


def comment_by_hand(ground: Ground, text: str, *, ago_ms: int = 0) -> None:
    sandbox = ground.server.sandbox
    (post,) = ground.posts.values()
    author = sandbox.state.accounts[ground.account()].person
    sandbox.state.add_comment(
        author=author, post=post, text=text, created_ms=sandbox.now_ms() - ago_ms
    )


@pytest.mark.parametrize("text", ["Well said.", "My own words, of another kind"])
async def test_a_members_own_comment_is_not_added_to(ground: Ground, text: str) -> None:
    """INVARIANT: who has commented has commented, whenever, in whatever words (finding A9)."""
    executor = await ground.executor()
    command = await ground.due(Kind.COMMENT, text="Well said.")
    comment_by_hand(ground, text, ago_ms=600_000)

    await executor.handle(command)

    outcome = await ground.outcome()
    assert (outcome.outcome, outcome.withheld_code) == (Outcome.WITHHELD, "already_done")
    assert outcome.called_at is None
    assert ground.effects == []


async def test_a_post_with_more_comments_than_are_read_is_commented_on_once(
    ground: Ground,
) -> None:
    """INVARIANT: what cannot be told stops no first call, and is never taken for absent (E5)."""
    executor = await ground.executor(engagement_seconds=5.0, works_seconds=0.1)
    ground.fault("reset_before", "comment")
    command = await ground.due(Kind.COMMENT, text="Well said.")
    sandbox = ground.server.sandbox
    (post,) = ground.posts.values()
    author = sandbox.state.add_person(name="Somebody Busy")
    for number in range(2_001):
        sandbox.state.add_comment(
            author=author, post=post, text=f"Number {number}", created_ms=sandbox.now_ms()
        )

    await executor.handle(command)

    outcome = await ground.outcome()
    assert outcome.outcome is Outcome.UNKNOWN
    assert outcome.called_at is not None


async def test_a_comment_is_found_in_the_members_list_where_the_posts_is_too_long(
    ground: Ground,
) -> None:
    """Finding A9, invariant 1: a famous post's comments are not read to their end."""
    executor = await ground.executor()
    command = await ground.due(Kind.COMMENT, text="Well said.")
    comment_by_hand(ground, "Mine", ago_ms=600_000)
    sandbox = ground.server.sandbox
    (post,) = ground.posts.values()
    author = sandbox.state.add_person(name="Somebody Busy")
    for number in range(301):
        sandbox.state.add_comment(
            author=author, post=post, text=f"Number {number}", created_ms=sandbox.now_ms()
        )

    await executor.handle(command)

    assert (await ground.outcome()).withheld_code == "already_done"
    assert ground.effects == []
