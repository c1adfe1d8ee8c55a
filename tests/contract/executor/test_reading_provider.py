"""What looks rely on, held by the fake and by the Unipile adapter on the sandbox alike."""

from datetime import timedelta

import pytest

from chorus.errors import ChallengeError
from chorus_executor.providers.port import ReadingProvider
from tests.contract.executor.harness import OURS, THEIRS, Network, now, soon

HOUR = timedelta(hours=1)


def reading(network: Network) -> ReadingProvider:
    return network.provider


async def test_what_an_account_wrote_is_read_newest_first(network: Network) -> None:
    """A7: each with the one name that acts take, its author and its time; no reposts."""
    network.post_by_hand("Older.", ago=600)
    network.post_by_hand("Newer.", ago=60)
    network.repost_by_hand("Look at this.", ago=30)
    network.repost_by_hand(ago=20)
    found = await reading(network).posts_of(account=OURS, since=now() - HOUR, deadline=soon())
    ages = [round((now() - post.published_at).total_seconds(), -1) for post in found]
    assert ages == [60, 600]
    assert len({post.social_id for post in found}) == 2
    assert len({post.author_id for post in found}) == 1
    assert all(post.social_id in post.names for post in found)


async def test_what_is_older_is_not_read(network: Network) -> None:
    """A7: nor what somebody else wrote."""
    network.post_by_hand("Of yesterday.", ago=86_400)
    for account in (OURS, THEIRS):
        found = await reading(network).posts_of(
            account=account, since=now() - HOUR, deadline=soon()
        )
        assert found == ()


async def test_a_post_has_one_name_however_it_is_shown(network: Network) -> None:
    """Finding A4: three numbers, dates by age: the same social_id each time."""
    network.show_three_ids()
    network.date_by_age()
    network.post_by_hand("News.", ago=60)
    seen = set()
    for _ in range(4):
        (post,) = await reading(network).posts_of(account=OURS, since=now() - HOUR, deadline=soon())
        seen.add(post.social_id)
        assert abs(post.published_at - now() + timedelta(seconds=60)) < timedelta(seconds=30)
    assert len(seen) == 1


async def test_an_account_without_its_person_is_challenged(network: Network) -> None:
    """Invariant 5: a look meets a challenge as an act does."""
    network.disconnect(OURS)
    with pytest.raises(ChallengeError):
        await reading(network).posts_of(account=OURS, since=now() - HOUR, deadline=soon())


async def test_a_lost_sign_in_is_an_answer(network: Network) -> None:
    """Issue 11.5: the provider's own record tells what became of it, and who is signed in."""
    state = await reading(network).state_of(account=OURS, deadline=soon())
    assert state.word == "OK"
    assert state.profile_id
    network.disconnect(OURS)
    lost = await reading(network).state_of(account=OURS, deadline=soon())
    assert (lost.word, lost.profile_id) == ("CREDENTIALS", state.profile_id)


async def test_an_account_that_is_not_there_is_an_answer_too(network: Network) -> None:
    """Issue 11.5: the provider says so in a word of its own."""
    network.forget(OURS)
    state = await reading(network).state_of(account=OURS, deadline=soon())
    assert (state.word, state.profile_id) == ("DELETED", None)
