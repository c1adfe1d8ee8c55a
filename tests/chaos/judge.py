"""Holds what was to happen against what reached the network. Pure; it believes our tables nothing.

| complaint | means |
|---|---|
| missing | it was to happen (or is said to have happened), and the network knows nothing of it |
| doubled | it happened more than once |
| uninvited | it happened, and nobody had asked for it |
| unplanned | it was to happen, and the ledger does not know of it |
| open | it has not come to an end |
| untold | a post is live, and the gateway does not know |
| unexplained | its state has no decision, or no row of the journal that tells the same |
| over limit | the network saw more than a limit allows |
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chorus.vocabulary import Kind
from chorus_lab.client import Effect
from tests.chaos.workload import LIKES_AN_HOUR_CAPPED, PER_POST, Intent

Row = Mapping[str, Any]

DISPLACED = timedelta(seconds=10)
"""By how much an effect may come later than its call: what is held, late, or sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`socials`: the network's id of each post, by ours."""

    intents: Sequence[Intent]
    effects: Sequence[Effect]
    socials: Mapping[UUID, str]
    activities: Sequence[Row]
    attempts: Sequence[Row]
    decisions: Sequence[Row]
    posts: Sequence[Row]
    now: datetime


@dataclass(slots=True, kw_only=True)
class Verdict:
    states: Counter[str] = field(default_factory=Counter)
    complaints: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    accused: set[UUID] = field(default_factory=set)
    """The activities that complaints are about."""
    at_rest: list[UUID] = field(default_factory=list)
    """Failed or unknown, and explained: a person's turn."""
    happened: int = 0
    verified: int = 0
    takeovers: int = 0
    lateness: list[float] = field(default_factory=list)
    """Seconds between the planned instant and the first call."""

    def complain(self, what: str, intent: Intent, why: str = "") -> None:
        named = f"{intent.kind} by {intent.provider_id} on {intent.post_id}"
        self.complaints[what].append(f"{named} ({intent.activity_id}){why and ': '}{why}")
        self.accused.add(intent.activity_id)

    def count(self, what: str) -> int:
        return len(self.complaints.get(what, ()))

    @property
    def clean(self) -> bool:
        return not any(self.complaints.values())


def judge(evidence: Evidence, *, final: bool) -> Verdict:
    """`final`: nothing is a person's turn any more, so everything must have happened."""
    verdict = Verdict()
    activities = {row["id"]: row for row in evidence.activities}
    attempts = _by_activity(evidence.attempts)
    decisions = _by_activity(evidence.decisions)
    effects = _by_intent(evidence, verdict)
    for intent in evidence.intents:
        times = effects[intent.activity_id]
        row = activities.get(intent.activity_id)
        verdict.happened += bool(times)
        if times > 1:
            verdict.complain("doubled", intent, f"{times} times")
        if row is None:
            verdict.complain("unplanned", intent)
            continue
        rows = attempts.get(row["id"], [])
        _weigh(verdict, intent, row, times, evidence.now, final=final)
        for why in _unexplained(row, rows, decisions.get(row["id"], [])):
            verdict.complain("unexplained", intent, why)
        _note(verdict, row, rows)
    _untold(evidence, verdict)
    _limits(evidence, verdict)
    return verdict


def _weigh(
    verdict: Verdict, intent: Intent, row: Row, times: int, now: datetime, *, final: bool
) -> None:
    state = row["state"]
    verdict.states[state] += 1
    if state == "executed":
        if times == 0:
            verdict.complain("missing", intent, "it is said to have happened")
    elif intent.capped and _put_off_for_long(row, now):
        if times:
            verdict.complain("unexplained", intent, "put off, and it happened all the same")
    elif state == "failed" or (state == "unknown" and row["needs_person"]):
        verdict.at_rest.append(intent.activity_id)
        if final:
            verdict.complain("missing" if times == 0 else "open", intent, row["reason"])
    else:
        verdict.complain("open", intent, f"{state}, {row['reason_code']}, due {row['due_at']}")


def _put_off_for_long(row: Row, now: datetime) -> bool:
    # What was late has its next place by the limits too.
    limited = row["reason_code"] in {"put_off_by_limit", "moved_by_limit", "late"}
    return row["state"] == "scheduled" and limited and row["due_at"] > now + timedelta(minutes=5)


