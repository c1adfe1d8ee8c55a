"""The nine invariants, judged by the network's truth, what people said, and the ledger."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulation.facts import GRACE, Account, Facts
from tests.simulation.network import Call
from tests.simulation.services import Harness

_ZONE = ZoneInfo("Europe/Berlin")
_OF_PODS = frozenset({"like", "comment", "repost"})
LIMITS: dict[str, tuple[tuple[int, float], ...]] = {
    "like": ((4, 3600.0), (12, 86400.0), (1, 30.0)),
    "comment": ((3, 3600.0), (8, 86400.0), (1, 30.0)),
    "repost": ((3, 3600.0), (8, 86400.0), (1, 30.0)),
    "publish": ((3, 3600.0), (8, 86400.0), (1, 30.0)),
}
"""The limits that a run's tenants have: (uses, in so many seconds)."""


@dataclass(frozen=True, slots=True)
class Violation:
    rule: str
    told: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.told}"


@dataclass(slots=True)
class Judge:
    """Looks after every step. What was said once is not said again."""

    harness: Harness
    facts: Facts
    skew: float = 0.0
    """How far the server's clock was off at most in this run, seconds."""
    found: dict[str, Violation] = field(default_factory=dict)
    _calls: int = 0
    _effects: int = 0
    _counted: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _uses: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    _acts: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    _deaths: int = 0

    def say(self, rule: str, told: str) -> None:
        key = f"{rule}: {told}"
        if key not in self.found:
            self.found[key] = Violation(rule, f"[{self._clock()}] {told}")

    def _clock(self) -> str:
        return self.harness.loop.wall().strftime("%d %H:%M:%S")

    def look(self) -> None:
        calls = self.harness.network.calls
        for call in calls[self._calls :]:
            self._allowed(call)
        self._calls = len(calls)
        effects = self.harness.network.app.sandbox.truth.effects
        for effect in effects[self._effects :]:
            self._effect(effect)
        self._effects = len(effects)
        self._truth_of_rows()
        for death in self.harness.deaths[self._deaths :]:
            self.say("a part of a process died", death)
        self._deaths = len(self.harness.deaths)

    # --- what left an executor ---

    def _allowed(self, call: Call) -> None:
        """Consent, membership, stop, pause, connection, challenge: at the call, within 2 s."""
        account = self.facts.accounts[call.account]
        rows = self._rows_of(call, account)
        name = f"{call.kind} of {call.account} on {call.target or call.text[:20]}"
        at, grace = call.sent, GRACE + 0.25
        if self.facts.consent(call.account, call.kind).long_held(False, at, grace):
            self.say("4 consent", f"{name} without consent")
        if self.facts.connection(call.account).long_held(False, at, grace):
            self.say("4 connection", f"{name} by an account that is not connected")
        pods = {row["pod_id"] for row in rows}
        if rows and all(self.facts.paused(account, pod, at, grace) for pod in pods):
            self.say("6 pause", f"{name} in a pause")
        if rows and all(self.facts.stop(r["id"]).long_held(True, at, grace) for r in rows):
            self.say("6 stop", f"{name} after somebody said no")
        if call.kind in _OF_PODS:
            self._of_pod(call, account, rows, name)
        self._after_challenge(call, name)
        done = self.facts.by_hand.get((call.account, call.kind, call.target))
        if done is not None and call.sent - done > 30 and self._looks_first(call):
            self.say("1 done by hand", f"{name} was done by the person already")

    def _of_pod(self, call: Call, account: Account, rows: list[dict[str, Any]], name: str) -> None:
        at, grace = call.sent, GRACE + 0.25
        if self.facts.member(account.member_id).long_held(False, at, grace):
            self.say("4 membership", f"{name} by a removed member")
        if self.facts.pod(account.pod_id).long_held(False, at, grace):
            self.say("4 membership", f"{name} for a pod that is not active")
        if self.facts.kind(account.pod_id, call.kind).long_held(False, at, grace):
            self.say("4 policy", f"{name} of a kind that the pod has switched off")
        if (call.account, call.target) in self.facts.own_posts:
            self.say("own post", f"{name}, which is the account's own post")
        approved = [self.facts.texts[row["id"]] for row in rows if row["id"] in self.facts.texts]
        if len(approved) == len(rows) > 0 and call.kind == "comment" and call.text not in approved:
            self.say("approved words", f"{name} says something else than was approved")

    def _after_challenge(self, call: Call, name: str) -> None:
        for challenge in self.harness.network.challenges:
            if challenge.account != call.account or call.sent <= challenge.heard + GRACE:
                continue
            answered = self.facts.answered.get(call.account, [])
            if any(at > challenge.heard and at <= call.sent for at in answered):
                continue
            if not challenge.owner.was_frozen_after(challenge.heard):
                self.say("5 challenge", f"{name} after the network had asked for the person")

    def _looks_first(self, call: Call) -> bool:
        """Over the API: what real pages show before a click is not simulated."""
        return call.kind in ("comment", "repost") and call.process.startswith("executor")

    def _rows_of(self, call: Call, account: Account) -> list[dict[str, Any]]:
        return self.harness.database.rows(
            "select a.id, a.pod_id, a.state from scheduler.activities a"
            " left join gateway.posts p on p.id = a.post_id"
            " where a.account_id = %s and a.kind = %s"
            " and (%s = '' and coalesce(a.draft_text, p.text) = %s"
            "      or coalesce(a.target_social_id, p.social_id) = %s or p.id::text = %s)",
            account.account_id,
            call.kind,
            call.target,
            call.text,
            call.target,
            self.harness.posts.get(call.target, ""),
        )

    # --- what came to be ---

    def _effect(self, effect: Any) -> None:
        at = effect.at_ns / 1e9
        text = (effect.text or "") if effect.kind == "publish" else ""
        key = (effect.account_id, effect.kind, text or effect.target)
        self._counted[key] = times = self._counted.get(key, 0) + 1
        if times > 1:
            self.say("1 twice", f"{self._story(key)}: {times} times")
        account = self.facts.accounts[effect.account_id]
        self._limits(effect, at)
        if effect.kind in _OF_PODS:
            self._hours(account, effect, at)
            self._pace(effect, at)

    def _story(self, key: tuple[str, str, str]) -> str:
        """Who did it, and what the calls were answered."""
        account, kind, what = key
        calls = [
            f"{call.process} {call.answer} {_hour(call.sent)}-{_hour(call.arrived)}"
            for call in self.harness.network.calls
            if call.account == account and call.kind == kind and what in {call.target, call.text}
        ]
        posts = [p for p, social in self.harness.social.items() if social == what]
        return f"{kind} of {account} on {what[:40]} ({len(posts)} posts; {', '.join(calls)})"

    def _limits(self, effect: Any, at: float) -> None:
        uses = self._uses[effect.account_id, effect.kind]
        uses.append(at)
        for count, window in LIMITS[effect.kind]:
            near = [use for use in uses if at - window + 2 * self.skew + 1.0 < use]
            if len(near) > count:
                self.say(
                    "3 limit",
                    f"{effect.kind} of {effect.account_id}: "
                    f"{len(near)} in {window:.0f} s, {count} allowed",
                )

    def _hours(self, account: Account, effect: Any, at: float) -> None:
        if account.hours is None:
            return
        local = datetime.fromtimestamp(at, UTC).astimezone(_ZONE)
        minutes = local.hour * 60 + local.minute
        slack = 2 + self.skew / 60
        if not account.hours[0] * 60 - slack <= minutes < account.hours[1] * 60 + slack:
            self.say("8 hours", f"{effect.kind} of {effect.account_id} at {local:%H:%M} of its day")

    def _pace(self, effect: Any, at: float) -> None:
        acts = self._acts[effect.kind, effect.target]
        acts.append(at)
        if len([one for one in acts if at - one < 2.0]) >= 3:
            self.say("8 burst", f"3 of {effect.kind} on one post within 2 s")

    # --- the ledger against the truth ---

    def _truth_of_rows(self) -> None:
        """INVARIANT: what the ledger calls executed has happened."""
        rows = self.harness.database.rows(
            "select a.id, a.kind, a.state, a.account_id, a.provider_account_id, a.draft_text,"
            " a.post_id"
            " from scheduler.activities a where a.state = 'executed'"
        )
        for row in rows:
            if not self._happened(row):
                self.say(
                    "1 truth",
                    f"{row['kind']} of {row['provider_account_id']}"
                    " is called executed, and is not there",
                )

    def _happened(self, row: dict[str, Any]) -> bool:
        account = row["provider_account_id"]
        if row["kind"] == "publish":
            return any(key[0] == account and key[1] == "publish" for key in self._counted)
        target = self.harness.social.get(row["post_id"])
        if target is None:
            return True
        key = (account, row["kind"], target)
        return key in self._counted or key in self.facts.by_hand

    def at_the_end(self) -> None:
        """When all is well again and time has passed: nothing is lost, and nobody was lied to."""
        self.look()
        database = self.harness.database
        # What is due is due by the database's clock, which may be off to the end.
        now = self.harness.loop.wall() + timedelta(seconds=database.ahead)
        rows = database.rows(
            "select a.*, p.resumed_at as parked_ended,"
            " coalesce(m.gone or m.takes_part and a.kind = any(m.kinds), a.parked_by = a.member_id)"
            " as held_for_nothing from scheduler.activities a"
            " left join scheduler.pauses p on p.id = a.parked_by"
            " left join gateway.api_participation m on m.member_id = a.parked_by"
        )
        for row in rows:
            self._ended(row, now)
        for gate in self.harness.database.rows(
            "select scope, in_flight from scheduler.limit_gates where in_flight <> '{}'"
            " and not exists (select from scheduler.activities a"
            "                 where a.state = 'dispatched')"
        ):
            self.say("2 gate", f"{gate['scope'].split(':')[0]} gate is held by nobody")
        for post in self.harness.database.rows(
            "select p.id, a.state from gateway.posts p join scheduler.activities a"
            " on a.post_id = p.id and a.kind = 'publish'"
            " where p.state = 'queued'"
            " and a.state in ('executed', 'failed', 'cancelled', 'skipped')"
        ):
            self.say(
                "2 untold",
                f"a post's publish is {post['state']}, and the gateway holds it for queued",
            )
        for place, log in self.harness.broker.logs.items():
            if place.topic.endswith(".dlq") and log:
                self.say("2 dead letter", f"{len(log)} on {place.topic}")

    def _ended(self, row: dict[str, Any], now: datetime) -> None:
        name = f"{row['kind']} of {row['provider_account_id']}"
        state = row["state"]
        late = (now - row["due_at"]).total_seconds()
        if state == "dispatched" and late > 120:
            self.say("2 lost", f"{name} stands handed over for {late:.0f} s")
        if (
            state == "scheduled"
            and row["parked_by"] is not None
            and row["parked_ended"] is not None
        ):
            self.say("2 lost", f"{name} is parked by a pause that has ended")
        if state in ("scheduled", "awaiting_approval") and row["held_for_nothing"]:
            self.say("2 lost", f"{name} is held for a member who takes part, or left for good")
        if state == "scheduled" and row["parked_by"] is None and late > 120:
            self.say(
                "2 lost",
                f"{name} is due for {late:.0f} s and nothing happens: {row['reason_code']}",
            )
        if state == "unknown" and not row["needs_person"] and late > 120:
            self.say("2 lost", f"{name} is unknown and nobody looks")
        target = self.harness.social.get(row["post_id"])
        if row["kind"] == "publish":
            there = any(
                k[0] == row["provider_account_id"]
                and k[1] == "publish"
                and k[2] == row["draft_text"]
                for k in self._counted
            )
        else:
            there = (row["provider_account_id"], row["kind"], target) in self._counted
        if there and state in ("cancelled", "failed", "skipped") and self._only(row):
            self.say(
                "1 truth", f"{name} is there, and the ledger says {state} ({row['reason_code']})"
            )

    def _only(self, row: dict[str, Any]) -> bool:
        """Whether no other activity of this account and kind may have done it."""
        target = self.harness.social.get(row["post_id"])
        twins = [post for post, social in self.harness.social.items() if social == target]
        return len(twins) < 2 or row["kind"] == "publish"


def _hour(instant: float | None) -> str:
    return "" if instant is None else f"{datetime.fromtimestamp(instant, UTC):%H:%M:%S}"
