"""What a page is, from its final path, its status and its marks."""

import pytest

from chorus.errors import (
    ChallengeError,
    IndeterminateWrite,
    PermanentProviderError,
    TransientProviderError,
)
from chorus.vocabulary import ErrorType
from chorus_browser_repost.domain.page_states import Marks, PageState, classify, error_of

POST = "/feed/update/urn:li:activity:7123456789012345678/"
NOTHING = Marks()
CALM = frozenset({PageState.READY, PageState.ALREADY_REPOSTED})


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("/checkpoint/challenge/AgF3", PageState.CHALLENGE),
        ("/checkpoint/challengesV2/AQ", PageState.CHALLENGE),
        ("/checkpoint/lg/login-submit", PageState.CHALLENGE),
        ("/challenge/x", PageState.CHALLENGE),
        ("/Checkpoint/Challenge/x", PageState.CHALLENGE),
        ("/authwall", PageState.AUTH_WALL),
        ("/login", PageState.SIGNED_OUT),
        ("/login/de", PageState.SIGNED_OUT),
        ("/uas/login", PageState.SIGNED_OUT),
    ],
)
def test_a_path_tells(path: str, state: PageState) -> None:
    """E6: a page's final path says so even when it comes as a plain 200."""
    assert classify(path, 200, NOTHING) is state


@pytest.mark.parametrize(
    "path", ["/in/challenge/", "/posts/login-activity-7123456789012345678-abcd", "/in/authwall/"]
)
def test_a_word_elsewhere_in_a_path_tells_nothing(path: str) -> None:
    """A person may be called Challenge."""
    assert classify(path, 200, Marks(post=True, control="ready")) is PageState.READY


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (401, PageState.SIGNED_OUT),
        (403, PageState.LAYOUT_CHANGED),
        (404, PageState.TOMBSTONE),
        (410, PageState.TOMBSTONE),
        (429, PageState.THROTTLED),
        (500, PageState.SERVER_ERROR),
        (502, PageState.SERVER_ERROR),
        (503, PageState.THROTTLED),
        (999, PageState.BOT_FLAG),
    ],
)
def test_a_status_tells(status: int, state: PageState) -> None:
    """E6."""
    assert classify(POST, status, NOTHING) is state


@pytest.mark.parametrize(
    ("marks", "state"),
    [
        (Marks(challenge=True, sign_in=True), PageState.CHALLENGE),
        (Marks(sign_in=True), PageState.SIGNED_OUT),
        (Marks(tombstone=True), PageState.TOMBSTONE),
        (Marks(), PageState.LAYOUT_CHANGED),
        (Marks(post=True), PageState.LAYOUT_CHANGED),
        (Marks(post=True, control="ready"), PageState.READY),
        (Marks(post=True, control="reposted"), PageState.ALREADY_REPOSTED),
        (Marks(post=True, control="closed"), PageState.NOT_PERMITTED),
        (Marks(post=True, control="ready", challenge=True), PageState.READY),
        (Marks(post=True, control="ready", sign_in=True), PageState.READY),
        (Marks(post=True, control="ready", tombstone=True), PageState.READY),
    ],
)
def test_marks_tell_where_path_and_status_do_not(marks: Marks, state: PageState) -> None:
    """A post that talks about checkpoints is a post."""
    assert classify(POST, 200, marks) is state


def test_a_challenge_comes_before_a_lost_session_and_before_an_error() -> None:
    """INVARIANT: a challenge page links to the sign-in form; it is a challenge (invariant 5)."""
    both = Marks(challenge=True, sign_in=True)
    assert classify("/checkpoint/challenge/x", 429, both) is PageState.CHALLENGE
    assert classify(POST, 403, both) is PageState.CHALLENGE


@pytest.mark.parametrize("state", sorted(set(PageState) - CALM))
def test_each_state_has_its_error(state: PageState) -> None:
    """INVARIANT: no page state stands for a write that may have happened (E6)."""
    error = error_of(state, retry_after=7)
    assert not isinstance(error, IndeterminateWrite)
    assert error.code
    assert error.retry_after == (7 if state is PageState.THROTTLED else None)


def test_the_table_of_errors() -> None:
    """E6: the class that each state gets; whatever asks for a person stops the account."""
    stops = {PageState.CHALLENGE, PageState.AUTH_WALL, PageState.SIGNED_OUT, PageState.BOT_FLAG}
    again = {PageState.THROTTLED, PageState.SERVER_ERROR, PageState.SLOW}
    for state in set(PageState) - CALM:
        error = error_of(state)
        assert isinstance(error, ChallengeError) is (state in stops)
        assert isinstance(error, TransientProviderError) is (state in again)
        assert isinstance(error, PermanentProviderError) is (state not in again)
    assert error_of(PageState.THROTTLED).error_type is ErrorType.RATE_LIMIT
    assert error_of(PageState.TOMBSTONE).error_type is ErrorType.POST_NOT_FOUND
    assert error_of(PageState.NOT_PERMITTED).error_type is ErrorType.PROFILE_BLOCKED
    assert error_of(PageState.LAYOUT_CHANGED).error_type is ErrorType.API_ERROR
    assert error_of(PageState.LAYOUT_CHANGED).code == "layout_changed"
