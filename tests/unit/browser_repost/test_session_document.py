"""A session shows itself to nobody but the browser's context."""

import copy
import json
import pickle
import traceback
from datetime import UTC, datetime

import pytest

from chorus.errors import ChallengeError, PermanentProviderError
from chorus_browser_repost.sessions.session import Cookie, Session
from chorus_browser_repost.sessions.session_document import read_session

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
SITE = "https://www.linkedin.com"
SECRET = "AQEDAxyz-the-sign-in"
CSRF = "ajax:4711"
AGENT = "Mozilla/5.0 (secret agent)"


def cookie(name: str, value: str, domain: str = ".linkedin.com", **more: object) -> Cookie:
    return Cookie(name=name, value=value, domain=domain, **more)  # type: ignore[arg-type]


def session(*more: Cookie) -> Session:
    ours = (cookie("li_at", SECRET, secure=False), cookie("JSESSIONID", CSRF))
    return Session(cookies=[*ours, *more], user_agent=AGENT, now=NOW)


@pytest.mark.parametrize("show", [repr, str, lambda it: f"{it!r} {it}", lambda it: str([it])])
def test_no_text_of_a_session_holds_any_of_it(show: object) -> None:
    """INVARIANT: session material is in no text that is made of a session (P6)."""
    text = show(session())  # type: ignore[operator]
    assert not any(part in text for part in (SECRET, CSRF, AGENT, "li_at"))
    assert SECRET not in repr(cookie("li_at", SECRET))


@pytest.mark.parametrize("write", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_a_session_is_not_written_down(write: object) -> None:
    """INVARIANT: it cannot be pickled, copied or turned into JSON (P6)."""
    with pytest.raises(TypeError) as caught:
        write(session())  # type: ignore[operator]
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_nothing_keeps_the_strings_of_a_session_that_was_read() -> None:
    """INVARIANT: what is read again is made anew, so nobody has kept the first (P6)."""
    read = {"name": "li_at", "value": SECRET, "domain": ".linkedin.com", "path": "/"}
    answer = {"cookies": [read | {"secure": True, "httpOnly": True}], "user_agent": AGENT}
    body = json.dumps(answer).encode()
    first, second = (read_session(body, NOW).cookies_for(SITE)[0]["value"] for _ in range(2))
    assert first == second == SECRET
    assert first is not second


def test_the_sign_in_is_secure_and_http_only_whatever_the_source_says() -> None:
    """P5."""
    found = {each["name"]: each for each in session().cookies_for(SITE)}
    assert found["li_at"]["secure"]
    assert found["li_at"]["httpOnly"]
    assert found["li_at"]["value"] == SECRET
    assert found["li_at"]["domain"] == ".linkedin.com"
    assert not found["JSESSIONID"]["httpOnly"], "the page itself reads it for its csrf header"


def test_only_cookies_of_the_site_are_given_away() -> None:
    """P6: a cookie of another host, or of one that merely ends alike, stays out."""
    others = (
        cookie("a", "1", "evil-linkedin.com"),
        cookie("b", "2", ".example.com"),
        cookie("c", "3", "de.linkedin.com"),
        cookie("d", "4", "www.linkedin.com"),
        cookie("e", "5", "com"),
    )
    found = {each["name"] for each in session(*others).cookies_for(SITE)}
    assert found == {"li_at", "JSESSIONID", "lang", "d", "e"}


def test_english_is_asked_for_in_place_of_the_own_language() -> None:
    """P5: the wording of the pages is English wherever the site allows it."""
    found = session(cookie("lang", "v=2&lang=de-de")).cookies_for(SITE)
    assert [each["value"] for each in found if each["name"] == "lang"] == ["v=2&lang=en-us"]


def test_a_session_of_another_site_is_refused() -> None:
    """P6: nothing is sent anywhere."""
    with pytest.raises(PermanentProviderError) as caught:
        session().cookies_for("http://www.linkedin.localhost:8080")
    assert caught.value.code == "session_of_another_site"


def test_without_a_sign_in_that_still_holds_a_person_is_needed() -> None:
    """E6: an expired sign-in is none."""
    ended = cookie("li_at", SECRET, expires=NOW.timestamp() - 1)
    for cookies in ([], [cookie("li_at", "")], [cookie("bcookie", "x")], [ended]):
        with pytest.raises(ChallengeError) as caught:
            Session(cookies=cookies, user_agent=AGENT, now=NOW)
        assert caught.value.code == "no_session"


def test_what_is_forgotten_is_gone() -> None:
    """P6: after the job nothing is left to be asked for."""
    ours = session()
    assert ours.user_agent == AGENT
    ours.forget()
    ours.forget()
    assert ours.forgotten
    with pytest.raises(RuntimeError):
        ours.cookies_for(SITE)
    with pytest.raises(RuntimeError):
        _ = ours.user_agent
