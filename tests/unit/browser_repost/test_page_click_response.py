"""What the site's answer to the click means."""

import orjson
import pytest

from chorus.errors import (
    ChallengeError,
    IndeterminateWrite,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.vocabulary import ErrorType
from chorus_browser_repost.domain.page_states import PageState
from chorus_browser_repost.pages.click_response import problem_of, response_of
from chorus_browser_repost.pages.fresh_connection import Delivered
from chorus_browser_repost.pages.wording import WORDINGS
from chorus_execution.port import AlreadyDoneError

ENGLISH = WORDINGS["en"]


def problem(
    status: int, body: object = None, *, path: str = "", wall: PageState | None = None
) -> ProviderError | None:
    delivered = Delivered(status=status, path=path, body=orjson.dumps(body), retry_after=4)
    return problem_of(response_of(delivered, wall), ENGLISH)


def refusal(message: str) -> ProviderError | None:
    return problem(200, {"data": None, "errors": [{"message": message}]})


def test_success_is_yet_to_be_seen() -> None:
    """P5: a good answer is no error, and no evidence either."""
    assert problem(200, {"data": {"shareUrn": "urn:li:share:7123456789012345678"}}) is None
    assert problem(201) is None


def test_the_answer_names_posts() -> None:
    """P5: among them perhaps the repost."""
    body = b'{"a": "urn:li:share:7123456789012345678", "b": "urn:li:share:7123456789012345678"}'
    named = response_of(Delivered(status=200, body=body), None).named
    assert [str(urn) for urn in named] == ["urn:li:share:7123456789012345678"]


def test_no_answer_leaves_it_open() -> None:
    """INVARIANT: without an answer nobody says that nothing happened (E5)."""
    found = problem_of(response_of(None, None), ENGLISH)
    assert isinstance(found, IndeterminateWrite)


@pytest.mark.parametrize("status", [302, 409, 418, 500, 502, 503, 504])
def test_an_answer_that_does_not_say_leaves_it_open(status: int) -> None:
    """INVARIANT: a 5xx may come from a proxy in front of what did it (E5)."""
    assert isinstance(problem(status), IndeterminateWrite)


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_turned_down(status: int) -> None:
    """E6."""
    found = problem(status)
    assert isinstance(found, PermanentProviderError)
    assert found.code == f"http_{status}"


def test_slow_down_and_go_away() -> None:
    """E6: 429 and 999 had no effect."""
    slow, flag = problem(429), problem(999)
    assert isinstance(slow, TransientProviderError)
    assert (slow.error_type, slow.retry_after) == (ErrorType.RATE_LIMIT, 4)
    assert isinstance(flag, ChallengeError)
    assert flag.code == "http_999"


def test_sent_to_a_challenge() -> None:
    """Invariant 5: as an answer it had no effect; as a place where the page went nobody knows."""
    told = problem(401, {"location": "/checkpoint/challenge/x?ct=ajax:1"})
    assert isinstance(told, ChallengeError)
    assert told.code == "checkpoint"
    bare = problem(401)
    assert isinstance(bare, ChallengeError)
    assert bare.code == "signed_out"
    assert isinstance(problem(200, path="/checkpoint/challenge/x"), IndeterminateWrite)
    assert isinstance(problem(200, wall=PageState.CHALLENGE), IndeterminateWrite)


def test_a_list_of_errors_is_a_refusal() -> None:
    """E6: with status 200, by its words where they are known."""
    assert isinstance(refusal("You already reposted this post."), AlreadyDoneError)
    closed = refusal("This post can\u2019t be reposted.")
    assert closed is not None
    assert closed.error_type is ErrorType.PROFILE_BLOCKED
    gone = refusal("This post cannot be displayed")
    assert gone is not None
    assert gone.error_type is ErrorType.POST_NOT_FOUND
    other = refusal("Computer says no: noa@example.com")
    assert isinstance(other, PermanentProviderError)
    assert other.code == "repost_refused"
    assert "noa@" not in str(other), "their text is not ours to tell"


@pytest.mark.parametrize("body", [{"errors": []}, {"errors": "x"}, [1], "text", None])
def test_what_is_no_list_of_errors(body: object) -> None:
    assert problem(200, body) is None
