"""After everything that can happen to a repost: is a session anywhere but where it came from?"""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chorus_sandbox.client import Activity, Post
from chorus_sandbox.stack import ALL_SERVICES, Stack
from tests.e2e import leaks
from tests.e2e.team import Team, by_browser, make_team

SERVICE = "browser-repost"
STRUCK = {
    1: ("layout_changed", "post_page"),
    2: ("checkpoint", "post_page"),
    3: ("reset_after", "repost"),
    4: ("malformed_json", "session"),
    5: ("throttled", "post_page"),
    6: ("login", "post_page"),
    7: ("authwall", "action_bar"),
    8: ("bot_999", "post_page"),
}
"""What befalls which of the others on the first post; the last two are for the signals."""


@dataclass(slots=True, kw_only=True)
class Run:
    """A team, what was looked at while it went on, and where."""

    team: Team
    folder: Path
    temporary: Path
    before: frozenset[Path]
    """What was in the machine's folder for temporary files."""
    answers: dict[str, bytes | object] = field(default_factory=dict)
    processes: list[str] = field(default_factory=list)

    @property
    def stack(self) -> Stack:
        return self.team.stack

    def place(self, name: str) -> Path:
        place = self.folder / name
        place.mkdir(parents=True, exist_ok=True)
        return place

    def needles(self) -> set[bytes]:
        """All values of all sessions that were ever issued, in all forms, and the user agents."""
        sessions = self.team.sandbox.get("/sessions")["items"]
        assert len(sessions) >= len(STRUCK)
        agents = {session["user_agent"].encode() for session in sessions}
        values = (value for session in sessions for value in session["cookies"].values())
        return agents.union(*map(leaks.traces_of, values))

    def places(self) -> list[Path]:
        """Everything that the run has written, and what was collected of it."""
        new = [path for path in _temporary_entries() if path not in self.before]
        return [self.folder, self.temporary, self.stack.folder.path, *new]

    def leaked(self) -> dict[Path, set[bytes]]:
        return leaks.search(self.needles(), self.places())


def _temporary_entries() -> frozenset[Path]:
    return frozenset(Path(tempfile.gettempdir()).iterdir())


@pytest.fixture(scope="module")
def before() -> frozenset[Path]:
    return _temporary_entries()


@pytest.fixture
def run(before: frozenset[Path], stack: Stack, temporary: Path, tmp_path: Path) -> Iterator[Run]:
    team = make_team(stack, members=len(STRUCK) + 3, phrases=1)
    team.change_policy(by_browser())
    yield Run(team=team, folder=tmp_path, temporary=temporary, before=before)
    team.sandbox.clear_faults()
    team.close()


def test_no_session_is_left_anywhere(run: Run) -> None:
    """INVARIANT: no cookie or user agent of a session is in a log, table, message, answer, picture,
    file, environment or argument, whatever becomes of the repost (P6, invariant 7).
    """
    first = run.team.live_post(amplify=False)
    _strike(run)
    _end_in_mid_flight(run, first, "terminate")
    _until_quiet(run, first)
    second = run.team.live_post(amplify=False)
    _end_in_mid_flight(run, second, "kill")
    _until_quiet(run, second)
    _collect(run, [*run.team.activities(first), *run.team.activities(second)])

    assert run.leaked() == {}
    _the_search_has_reached_everything(run, first)
    assert not any(
        double["account_id"] in run.team.accounts.values()
        for double in run.team.sandbox.summary().doubles
    )


def _strike(run: Run) -> None:
    for number, (fault, route) in STRUCK.items():
        match = {"route": route, "account_id": run.team.accounts[run.team.others[number - 1]]}
        run.team.sandbox.add_fault(fault, match=match)


def _end_in_mid_flight(run: Run, post: Post, how: str) -> None:
    """The service is told to end, or killed, between a click's effect and its answer."""
    account = run.team.others[-1 if how == "terminate" else -2]
    match = {"route": "repost", "account_id": run.team.accounts[account]}
    gate = run.team.sandbox.add_gate(when="after", match=match)
    run.team.gateway.trigger(post.id)
    run.team.sandbox.wait_at_gate(gate, within_s=60)
    run.processes += leaks.dump_processes(run.stack, ALL_SERVICES, run.place("processes"))
    assert run.leaked() == {}, "while the browser was open"
    if how == "kill":
        run.stack.kill(SERVICE)
        run.team.sandbox.release_gate(gate)
    else:
        with ThreadPoolExecutor(1) as pool:
            ending = pool.submit(run.stack.terminate, SERVICE, timeout_s=60)
            run.team.sandbox.release_gate(gate)
            assert ending.result(), "it had to be killed"
        assert list(run.temporary.glob("chorus-browsers-*")) == []
    assert run.leaked() == {}, "after the service had ended"
    run.stack.start_service(SERVICE)


def _until_quiet(run: Run, post: Post) -> None:
    """Until nothing is left but what is tried again in a minute, or stands still."""

    def quiet() -> bool:
        found = run.team.activities(post)
        return len(found) == len(run.team.others) and all(map(_rests, found))

    run.team.until(quiet, within_s=90, what="everything has come to rest")


def _rests(activity: Activity) -> bool:
    return activity.settled or activity.next_retry_at is not None or activity.paused_by is not None


def _collect(run: Run, activities: list[Activity]) -> None:
    leaks.dump_tables(run.stack, run.place("tables"))
    leaks.dump_topics(run.stack, run.place("topics"))
    gateway, answers = run.team.gateway, run.answers
    for path in ("activities", "pauses", "notifications", "accounts", "audit-log"):
        answers[path] = gateway.request("GET", f"/{path}").content
    for activity in activities:
        at = f"/activities/{activity.id}"
        for part in ("", "/timeline", "/evidence"):
            answers[f"{activity.id}{part.replace('/', '-')}"] = gateway.get(f"{at}{part}")
        for shot in gateway.get(f"{at}/evidence"):
            answers[f"{shot['id']}.jpg"] = gateway.picture(shot["url"])
    leaks.dump_answers(answers, run.place("answers"))


def _the_search_has_reached_everything(run: Run, post: Post) -> None:
    """What is not secret is found by the same search in each kind of place."""
    found = leaks.search({post.correlation_id.encode()}, run.places())
    reached = {
        path.relative_to(run.folder).parts[0] for path in found if run.folder in path.parents
    }
    assert reached >= {"tables", "topics", "answers"}
    assert {f"{name}.log" for name in ("scheduler", SERVICE)} <= {path.name for path in found}
    assert any("headless" in name or "chrom" in name for name in run.processes)
    pictures = [name for name in run.answers if name.endswith(".jpg")]
    assert len(pictures) >= 3
