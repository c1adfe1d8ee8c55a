"""Ids in LinkedIn's forms."""

from chorus_sandbox.world.ids import (
    IdSource,
    instant_ms,
    is_bare_number,
    is_provider_id,
    is_urn,
    slug_of,
)

NOW_MS = 1_760_000_000_000


def test_one_post_has_three_different_numbers_that_carry_its_time() -> None:
    numbers = IdSource(7).post_numbers(NOW_MS)
    all_three = {numbers.activity, numbers.share, numbers.ugc}
    assert len(all_three) == 3
    assert {instant_ms(number) for number in all_three} == {NOW_MS}


def test_urns_name_their_form() -> None:
    numbers = IdSource().post_numbers(NOW_MS)
    assert numbers.urn("activity") == f"urn:li:activity:{numbers.activity}"
    assert numbers.urn("share") == f"urn:li:share:{numbers.share}"
    assert numbers.urn("ugcPost") == f"urn:li:ugcPost:{numbers.ugc}"


def test_the_same_seed_gives_the_same_ids() -> None:
    assert IdSource(3).provider_id() == IdSource(3).provider_id()
    assert IdSource(3).provider_id() != IdSource(4).provider_id()


def test_forms_are_told_apart() -> None:
    assert is_urn("urn:li:ugcPost:7332661864792854528")
    assert not is_urn("urn:li:comment:7332661864792854528")
    assert not is_urn("urn:li:activity:12")
    assert is_bare_number("7332661864792854528")
    assert not is_bare_number("73326618647928545x8")
    assert is_provider_id(IdSource().provider_id())
    assert is_provider_id("ADoAAAcDMMQBODyLwZrRcgYhrk")
    assert not is_provider_id("ada-byron")


def test_slugs_keep_letters_and_numbers() -> None:
    assert slug_of("Ünder 10 minutes: DONE!") == "nder-10-minutes-done"
    assert not slug_of("…")
