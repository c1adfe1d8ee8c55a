"""Whose is it? Held by the fake and by the Unipile adapter, whatever the network does to texts."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from chorus.errors import ProviderError
from chorus.vocabulary import Kind
from chorus_execution.port import ABSENT, EffectMarks, Found, Sighting
from tests.contract.executor.harness import FREE, OURS, THEIRS, Network, now, soon

LONG = "https://www.example.com/articles/2026/11/one?utm_source=pod"
TEXTS = [
    f"Worth  reading: {LONG}. It's all in there",
    '"Ship it", she said... and we did. ',
    "Thanks @ada-byron and @b-stone-77, this is what I meant!",
    "One line\n\n\n\n  and another\u00a0one",
    LONG,
    "Na\u00efve cafe\u0301 \u2014 \U0001f44f\U0001f3fd",
]
WORDED = pytest.mark.parametrize("text", TEXTS)


def marks(
    *texts: str,
    ago: float = 5.0,
    claimed: frozenset[str] = frozenset(),
    stood: frozenset[str] | None = None,
) -> EffectMarks:
    since = now() - timedelta(seconds=ago)
    return EffectMarks(texts=texts, since=since, claimed=claimed, stood=stood)


async def write(network: Network, kind: Kind, text: str) -> None:
    provider, post = network.provider, network.post
    if kind is Kind.COMMENT:
        await provider.comment(post, text, account=OURS, deadline=soon(), permit=FREE)
    elif kind is Kind.REPOST:
        await provider.repost(post, text, account=OURS, deadline=soon(), permit=FREE)
    else:
        await provider.publish(text, account=OURS, deadline=soon(), permit=FREE)


async def look(network: Network, kind: Kind, sought: EffectMarks) -> Sighting:
    provider, post = network.provider, network.post
    if kind is Kind.COMMENT:
        return await provider.find_comment(post, sought, account=OURS, deadline=soon())
    if kind is Kind.REPOST:
        return await provider.find_repost(post, sought, account=OURS, deadline=soon())
    return await provider.find_post(sought, account=OURS, deadline=soon())


def by_hand(network: Network, kind: Kind) -> Callable[..., None]:
    return {
        Kind.COMMENT: network.comment_by_hand,
        Kind.REPOST: network.repost_by_hand,
        Kind.PUBLISH: network.post_by_hand,
    }[kind]


async def cannot_tell(asked: Awaitable[Sighting]) -> bool:
    try:
        await asked
    except ProviderError as error:
        return error.code == "cannot_tell"
    return False


KINDS = pytest.mark.parametrize("kind", [Kind.COMMENT, Kind.REPOST, Kind.PUBLISH])
TOLD_BY_TEXT = pytest.mark.parametrize("kind", [Kind.COMMENT, Kind.PUBLISH])


@KINDS
@WORDED
async def test_a_text_that_the_network_changed_is_ours(
    network: Network, kind: Kind, text: str
) -> None:
    """Finding A3: links shortened, mentions resolved, quotes, ellipses and spaces changed."""
    network.rewrite()
    network.show_three_ids()
    await write(network, kind, text)
    assert isinstance(await look(network, kind, marks(text)), Found)


@TOLD_BY_TEXT
async def test_another_text_is_no_proof_of_absence(network: Network, kind: Kind) -> None:
    """INVARIANT: Finding A3: what may be ours is never called absent because of its text."""
    by_hand(network, kind)("Something that we did not write at all")
    assert await cannot_tell(look(network, kind, marks("Congratulations to the whole team")))


@TOLD_BY_TEXT
async def test_of_several_the_one_that_is_alike_is_ours(network: Network, kind: Kind) -> None:
    """Finding A3: the text is a hint for choosing."""
    network.rewrite()
    await write(network, kind, TEXTS[0])
    mine = await look(network, kind, marks(TEXTS[0]))
    by_hand(network, kind)("My own words, written by hand")
    by_hand(network, kind)("And some more of them")
    assert await look(network, kind, marks(TEXTS[0])) == mine


async def test_what_is_from_before_the_call_is_not_ours(network: Network) -> None:
    """Finding A9: an own post that stood there before our call is somebody's own, whatever it says
    and whatever clocks say, and so is what is older than the oldest that was noted.
    """
    network.post_by_hand("Well said.", ago=7200)
    network.post_by_hand("Well said.")
    newest, older = await network.provider.own_posts(account=OURS, deadline=soon())
    for stood in (newest, newest | older):
        for ago in (-86_400 * 3, 86_400 * 3):
            sought = marks("Well said.", ago=ago, stood=stood)
            assert await look(network, Kind.PUBLISH, sought) is ABSENT


@KINDS
@pytest.mark.parametrize("ago", [-120, -3 * 86_400, 3 * 86_400])
async def test_no_clock_of_ours_says_what_is_ours(network: Network, kind: Kind, ago: int) -> None:
    """INVARIANT: however far clocks are from each other, our effect is found (invariant 1)."""
    network.post_by_hand("Well said.", ago=3600)
    network.show_three_ids()
    listed = await network.provider.own_posts(account=OURS, deadline=soon())
    await write(network, kind, "Well said.")
    sought = marks("Well said.", ago=ago, stood=frozenset().union(*listed))
    assert isinstance(await look(network, kind, sought), Found)


async def test_a_call_of_which_nothing_was_noted_is_told_to_within_a_day(network: Network) -> None:
    """Invariant 1: of attempts of before what stood there was noted: no clock is off by so much."""
    network.post_by_hand("Well said.", ago=3 * 86_400)
    assert await look(network, Kind.PUBLISH, marks("Well said.")) is ABSENT
    network.date_by_age()
    assert await look(network, Kind.PUBLISH, marks("Well said.")) is ABSENT
    await write(network, Kind.PUBLISH, "Well said.")
    assert isinstance(await look(network, Kind.PUBLISH, marks("Well said.", ago=-43_200)), Found)


@KINDS
async def test_what_another_act_of_ours_made_is_not_ours(network: Network, kind: Kind) -> None:
    """Finding A3: what is claimed is neither found nor does it hinder."""
    await write(network, kind, "Well said.")
    found = await look(network, kind, marks("Well said."))
    assert isinstance(found, Found)
    assert found.id is not None
    sought = marks("Well said.", claimed=frozenset({found.id}))
    assert await look(network, kind, sought) is ABSENT


@KINDS
async def test_a_claim_holds_whatever_the_id_is_that_is_shown(network: Network, kind: Kind) -> None:
    """Findings A3, A4: an id is remembered in one form, and the network shows another."""
    network.show_three_ids()
    await write(network, kind, "Well said.")
    found = await look(network, kind, marks("Well said."))
    assert isinstance(found, Found)
    assert found.id is not None
    sought = marks("Well said.", claimed=frozenset({found.id}))
    assert [await look(network, kind, sought) for _ in range(4)] == [ABSENT] * 4


@pytest.mark.parametrize(("sent", "shown"), [("", "With words"), ("With words", "")])
async def test_an_instant_repost_and_one_with_words_are_one(
    network: Network, sent: str, shown: str
) -> None:
    """Finding A3: what repeats the post is the repost of it, whatever it says."""
    network.show_three_ids()
    network.repost_by_hand(shown)
    assert isinstance(await look(network, Kind.REPOST, marks(sent)), Found)


@KINDS
async def test_lists_that_are_behind_show_it_later(network: Network, kind: Kind) -> None:
    """E5: absent is what the list says now; a later look tells."""
    network.fall_behind()
    await write(network, kind, "Well said.")
    assert await look(network, kind, marks("Well said.")) is ABSENT
    network.catch_up()
    assert isinstance(await look(network, kind, marks("Well said.")), Found)


@KINDS
async def test_an_effect_that_lands_late_is_found_then(network: Network, kind: Kind) -> None:
    """Finding A8."""
    network.be_late()
    await write(network, kind, "Well said.")
    assert await look(network, kind, marks("Well said.")) is ABSENT
    network.land()
    assert isinstance(await look(network, kind, marks("Well said.")), Found)


async def test_a_reaction_that_lands_late_is_found_then(network: Network) -> None:
    """Finding A8."""
    provider, post = network.provider, network.post
    network.be_late()
    await provider.react(post, "like", account=OURS, deadline=soon(), permit=FREE)
    assert await provider.find_reaction(post, account=OURS, deadline=soon()) is ABSENT
    network.land()
    assert isinstance(await provider.find_reaction(post, account=OURS, deadline=soon()), Found)


async def test_a_post_is_resolved_by_what_publishing_answered(network: Network) -> None:
    """Finding A4: whichever of its three ids that is."""
    network.show_three_ids()
    for _ in range(3):
        done = await network.provider.publish(
            "Hello, all.", account=OURS, deadline=soon(), permit=FREE
        )
        info = await network.provider.resolve(str(done.id), account=THEIRS, deadline=soon())
        again = await network.provider.resolve(info.social_id, account=OURS, deadline=soon())
        assert again.social_id == info.social_id


async def test_somebody_elses_doing_hinders_nothing(network: Network) -> None:
    """E5."""
    for number in range(3):
        await network.provider.comment(
            network.post, f"Number {number}", account=THEIRS, deadline=soon(), permit=FREE
        )
    assert await look(network, Kind.COMMENT, marks("Well said.")) is ABSENT
