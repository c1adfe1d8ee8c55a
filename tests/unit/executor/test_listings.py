"""How dates and ids in lists are read, and what is remembered."""

from datetime import timedelta

import pytest

from chorus_executor.lru import Remembered
from chorus_executor.providers.unipile import listings
from tests.unit.chorus.samples import NOW


@pytest.mark.parametrize(
    ("date", "older"),
    [
        ((NOW - timedelta(hours=25)).isoformat(), True),
        ((NOW - timedelta(hours=23)).isoformat(), False),
        ((NOW + timedelta(hours=1)).isoformat(), False),
        ("2h", False),
        (None, False),
    ],
)
def test_only_a_readable_date_makes_an_item_old(date: str | None, older: bool) -> None:
    """INVARIANT: what cannot be dated may be ours, so it is never called absent by its date."""
    assert listings.is_older({"date": date}, NOW) is older


@pytest.mark.parametrize(
    ("date", "older"),
    [
        ("2h", False),
        ("3h", True),
        ("now", False),
        ("59m", False),
        ("2d", True),
        ("1 week ago", False),
        ("2 weeks ago", True),
        ("5mo \u2022 Edited", True),
        ("9999yr", True),
        ("hier", False),
    ],
)
def test_an_age_makes_an_item_old_only_where_it_surely_is(date: str, older: bool) -> None:
    """INVARIANT: Finding A3: an age is rounded, so the latest instant that it may mean counts."""
    since = NOW + listings.SKEW - timedelta(hours=1, minutes=30)
    assert listings.is_older({"date": date}, since, NOW) is older


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://x.example/", "https://x.example/" + "a" * 3000, "", 5]
)
def test_an_address_of_another_kind_is_none(url: object) -> None:
    """E9: what is stored and shown as a link is one, and of a sensible length."""
    assert listings.candidate_of({"id": "7", "share_url": url}).url is None


def test_an_id_is_steady_though_the_network_shows_another_of_three() -> None:
    """Finding A4."""
    social = "urn:li:activity:7332661864792854528"
    shown = ["7332661864792854528", "urn:li:share:7332661864792854529", social]
    found = [listings.candidate_of({"id": each, "social_id": social}).id for each in shown]
    assert found == ["7332661864792854528", social, social]


def test_only_what_was_used_last_is_remembered() -> None:
    """Memory is bounded."""
    kept: Remembered[int, str] = Remembered(2)
    kept.put(1, "one")
    kept.put(2, "two")
    assert kept.get(1) == "one"
    kept.put(3, "three")
    assert (kept.get(2), kept.get(1), kept.get(3)) == (None, "one", "three")
