"""A file's name says what is in it, and a log event's what became of what."""

import re

from tests.architecture.sources import ROOT, named, python_files

_SAY_NOTHING = {
    "base",
    "common",
    "helper",
    "helpers",
    "manager",
    "managers",
    "misc",
    "util",
    "utilities",
    "utils",
}


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    """INVARIANT: no module is called utils, common, helpers, misc, base or manager."""
    vague = [
        named(path)
        for path in python_files()
        if any(
            word in _SAY_NOTHING
            for part in path.relative_to(ROOT).with_suffix("").parts
            for word in part.lower().split("_")
        )
    ]
    assert vague == []


_TO_BE_GUESSED = {
    "announcing": "post events",
    "arriving": "account connected",
    "attendant": "supervisor",
    "beforehand": "baseline",
    "beside": "bulkheads",
    "chance": "seeded random",
    "credence": "trusted outcomes",
    "deeds": "actions",
    "endings": "outcomes",
    "door": "guard, admission",
    "ends": "failures",
    "forgetting": "sign-outs",
    "glance": "verification, check",
    "ground": "harness",
    "kit": "harness",
    "looks": "verification, checks",
    "measures": "telemetry",
    "pace": "throttle",
    "patience": "retry",
    "places": "slots",
    "returning": "rescheduling",
    "setbacks": "backoff",
    "standing": "eligibility",
    "standings": "eligibility check",
    "striking": "killer",
    "tail": "follower",
    "translation": "errors",
    "turns": "slots",
    "victims": "processes",
    "which": "chosen account",
    "witness": "screenshots",
}
"""Words that nobody would search for, and what the thing is called."""


def test_no_file_or_folder_has_a_name_that_has_to_be_guessed() -> None:
    """No module goes back to a name that had to be guessed and was replaced."""
    guessed = {
        named(path): _TO_BE_GUESSED[word]
        for path in python_files()
        for part in path.relative_to(ROOT).with_suffix("").parts
        for word in part.lower().split("_")
        if word in _TO_BE_GUESSED
    }
    assert guessed == {}


_NOUNS = {
    "account",
    "account_link",
    "active_hours",
    "activity",
    "attempt",
    "batch",
    "browser",
    "call",
    "clock",
    "command",
    "connecting",
    "consent",
    "consumer",
    "dispatch",
    "effect",
    "evidence",
    "execution",
    "fact",
    "gate",
    "hook",
    "http",
    "journal",
    "kafka",
    "live",
    "member_page",
    "network",
    "outbox",
    "outcome",
    "page",
    "policy",
    "post",
    "postgres",
    "problem",
    "publish",
    "repost",
    "round",
    "service",
    "sign_in",
    "sweep",
    "verification",
    "voice",
    "watch",
    "worker",
    "write",
}
"""One spelling of each, in the singular."""
_PAST = re.compile(
    r"ed\Z|\A(?:begun|broke|broken|done|forgotten|found|heard|left|let|lost|put|read|ready|sent|shown"
    r"|split|taken|told|untold)\Z"
)
_EVENT = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def test_log_events_are_named_alike() -> None:
    """A noun, a dot, what became of it: `tools/docs.py` lists those that are logged."""
    events = _EVENT.findall((ROOT / "docs/logs.md").read_text(encoding="utf-8"))
    assert len(events) > 50
    for event in events:
        noun, what = event.split(".")
        assert noun in _NOUNS, event
        assert any(_PAST.search(word) for word in what.split("_")), event


def test_every_file_of_tests_is_collected() -> None:
    """A file with tests in it is named test_*.py."""
    missed = [
        named(path)
        for path in python_files()
        if not path.name.startswith("test_")
        and any(
            line.startswith(("def test_", "async def test_"))
            for line in path.read_text().splitlines()
        )
    ]
    assert missed == []
