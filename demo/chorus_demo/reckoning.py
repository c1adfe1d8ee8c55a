"""Plan against truth: pure, so that the demo cannot flatter itself."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chorus.vocabulary import Kind
from chorus_lab.client.records import Activity, Effect

_NOT_TO_HAPPEN = frozenset({"skipped", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """From the planned instant to the start of the call, in milliseconds; None without calls."""

    p50: float | None
    p99: float | None
    max: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many activities were to happen, and what the network saw of them."""

    planned: int
    executed: int
    """Planned, and on the network."""
    missing: int
    """Planned, and not on the network."""
    doubled: int
    """Effects beyond the first of an activity."""
    unplanned: int
    """Effects that no activity asked for."""
    unknown: int
    """Activities of which our own ledger cannot tell."""
    disagreeing: int
    """Activities whose ledger says otherwise than the network."""
    lateness: Lateness

    @property
    def exact(self) -> bool:
        """Whether the network holds what was planned, once each, and the ledger knows it."""
        faults = self.missing + self.doubled + self.unplanned + self.unknown + self.disagreeing
        return self.planned > 0 and faults == 0


def reckon(
    activities: Iterable[Activity],
    effects: Iterable[Effect],
    *,
    provider_ids: Mapping[UUID, str],
    lateness_ms: Mapping[Kind, Sequence[float]],
) -> dict[Kind | None, Tally]:
    """A tally for each kind there is, and under None the one of all."""
    wanted = [a for a in activities if a.state not in _NOT_TO_HAPPEN]
    seen = Counter((effect.account_id, effect.kind) for effect in effects)
    kinds = sorted({a.kind for a in wanted} | {kind for _, kind in seen})
    tallies: dict[Kind | None, Tally] = {
        kind: _tally(
            [a for a in wanted if a.kind == kind],
            Counter({key: n for key, n in seen.items() if key[1] == kind}),
            provider_ids,
            lateness_ms.get(kind, ()),
        )
        for kind in kinds
    }
    every = [late for of_kind in lateness_ms.values() for late in of_kind]
    tallies[None] = _tally(wanted, seen, provider_ids, every)
    return tallies


def _tally(
    wanted: Sequence[Activity],
    seen: Counter[tuple[str, Kind]],
    provider_ids: Mapping[UUID, str],
    lateness_ms: Sequence[float],
) -> Tally:
    keys = {a.id: (provider_ids.get(a.account_id, ""), a.kind) for a in wanted}
    there = {a.id: seen[keys[a.id]] > 0 for a in wanted}
    asked_for = set(keys.values())
    return Tally(
        planned=len(wanted),
        executed=sum(there.values()),
        missing=len(wanted) - sum(there.values()),
        doubled=sum(n - 1 for key, n in seen.items() if key in asked_for and n > 1),
        unplanned=sum(n for key, n in seen.items() if key not in asked_for),
        unknown=sum(a.state == "unknown" for a in wanted),
        disagreeing=sum((a.state == "executed") != there[a.id] for a in wanted),
        lateness=_lateness(lateness_ms),
    )


def _lateness(milliseconds: Sequence[float]) -> Lateness:
    if not milliseconds:
        return Lateness(p50=None, p99=None, max=None)
    ordered = sorted(milliseconds)
    return Lateness(
        p50=round(_percentile(ordered, 0.50), 2),
        p99=round(_percentile(ordered, 0.99), 2),
        max=round(ordered[-1], 2),
    )


def _percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed."""
    rank = max(1, -(-int(share * 100) * len(ordered) // 100))
    return ordered[rank - 1]
