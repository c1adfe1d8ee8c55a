"""An activity's story: decisions and attempts in one order, each with a sentence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why something was planned, moved, refused or ended, as the scheduler recorded it."""

    id: int
    code: str
    sentence: str
    limit_name: str | None
    limit_value: int | None
    limit_used: int | None
    next_possible_at: datetime | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One execution, as the executor recorded it."""

    execution: int
    mode: str
    takeovers: int
    opened_at: datetime
    called_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    verified: bool
    result: dict[str, Any] | None
    failure: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the story."""

    at: datetime
    source: str
    """scheduler or executor"""
    code: str
    sentence: str
    actor: str | None = None
    execution: int | None = None
    limit: dict[str, Any] | None = None
    next_possible_at: datetime | None = None
    detail: dict[str, Any] | None = None
    evidence_url: str | None = None


def tell(
    decisions: Iterable[Decision],
    attempts: Sequence[Attempt],
    evidence: Mapping[int, str] | None = None,
) -> list[Entry]:
    """Everything in the order of time; at the same instant the scheduler speaks first.

    `evidence`: by execution, where a screenshot of it is; its last line names it.
    """
    entries = [_of_decision(decision) for decision in decisions]
    for attempt in attempts:
        told = _of_attempt(attempt)
        told[-1] = replace(told[-1], evidence_url=(evidence or {}).get(attempt.execution))
        entries.extend(told)
    return sorted(entries, key=lambda entry: entry.at)


class Limited(Protocol):
    """What may name a limit that decided it."""

    @property
    def limit_name(self) -> str | None: ...
    @property
    def limit_value(self) -> int | None: ...
    @property
    def limit_used(self) -> int | None: ...


def limit_of(decided: Limited) -> dict[str, Any] | None:
    """The limit that decided it, as documents show it."""
    if decided.limit_name is None:
        return None
    return {
        "name": decided.limit_name,
        "value": decided.limit_value,
        "used": decided.limit_used,
    }


def _of_decision(decision: Decision) -> Entry:
    return Entry(
        at=decision.at,
        source="scheduler",
        code=decision.code,
        sentence=decision.sentence,
        actor=decision.actor,
        limit=limit_of(decision),
        next_possible_at=decision.next_possible_at,
    )


def _of_attempt(attempt: Attempt) -> list[Entry]:
    number = attempt.execution
    what = "Looking whether an earlier call took effect" if attempt.mode == "verify" else "Taken up"
    entries = [_said(attempt, attempt.opened_at, "opened", f"{what} (execution {number}).")]
    if attempt.called_at is not None:
        entries.append(
            _said(attempt, attempt.called_at, "called", "The call to the network went out.")
        )
    if attempt.closed_at is not None and attempt.outcome is not None:
        closed = _said(attempt, attempt.closed_at, attempt.outcome, _ending(attempt))
        entries.append(closed)
    return entries


def _said(attempt: Attempt, at: datetime, code: str, sentence: str) -> Entry:
    detail: dict[str, Any] | None = None
    if code not in ("opened", "called"):
        detail = {"verified": attempt.verified, "takeovers": attempt.takeovers}
        detail |= {"result": attempt.result} if attempt.result else {}
        detail |= {"failure": attempt.failure} if attempt.failure else {}
    return Entry(
        at=at,
        source="executor",
        code=f"attempt_{code}",
        sentence=sentence,
        execution=attempt.execution,
        detail=detail,
    )


def _ending(attempt: Attempt) -> str:
    if attempt.outcome == "executed":
        found = " The effect was found by looking for it." if attempt.verified else ""
        return f"Done.{found}"
    if attempt.outcome == "failed":
        message = (attempt.failure or {}).get("message")
        return f"It failed: {message}" if message else "It failed."
    if attempt.outcome == "unknown":
        return "Nobody can tell yet whether it took effect; it is not repeated blindly."
    return "No call was made: it no longer stood when its time came."
