"""After everything that can happen to a repost: is a session anywhere but where it came from?"""

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chorus_lab.client import Activity, Post
from chorus_lab.stack import ALL_SERVICES, Stack
from tests.e2e import leaks
from tests.e2e.team import Team, acts, by_browser, make_team

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
"""What befalls which of the others; one more is at work while the service is told to end."""


@dataclass(slots=True, kw_only=True)
class Run:
    """What happened to two teams, what was looked at meanwhile, and where."""

    team: Team
    killed: Team
    """Whose repost the service dies of."""
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
        """What was collected, and what the services have written into logs and their folder."""
        return [self.folder, self.temporary, self.stack.folder.path]

    def everywhere(self) -> list[Path]:
        """And whatever else has come into the machine's folder, the servers' data among it."""
        return [*self.places(), *(_temporary_entries() - self.before)]

    def leaked(self, places: Sequence[Path]) -> dict[Path, set[bytes]]:
        return leaks.search(self.needles(), places)


def _temporary_entries() -> frozenset[Path]:
    return frozenset(Path(tempfile.gettempdir()).iterdir())


@pytest.fixture(scope="module")
def before() -> frozenset[Path]:
    return _temporary_entries()


@pytest.fixture
def run(before: frozenset[Path], stack: Stack, temporary: Path, tmp_path: Path) -> Iterator[Run]:
    team = make_team(stack, members=len(STRUCK) + 2, phrases=1)
    killed = make_team(stack, members=2, phrases=1)
    for each in (team, killed):
        each.change_policy(by_browser())
    yield Run(team=team, killed=killed, folder=tmp_path, temporary=temporary, before=before)
    team.sandbox.clear_faults()
    team.close()
    killed.close()


def test_no_session_is_left_anywhere(run: Run) -> None:
    """INVARIANT: no cookie or user agent of a session is in a log, table, message, answer, picture,
    file, environment or argument, whatever becomes of the repost (P6, invariant 7).
    """
    _strike(run)
    post = _end_in_mid_flight(run, run.team, "terminate")
    _collect(run, run.team, _when_quiet(run.team, post))
    last = _end_in_mid_flight(run, run.killed, "kill")
    _collect(run, run.killed, _when_quiet(run.killed, last))
    leaks.dump_tables(run.stack, run.place("tables"))
    leaks.dump_topics(run.stack, run.place("topics"))
    leaks.dump_answers(run.answers, run.place("answers"))

    assert run.leaked(run.everywhere()) == {}
    _the_search_has_reached_everything(run, post)
    (found,) = run.killed.activities(last)
    assert (found.state, found.verified) == ("executed", True)
    assert acts(run.killed.effects()) == run.killed.as_acts([found])


def _strike(run: Run) -> None:
    for number, (fault, route) in STRUCK.items():
        match = {"route": route, "account_id": run.team.accounts[run.team.others[number - 1]]}
        run.team.sandbox.add_fault(fault, match=match)


def _end_in_mid_flight(run: Run, team: Team, how: str) -> Post:
    """The service is told to end, or killed, between a click's effect and its answer."""
    post = team.live_post(amplify=False)
    match = {"route": "repost", "account_id": team.accounts[team.others[-1]]}
    point = team.sandbox.add_hold_point(when="after", match=match)
    team.gateway.trigger(post.id)
    team.sandbox.wait_at_hold_point(point, within_s=60)
    run.processes += leaks.dump_processes(run.stack, ALL_SERVICES, run.place("processes"))
    assert run.leaked(run.places()) == {}, "while the browser was open"
    if how == "kill":
        run.stack.kill(SERVICE)
        team.sandbox.release_hold_point(point)
    else:
        with ThreadPoolExecutor(1) as pool:
            ending = pool.submit(run.stack.terminate, SERVICE, timeout_s=60)
            team.sandbox.release_hold_point(point)
            assert ending.result(), "it had to be killed"
        assert list(run.temporary.glob("chorus-browsers-*")) == []
    assert run.leaked(run.places()) == {}, "after the service had ended"
    run.stack.start_service(SERVICE)
    return post


def _when_quiet(team: Team, post: Post) -> list[Activity]:
    """All, once nothing is left but what is tried again in a minute, or stands still."""

    def quiet() -> bool:
        found = team.activities(post)
        return len(found) == len(team.others) and all(map(_rests, found))

    team.until(quiet, within_s=90, what="everything has come to rest")
    return team.activities(post)


def _rests(activity: Activity) -> bool:
    return activity.settled or activity.next_retry_at is not None or activity.paused_by is not None


def _collect(run: Run, team: Team, activities: list[Activity]) -> None:
    gateway, answers = team.gateway, run.answers
    for path in ("activities", "pauses", "notifications", "accounts", "audit"):
        answers[f"{path}-{team.pod}"] = gateway.get(f"/{path}")
    for activity in activities:
        at = f"/activities/{activity.id}"
        for part in ("", "/timeline", "/evidence"):
            answers[f"{activity.id}{part.replace('/', '-')}"] = gateway.get(f"{at}{part}")
        for shot in gateway.get(f"{at}/evidence"):
            answers[f"{shot['id']}.jpg"] = gateway.picture(shot["url"])


def _the_search_has_reached_everything(run: Run, post: Post) -> None:
    """What is not secret is found by the same search in each kind of place."""
    found = leaks.search({post.correlation_id.encode()}, run.places())
    reached = {
        path.relative_to(run.folder).parts[0] for path in found if run.folder in path.parents
    }
    assert reached >= {"tables", "topics", "answers"}
    assert f"{SERVICE}.log" in {path.name for path in found}
    assert any("headless" in name or "chrom" in name for name in run.processes)
    pictures = [name for name in run.answers if name.endswith(".jpg")]
    assert len(pictures) >= 3
