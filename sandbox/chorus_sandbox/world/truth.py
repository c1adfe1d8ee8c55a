"""The truth: every effect that was accepted, in order, append-only. Tests judge by it.

Two effects are a double when one account did the same kind of thing twice to the same target:

| kind | same target means |
|---|---|
| like | the post, or the comment |
| comment | the post, or the comment replied to |
| repost | the post |
| publish | the same text |
| dm | the same person and the same text |
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

import orjson

from chorus_sandbox.world.clock import Clock
from chorus_sandbox.world.instants import iso_us

EffectKind = Literal["like", "comment", "repost", "publish", "dm"]
EFFECT_KINDS: tuple[str, ...] = get_args(EffectKind)
HEADERS_OF_INTEREST = (b"traceparent", b"idempotency-key", b"x-request-id")

_TEXT_TELLS_APART = frozenset({"publish", "dm"})


@dataclass(slots=True)
class Effect:
    """`seq` starts at 1 and has no holes. `post_id` is a social id; `target` what was acted on."""

    seq: int
    at_ns: int
    monotonic: float
    kind: EffectKind
    account_id: str
    target: str
    post_id: str | None
    text: str | None
    reaction: str | None
    request_id: str
    headers: dict[str, str] | None

    def as_json(self) -> dict[str, object]:
        return {
            "seq": self.seq,
            "at": iso_us(self.at_ns),
            "at_monotonic": self.monotonic,
            "kind": self.kind,
            "account_id": self.account_id,
            "target": self.target,
            "post_id": self.post_id,
            "text": self.text,
            "reaction": self.reaction,
            "request_id": self.request_id,
            "headers": self.headers or {},
        }


@dataclass(slots=True, kw_only=True)
class RefusedWrite:
    """A write that had no effect. `why` is an error type, or a fault kind when nothing was said."""

    at_ns: int
    monotonic: float
    kind: EffectKind
    account_id: str | None
    post_id: str | None
    why: str
    status: int | None
    fault_id: str | None
    request_id: str

    def as_json(self) -> dict[str, object]:
        return {
            "at": iso_us(self.at_ns),
            "at_monotonic": self.monotonic,
            "kind": self.kind,
            "account_id": self.account_id,
            "post_id": self.post_id,
            "why": self.why,
            "status": self.status,
            "fault_id": self.fault_id,
            "request_id": self.request_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A filter. `post_id` is a social id, `since` the last seq already seen."""

    kind: str | None = None
    account_id: str | None = None
    post_id: str | None = None
    since: int = 0

    def takes(self, effect: Effect) -> bool:
        return (
            self.kind in {None, effect.kind}
            and self.account_id in {None, effect.account_id}
            and self.post_id in {None, effect.post_id}
        )


class Truth:
    """Counts are kept as effects come, so that a summary costs the same at any size.

    With a file, each effect is one JSON line in it before the caller goes on (it blocks for a
    write to the page cache): killing the process loses nothing of the truth.
    """

    def __init__(self, clock: Clock, file: Path | None = None) -> None:
        self._clock = clock
        self._file = None if file is None else file.open("ab", buffering=0)
        self._start()

    def _start(self) -> None:
        self.effects: list[Effect] = []
        self.refused: list[RefusedWrite] = []
        self.counts: Counter[str] = Counter()
        self.account_counts: dict[str, Counter[str]] = {}
        self.refused_counts: dict[str, Counter[str]] = {}
        self._first: dict[tuple[str, ...], int] = {}
        self._doubles: dict[tuple[str, ...], list[int]] = {}

    def reset(self) -> None:
        """Forget everything. The file keeps its lines and gets one that says so."""
        self._start()
        if self._file is not None:
            at = iso_us(self._clock.wall_ns())
            self._file.write(orjson.dumps({"reset": True, "at": at}) + b"\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def record(
        self,
        *,
        kind: EffectKind,
        account_id: str,
        target: str,
        request_id: str,
        request_headers: dict[bytes, bytes],
        post_id: str | None = None,
        text: str | None = None,
        reaction: str | None = None,
    ) -> Effect:
        effect = Effect(
            len(self.effects) + 1,
            self._clock.wall_ns(),
            self._clock.monotonic(),
            kind,
            account_id,
            target,
            post_id,
            text,
            reaction,
            request_id,
            _interesting(request_headers),
        )
        self.effects.append(effect)
        self._count(effect)
        if self._file is not None:
            self._file.write(orjson.dumps(effect.as_json()) + b"\n")
        return effect

    def _count(self, effect: Effect) -> None:
        self.counts[effect.kind] += 1
        per_account = self.account_counts.get(effect.account_id)
        if per_account is None:
            per_account = self.account_counts[effect.account_id] = Counter()
        per_account[effect.kind] += 1
        key: tuple[str, ...] = (effect.account_id, effect.kind, effect.target)
        if effect.kind in _TEXT_TELLS_APART:
            key = (*key, effect.text or "")
        first = self._first.setdefault(key, effect.seq)
        if first != effect.seq:
            self._doubles.setdefault(key, [first]).append(effect.seq)

    def refuse(
        self,
        *,
        kind: EffectKind,
        why: str,
        request_id: str,
        status: int | None = None,
        account_id: str | None = None,
        post_id: str | None = None,
        fault_id: str | None = None,
    ) -> None:
        self.refused.append(
            RefusedWrite(
                at_ns=self._clock.wall_ns(),
                monotonic=self._clock.monotonic(),
                kind=kind,
                account_id=account_id,
                post_id=post_id,
                why=why,
                status=status,
                fault_id=fault_id,
                request_id=request_id,
            )
        )
        self.refused_counts.setdefault(kind, Counter())[why] += 1

    def matching(self, wanted: Wanted) -> Iterator[Effect]:
        """Effects in order of seq, from the one after `wanted.since`."""
        return filter(wanted.takes, islice(self.effects, wanted.since, None))

    def doubles(self) -> list[dict[str, object]]:
        return [
            {
                "account_id": key[0],
                "kind": key[1],
                "target": key[2],
                "times": len(seqs),
                "seqs": seqs,
            }
            for key, seqs in self._doubles.items()
        ]


def _interesting(headers: dict[bytes, bytes]) -> dict[str, str] | None:
    found = None
    for name in HEADERS_OF_INTEREST:
        value = headers.get(name)
        if value is not None:
            found = found or {}
            found[name.decode()] = value.decode("latin-1")
    return found
