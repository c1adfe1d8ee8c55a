"""What the provider says of an account, in every order in which it may be heard (invariant 5)."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from chorus.unipile import account_word, says_not_found
from chorus_gateway.domain.provider_status import (
    AGAIN,
    PATIENCE,
    SHORT,
    STUCK,
    Answer,
    Known,
    after_answer,
    after_call,
    next_look,
    owes_look,
    word_of,
)
from chorus_gateway.provider_status import judged

START = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def _answer(word: str, asked: float, answered: float | None = None) -> Answer:
    return Answer(
        word=word, asked_at=_at(asked), answered_at=_at(asked if answered is None else answered)
    )


def test_a_word_against_it_stops_at_once_and_only_a_later_answer_brings_it_back() -> None:
    """INVARIANT: an OK of before does not undo a lost sign-in, whoever brings it."""
    held = after_call(Known(), "CREDENTIALS", _at(10))
    assert (held.status, held.confirmed, held.at) == ("needs_login", False, _at(10))
    for word in ("OK", "RECONNECTED", "CREATION_SUCCESS", "SYNC_SUCCESS"):
        assert after_call(held, word, _at(11)) == held, "a call brings nothing back"
    assert after_answer(held, _answer("OK", 5, 20)).status == "needs_login", "asked before"
    assert after_answer(held, _answer("OK", 10, 20)).status == "needs_login", "nobody can tell"
    back = after_answer(held, _answer("OK", 11, 12))
    assert (back.status, back.returned_at) == (None, None), "it was never lost"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_answers_in_any_order_end_in_the_state_of_the_last_one(order: tuple[int, ...]) -> None:
    """Two programs ask, and their answers overtake each other."""
    answers = (_answer("OK", 0, 1), _answer("CREDENTIALS", 2, 3), _answer("OK", 4, 5))
    known = Known()
    for index in order:
        known = after_answer(known, answers[index])
    assert known.status is None


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_lost_sign_in_stays_in_any_order(order: tuple[int, ...]) -> None:
    """INVARIANT: where the last answer is against it, it stands still."""
    answers = (_answer("OK", 0, 1), _answer("ERROR", 2, 3), _answer("CREDENTIALS", 4, 5))
    known = Known()
    for index in order:
        known = after_answer(known, answers[index])
    assert known.status == "needs_login"


def test_an_old_word_against_it_changes_nothing_after_a_later_yes() -> None:
    """An answer that was under way for an hour."""
    known = after_answer(Known(), _answer("OK", 100, 101))
    assert after_answer(known, _answer("CREDENTIALS", 5, 6)) == known
    assert after_answer(known, _answer("CREDENTIALS", 99, 102)).status == "needs_login"


@pytest.mark.parametrize(
    ("word", "seconds", "lost"),
    [
        ("CREDENTIALS", 1, True),
        ("DELETED", 1, True),
        ("ERROR", 60, False),
        ("ERROR", SHORT.total_seconds(), True),
    ],
)
def test_what_was_lost_warms_up_afresh_and_a_short_outage_does_not(
    word: str, seconds: float, *, lost: bool
) -> None:
    """Issue 11.3: a provider's own outage is nothing that the account did."""
    held = after_answer(Known(), _answer(word, 0))
    back = after_answer(held, _answer("OK", seconds))
    assert back.status is None
    assert (back.returned_at is not None) is lost


def test_said_again_it_is_known_since_the_first_time() -> None:
    """Repeated calls and answers move no date."""
    known = after_call(Known(), "CREDENTIALS", _at(0))
    known = after_answer(known, _answer("CREDENTIALS", 1))
    known = after_call(known, "ERROR", _at(2))
    assert (known.status, known.at, known.confirmed) == ("needs_login", _at(0), True)
    assert after_answer(known, _answer("OK", 1.5)).status == "needs_login", "a call came since"


def test_what_connects_for_long_counts_as_restricted() -> None:
    """Neither well nor ill is asked about again, and not for ever."""
    known, asked = Known(), 0.0
    while known.status is None:
        answer = _answer("CONNECTING", asked)
        known = after_answer(known, answer)
        again = next_look(known, answer)
        assert (again is None) == (known.status is not None)
        asked += AGAIN.total_seconds()
    assert (known.status, known.word) == ("restricted", STUCK)
    assert asked - AGAIN.total_seconds() == PATIENCE.total_seconds()
    assert after_answer(known, _answer("OK", asked)).status is None


def test_only_what_says_nothing_new_is_not_looked_into() -> None:
    """Who signed in anew may be somebody else; what is not known is asked about."""
    assert not owes_look(Known(), "OK")
    assert all(owes_look(Known(), word) for word in ("RECONNECTED", "CREDENTIALS", "WHATEVER"))
    assert owes_look(after_call(Known(), "STOPPED", _at(0)), "OK")


def test_somebody_else_under_the_same_name_is_not_well() -> None:
    """Invariant 4: the account is the person's who showed control of it."""
    assert judged("OK", profile_id="ACoAda", shown_profile_id="ACoAda") == "OK"
    assert judged("OK", profile_id="ACoAda", shown_profile_id=None) == "OK"
    other = judged("OK", profile_id="ACoAda", shown_profile_id="ACoMia")
    assert after_answer(Known(), _answer(other, 0)).status == "disconnected"
    assert judged("CREDENTIALS", profile_id="ACoAda", shown_profile_id="ACoMia") == "CREDENTIALS"


def test_words_of_the_provider() -> None:
    """The weightiest of its sources; nothing odd is kept."""
    assert account_word(["OK", "OK"]) == "OK"
    assert account_word(["OK", "ERROR", "CREDENTIALS"]) == "CREDENTIALS"
    assert account_word(["OK", "CONNECTING"]) == "CONNECTING"
    assert account_word([]) == "NO_SOURCES"
    assert word_of("ok") == "OK"
    assert word_of("<b>\x00") == "B"
    assert word_of("…") == "UNKNOWN"
    assert says_not_found(b'{"type": "errors/resource_not_found"}')
    assert not any(map(says_not_found, (b"<html>", b"[]", b'{"type": "errors/other"}')))
