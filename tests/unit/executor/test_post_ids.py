"""From addresses to the ids that Unipile is asked with."""

import pytest

from chorus.errors import PermanentProviderError
from chorus_executor.providers.unipile.post_ids import lookup_id, segment

N = "7332661864792854528"


@pytest.mark.parametrize(
    ("reference", "wanted"),
    [
        (f"https://www.linkedin.com/posts/ann-b_hello-activity-{N}-aB3d/", N),
        (f"https://www.linkedin.com/posts/ann_x-activity-{N}-aB3d?utm_source=share", N),
        (f"https://www.linkedin.com/feed/update/urn:li:activity:{N}/", N),
        (f"https://www.linkedin.com/feed/update/urn%3Ali%3Aactivity%3A{N}", N),
        (f"https://www.linkedin.com/posts/ann-ugcPost-{N}-aB3d", f"urn:li:ugcPost:{N}"),
        (f"https://www.linkedin.com/feed/update/urn:li:share:{N}/", f"urn:li:share:{N}"),
        (f"urn:li:activity:{N}", f"urn:li:activity:{N}"),
        (N, N),
    ],
)
def test_the_form_of_an_id_follows_from_the_address(reference: str, wanted: str) -> None:
    """E2: a bare number is an activity's; other kinds need their URN."""
    assert lookup_id(reference) == wanted


@pytest.mark.parametrize(
    "reference",
    [
        "https://www.linkedin.com/in/ann/",
        "https://example.com/activity-12/",
        f"https://www.linkedin.com/redirect?to=activity-{N}",
        f"https://www.linkedin.com/in/ann/activity-{N}/",
        "../../accounts",
        f"{N}?x",
    ],
)
def test_an_address_without_a_post_is_refused(reference: str) -> None:
    """E6: post_not_found."""
    with pytest.raises(PermanentProviderError):
        lookup_id(reference)


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_an_id_that_leads_to_another_path_is_refused(identifier: str) -> None:
    """Finding E9: `.` and `..` are no ids: nothing is asked with them."""
    with pytest.raises(PermanentProviderError):
        segment(identifier)


def test_an_id_is_one_segment() -> None:
    """Finding E9: whatever stands in it."""
    assert segment("a/../b?c") == "a%2F..%2Fb%3Fc"
    assert segment(f"urn:li:share:{N}") == f"urn:li:share:{N}"
