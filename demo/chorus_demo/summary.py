"""The end of the demo: plan against truth, reasons, voices, one story."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.markup import escape
from rich.table import Table

from chorus.vocabulary import Kind
from chorus_demo.evidence import DecisionCount
from chorus_demo.mishaps import Mishap
from chorus_demo.reckoning import Lateness, Tally
from chorus_demo.reposts import Proof
from chorus_demo.screen import Screen
from chorus_lab.client.records import Activity, Entry

Tallies = Mapping[Kind | None, Tally]

_COUNTED = ("planned", "executed", "missing", "doubled", "unplanned", "unknown")


def show_tallies(screen: Screen, tallies: Tallies) -> None:
    """One line a kind, then the verdict."""
    screen.heading("Plan against what reached the network (the sandbox's own record)")
    table = Table(pad_edge=False, box=None, header_style="dim")
    table.add_column("")
    for name in (*_COUNTED, "late p50", "p99", "max"):
        table.add_column(name, justify="right")
    for kind, tally in tallies.items():
        numbers = [str(getattr(tally, name)) for name in _COUNTED]
        table.add_row(kind or "all", *numbers, *_times(tally.lateness))
    screen.console.print(table)
    screen.say("Late is the start of the call less the instant it was due at, retries included;")
    screen.say("an account does one thing at a time, so one call can wait for another of its own.")
    if tallies[None].exact:
        screen.say("[green]The network holds exactly what was planned, each once.[/]")
    else:
        screen.say("[red]The network does not hold exactly what was planned.[/]")


def show_mishaps(screen: Screen, mishaps: Sequence[Mishap], activities: Sequence[Activity]) -> None:
    """What went wrong on purpose, and what became of it."""
    screen.heading("What went wrong on purpose, and what became of it")
    known = {activity.id: activity for activity in activities}
    for mishap in mishaps:
        screen.say(f"  {escape(mishap.sentence)}")
        by_hand = mishap.by_hand is not None
        if by_hand:
            screen.say("    → nothing is clicked; a picture for a person, who says: once more")
        screen.say(f"    → {_became(known.get(mishap.activity), by_hand=by_hand)}")


def show_reposts(screen: Screen, proofs: Sequence[Proof]) -> None:
    """How it is known of each repost that it stands there, and the pictures of what went wrong."""
    screen.heading("Reposts in Chromium, each in a context of its own, and how each is known")
    table = Table(pad_edge=False, box=None, header_style="dim")
    for name in ("member", "known how", "said with it"):
        table.add_column(name, no_wrap=name == "member")
    for proof in proofs:
        table.add_row(escape(proof.member), proof.known_how, escape(proof.text or "-"))
    screen.console.print(table)
    urls = [proof.url for proof in proofs if proof.url]
    screen.say(
        f"  {len(urls)} of {len(proofs)} told the repost's own address, as {urls[0]}"
        if urls
        else "  None told the repost's own address."
    )
    for proof in proofs:
        for url, file in proof.pictures.items():
            screen.say(f"  what {escape(proof.member)}'s browser saw, session masked: {file}")
            screen.say(f"    GET {url}")


def show_decisions(screen: Screen, decisions: Sequence[DecisionCount]) -> None:
    """Every code with one of its sentences."""
    screen.heading("Every delay, skip and retry has a reason; by code, with an example")
    table = Table(pad_edge=False, box=None, header_style="dim")
    table.add_column("code", no_wrap=True)
    table.add_column("times", justify="right")
    table.add_column("one of them")
    for decision in decisions:
        table.add_row(decision.code, str(decision.count), escape(decision.sentence))
    screen.console.print(table)


def show_voices(screen: Screen, activities: Sequence[Activity], voices: Mapping[str, str]) -> None:
    """For each voice one comment: the draft, and what went out. `voices`: by member's name."""
    screen.heading("Three voices: what was drafted, and what went out")
    comments = [a for a in activities if a.kind == "comment" and a.final_text]
    # What sounds otherwise than drafted tells more.
    comments.sort(key=lambda comment: comment.final_text == comment.draft_text)
    for voice in sorted(set(voices.values())):
        spoken = (a for a in comments if voices.get(a.member_name or "") == voice)
        if (comment := next(spoken, None)) is not None:
            screen.say(f"  {voice}: {escape(comment.member_name or '')}")
            screen.say(f"    draft  {escape(comment.draft_text or '')}")
            screen.say(f"    sent   {escape(comment.final_text or '')}")


def show_story(screen: Screen, activity: Activity, entries: Sequence[Entry]) -> None:
    """One activity's timeline in full."""
    who = escape(activity.member_name or "?")
    screen.heading(f"One activity's whole story: {who}'s {activity.kind}")
    screen.say(f"  GET /api/activities/{activity.id}/timeline")
    table = Table(pad_edge=False, box=None, show_header=False)
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column()
    for entry in entries:
        time = entry.at.strftime("%H:%M:%S.%f")[:-3]
        table.add_row(f"  {time}", entry.source, entry.code, escape(entry.sentence))
    screen.console.print(table)


def as_json(tallies: Tallies) -> dict[str, Any]:
    """The tally of all, and under `kinds` one for each."""
    kinds = {str(kind): _tally_json(tally) for kind, tally in tallies.items() if kind}
    return _tally_json(tallies[None]) | {"exact": tallies[None].exact, "kinds": kinds}


def _tally_json(tally: Tally) -> dict[str, Any]:
    fields = asdict(tally)
    fields["lateness_ms"] = fields.pop("lateness")
    return fields


def _times(lateness: Lateness) -> list[str]:
    times = (lateness.p50, lateness.p99, lateness.max)
    return ["-" if time is None else f"{time:.1f} ms" for time in times]


def _became(activity: Activity | None, *, by_hand: bool) -> str:
    if activity is None:
        return "nothing: there is no such activity"
    if activity.verified:
        return f"{activity.state}: it was looked for, found, and not done again"
    if activity.attempt == 1 and by_hand:
        return f"{activity.state} after that"
    tries = "at the first attempt" if activity.attempt == 1 else f"at attempt {activity.attempt}"
    return f"{activity.state} {tries}"