def _unexplained(row: Row, attempts: Sequence[Row], decisions: Sequence[Row]) -> Iterator[str]:
    """What is not told of how this activity came to be as it is."""
    codes = {decision["code"] for decision in decisions}
    if not codes:
        yield "no decision"
    numbers = [attempt["execution"] for attempt in attempts]
    if numbers and numbers != list(range(1, len(numbers) + 1)):
        yield f"executions {numbers} in the journal"
    if row["state"] not in {"executed", "failed", "unknown"}:
        return
    if len(numbers) != row["execution"]:
        yield f"{row['execution']} executions, {len(numbers)} in the journal"
    open_rows = [attempt["execution"] for attempt in attempts if attempt["outcome"] is None]
    if open_rows:
        yield f"executions {open_rows} are open in the journal"
    last = attempts[-1]["outcome"] if attempts else None
    if last != row["state"]:
        yield f"{row['state']} in the ledger, {last} in the journal"
    if row["state"] != "executed" and row["reason_code"] not in codes:
        yield f"no decision says {row['reason_code']}"
    if row["state"] == "failed" and not row["last_error"]:
        yield "failed without an error"


def _by_activity(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        if row["activity_id"] is not None:
            found[row["activity_id"]].append(row)
    for of_one in found.values():
        of_one.sort(key=lambda row: row.get("execution") or 0)
    return found


def _by_intent(evidence: Evidence, verdict: Verdict) -> Counter[UUID]:
    """How often each intent's effect came. What matches none is uninvited."""
    wanted = {_mark(intent, evidence.socials): intent.activity_id for intent in evidence.intents}
    found: Counter[UUID] = Counter()
    for effect in evidence.effects:
        own = effect.text if effect.kind is Kind.PUBLISH else effect.post_id
        activity = wanted.get((effect.account_id, effect.kind, own))
        if activity is None:
            verdict.complaints["uninvited"].append(
                f"{effect.kind} by {effect.account_id} on {effect.post_id} at {effect.at}"
            )
        else:
            found[activity] += 1
    return found


def _mark(intent: Intent, socials: Mapping[UUID, str]) -> tuple[str, Kind, str | None]:
    own = intent.text if intent.kind is Kind.PUBLISH else socials.get(intent.post_id)
    return (intent.provider_id, intent.kind, own)


def _note(verdict: Verdict, row: Row, attempts: Sequence[Row]) -> None:
    verdict.verified += bool(row["verified"])
    verdict.takeovers += sum(attempt["takeovers"] for attempt in attempts)
    called = [attempt["called_at"] for attempt in attempts if attempt["called_at"] is not None]
    if called:
        verdict.lateness.append((min(called) - row["scheduled_for"]).total_seconds())


def _untold(evidence: Evidence, verdict: Verdict) -> None:
    posts = {row["id"]: row for row in evidence.posts}
    for intent in evidence.intents:
        social_id = evidence.socials.get(intent.post_id)
        if intent.kind is Kind.PUBLISH and social_id is not None:
            post = posts[intent.post_id]
            if (post["state"], post["social_id"]) != ("published", social_id):
                verdict.complain("untold", intent, f"{post['state']}, {post['social_id']}")


def _limits(evidence: Evidence, verdict: Verdict) -> None:
    """Judged by the instants of effects, which may come closer together than calls went out."""
    likes: dict[str | None, list[datetime]] = defaultdict(list)
    capped = {intent.provider_id for intent in evidence.intents if intent.capped}
    an_hour: Counter[str] = Counter()
    for effect in evidence.effects:
        if effect.kind is Kind.LIKE:
            likes[effect.post_id].append(effect.at)
            an_hour[effect.account_id] += effect.account_id in capped
    window = timedelta(seconds=PER_POST.per_seconds) - DISPLACED
    for post, instants in likes.items():
        most = most_within(sorted(instants), window)
        if most > PER_POST.count:
            verdict.complaints["over limit"].append(f"{most} likes of {post} within {window}")
    for account, count in an_hour.items():
        if count > LIKES_AN_HOUR_CAPPED:
            verdict.complaints["over limit"].append(f"{count} likes by {account} within the hour")


def most_within(instants: Sequence[datetime], window: timedelta) -> int:
    """The most of these (sorted) that lie within any window."""
    most = first = 0
    for last, instant in enumerate(instants):
        while instant - instants[first] >= window:
            first += 1
        most = max(most, last - first + 1)
    return most
