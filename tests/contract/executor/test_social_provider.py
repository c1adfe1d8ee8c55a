"""What the executor relies on, held by the fake and by the Unipile adapter on the sandbox alike."""

from datetime import timedelta

import pytest

from chorus.errors import ChallengeError, PermanentProviderError, TransientProviderError
from chorus.vocabulary import ErrorType
from chorus_execution.port import ABSENT, EffectMarks, Found
from tests.contract.executor.harness import (
    FREE,
    OURS,
    THEIRS,
    Network,
    now,
    soon,
)


def marks(*texts: str, ago: float = 5.0) -> EffectMarks:
    return EffectMarks(texts=texts, since=now() - timedelta(seconds=ago))


async def test_a_url_resolves_to_the_id_for_actions(network: Network) -> None:
    """E2: and says who wrote it and when."""
    info = await network.provider.resolve(network.url, account=OURS, deadline=soon())
    assert info.social_id == network.post
    assert info.reacted is False
    assert info.author_id
    assert info.published_at is not None
    assert abs(info.published_at - now()) < timedelta(seconds=30)
    assert info.text == "A post."


async def test_a_reaction_is_found_for_its_own_account_alone(network: Network) -> None:
    """E5: somebody else's reaction is not ours."""
    provider, post = network.provider, network.post
    assert await provider.find_reaction(post, account=OURS, deadline=soon()) is ABSENT
    await provider.react(post, "like", account=THEIRS, deadline=soon(), permit=FREE)
    assert await provider.find_reaction(post, account=OURS, deadline=soon()) is ABSENT
    await provider.react(post, "celebrate", account=OURS, deadline=soon(), permit=FREE)
    assert isinstance(await provider.find_reaction(post, account=OURS, deadline=soon()), Found)


async def test_a_comment_is_found_by_account_text_and_post(network: Network) -> None:
    """E5: somebody else's with the same words is not ours."""
    provider, post = network.provider, network.post
    await provider.comment(
        post, "Well  said.\nIndeed", account=THEIRS, deadline=soon(), permit=FREE
    )
    sought = marks("Well said. Indeed")
    assert await provider.find_comment(post, sought, account=OURS, deadline=soon()) is ABSENT

    await provider.comment(post, "Well  said.\nIndeed", account=OURS, deadline=soon(), permit=FREE)

    found = await provider.find_comment(post, sought, account=OURS, deadline=soon())
    assert isinstance(found, Found)
    assert found.id
    elsewhere = network.add_post()
    assert await provider.find_comment(elsewhere, sought, account=OURS, deadline=soon()) is ABSENT


async def test_what_an_account_has_there_is_listed(network: Network) -> None:
    """Finding A9, E5: its own alone, of whatever time, by the names by which it is found."""
    provider, post = network.provider, network.post
    await provider.comment(post, "Somebody else's.", account=THEIRS, deadline=soon(), permit=FREE)
    assert await provider.own_comments(post, account=OURS, deadline=soon()) == frozenset()
    network.comment_by_hand("By hand.", ago=90 * 86_400)
    (name,) = await provider.own_comments(post, account=OURS, deadline=soon())
    found = await provider.find_comment(post, marks("By hand."), account=OURS, deadline=soon())
    assert found == Found(id=name)

    assert await provider.own_posts(account=OURS, deadline=soon()) == ()
    network.post_by_hand("An older one.", ago=3600)
    network.post_by_hand("A newer one.")
    newest, _ = await provider.own_posts(account=OURS, deadline=soon())
    post_found = await provider.find_post(marks("A newer one."), account=OURS, deadline=soon())
    assert isinstance(post_found, Found)
    assert post_found.id in newest


async def test_a_comment_is_found_beyond_the_first_pages(network: Network) -> None:
    """E5: every page is read before anything is called absent."""
    provider, post = network.provider, network.post
    await provider.comment(post, "Well said.", account=OURS, deadline=soon(), permit=FREE)
    for number in range(230):
        await provider.comment(
            post, f"Number {number}", account=THEIRS, deadline=soon(), permit=FREE
        )
    found = await provider.find_comment(post, marks("Well said."), account=OURS, deadline=soon())
    assert isinstance(found, Found)


async def test_a_repost_is_found_by_what_it_repeats(network: Network) -> None:
    """E5, P5."""
    provider, post = network.provider, network.post
    other = network.add_post()
    await provider.repost(other, "", account=OURS, deadline=soon(), permit=FREE)
    sought = marks("")
    assert await provider.find_repost(post, sought, account=OURS, deadline=soon()) is ABSENT

    await provider.repost(post, "", account=OURS, deadline=soon(), permit=FREE)

    found = await provider.find_repost(post, sought, account=OURS, deadline=soon())
    assert isinstance(found, Found)
    assert found.url


async def test_a_post_is_found_by_its_text(network: Network) -> None:
    """E5, Q7: a repost with the same text is not it."""
    provider = network.provider
    assert await provider.find_post(marks("Hello, all."), account=OURS, deadline=soon()) is ABSENT
    done = await provider.publish("Hello, all.", account=OURS, deadline=soon(), permit=FREE)
    found = await provider.find_post(marks("Hello,  all."), account=OURS, deadline=soon())
    assert isinstance(found, Found)
    assert found.id == done.id
    info = await provider.resolve(str(done.id), account=OURS, deadline=soon())
    assert info.social_id
    assert info.url == found.url


async def test_a_post_that_is_not_there_is_a_permanent_refusal(network: Network) -> None:
    """E6: post_not_found."""
    with pytest.raises(PermanentProviderError) as caught:
        await network.provider.react(
            "urn:li:activity:7999999999999999999",
            "like",
            account=OURS,
            deadline=soon(),
            permit=FREE,
        )
    assert caught.value.error_type is ErrorType.POST_NOT_FOUND


async def test_an_account_that_needs_its_person_is_a_challenge(network: Network) -> None:
    """E6 and invariant 5: auth_error, and the account is to be stopped."""
    network.disconnect(OURS)
    with pytest.raises(ChallengeError) as caught:
        await network.provider.react(
            network.post, "like", account=OURS, deadline=soon(), permit=FREE
        )
    assert caught.value.error_type is ErrorType.AUTH_ERROR


async def test_without_time_left_no_call_is_made(network: Network) -> None:
    """E1, E6: an engagement that has used up its time sends nothing, and may be tried again."""
    with pytest.raises(TransientProviderError):
        await network.provider.react(
            network.post, "like", account=OURS, deadline=soon(-1), permit=FREE
        )
    assert (
        await network.provider.find_reaction(network.post, account=OURS, deadline=soon()) is ABSENT
    )
