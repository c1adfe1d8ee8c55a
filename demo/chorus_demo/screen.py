"""What the demo prints: a live table on a terminal, plain lines elsewhere."""

import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from chorus_lab.client.records import Activity
from chorus_lab.stack import Step

_PLAIN_WIDTH = 150
_LINES_AROUND_TABLE = 6
_OTHER_COLUMNS = 58
_PASSING = frozenset({"dispatched", "executing"})
_COLOURS = {
    "executed": "green",
    "failed": "red",
    "unknown": "yellow",
    "executing": "cyan",
    "dispatched": "cyan",
    "cancelled": "dim",
    "skipped": "dim",
}


class Screen:
    """One console. `with screen.live(): screen.show(activities)` repeats a table in place."""

    def __init__(self) -> None:
        terminal = sys.stdout.isatty()
        self.console = Console(
            highlight=False, soft_wrap=not terminal, width=None if terminal else _PLAIN_WIDTH
        )
        self.terminal = self.console.is_terminal
        self._lock = threading.Lock()

    def say(self, text: str = "") -> None:
        """A line; `[bold]…[/]` is markup."""
        with self._lock:
            self.console.print(text)

    def heading(self, text: str) -> None:
        self.say()
        self.say(f"[bold]{text}[/]")

    def step(self, step: Step) -> None:
        """A line for each step that is done."""
        if step.seconds is not None:
            self.say(f"  {step.seconds:5.1f} s  {escape(step.name)}")

    def live(self) -> "LiveView":
        return LiveView(self)


class LiveView:
    """The activities of a post, as they change."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._live: Live | None = None
        self._said: dict[object, str] = {}

    def __enter__(self) -> Self:
        if self._screen.terminal:
            self._live = Live(console=self._screen.console, auto_refresh=False)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, activities: Sequence[Activity]) -> None:
        """The table anew, or a line for each activity whose state is another than before."""
        if self._live is not None:
            rows = max(5, self._screen.console.height - _LINES_AROUND_TABLE)
            table = table_of(_most_telling(activities, rows), width=self._screen.console.width)
            self._live.update(table, refresh=True)
            return
        for activity in activities:
            news = f"{activity.state} {activity.attempt}"
            if self._said.get(activity.id) != news and activity.state not in _PASSING:
                self._said[activity.id] = news
                self._screen.say("  " + _line(activity))


def table_of(activities: Sequence[Activity], *, width: int) -> Table:
    """Member, kind, state, due in, attempt, result; the last is cut where it does not fit."""
    table = Table(pad_edge=False, box=None, header_style="dim")
    table.add_column("member", no_wrap=True, min_width=13)
    table.add_column("kind", no_wrap=True, min_width=8)
    table.add_column("state", no_wrap=True, min_width=10)
    table.add_column("due in", justify="right", no_wrap=True, min_width=7)
    table.add_column("attempt", justify="right", no_wrap=True, min_width=7)
    room = max(10, width - _OTHER_COLUMNS)
    table.add_column("result", no_wrap=True, overflow="ellipsis", max_width=room)
    for activity in activities:
        colour = _COLOURS.get(activity.state, "white")
        table.add_row(
            escape(activity.member_name or "?"),
            activity.kind,
            f"[{colour}]{activity.state}[/]",
            due_in(activity),
            f"{activity.attempt}/{activity.max_attempts}",
            escape(result_of(activity)),
        )
    return table


def due_in(activity: Activity) -> str:
    """Seconds, while there is something to wait for."""
    if activity.settled:
        return ""
    left = ((activity.next_retry_at or activity.scheduled_for) - datetime.now(UTC)).total_seconds()
    return f"{left:.1f} s" if left > 0 else "now"


def result_of(activity: Activity) -> str:
    """What came of it, or why it has not happened yet."""
    if activity.state == "executed":
        found = "found on the network after the answer was lost; " if activity.verified else ""
        said = {"comment": activity.final_text or "", "repost": _repost_of(activity)}
        return f"{found}{said.get(activity.kind, '')}".rstrip("; ")
    if activity.last_error and not activity.settled:
        return f"again after {activity.last_error.get('error_type', 'an error')}"
    moved = activity.state not in _PASSING and activity.reason_code != "planned"
    return activity.reason if moved else ""


def _repost_of(activity: Activity) -> str:
    where = "in Chromium" if activity.result_url is None else _short(activity.result_url)
    return f"{where}, with: {activity.final_text}" if activity.final_text else where


def _short(url: str) -> str:
    return url.partition("://")[2].partition("/feed/update")[2].strip("/") or url


def _line(activity: Activity) -> str:
    time = datetime.now(UTC).strftime("%H:%M:%S")
    name = (activity.member_name or "?").ljust(13)
    due = due_in(activity)
    about = f"due in {due}".replace("in now", "now") if due else escape(result_of(activity))
    tries = f" (attempt {activity.attempt})" if activity.attempt > 1 else ""
    return f"{time}  {name} {activity.kind:8} {activity.state:10}{tries} {about}".rstrip()


def _most_telling(activities: Sequence[Activity], rows: int) -> list[Activity]:
    """All where they fit; else what is still open, and what was done last."""
    if len(activities) <= rows:
        return list(activities)
    still_open = [activity for activity in activities if not activity.settled]
    done = [activity for activity in activities if activity.settled]
    shown = {activity.id for activity in still_open[:rows]}
    shown |= {activity.id for activity in done[len(done) - max(0, rows - len(shown)) :]}
    return [activity for activity in activities if activity.id in shown]
