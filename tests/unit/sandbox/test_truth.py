"""The truth by which all other tests judge."""

from pathlib import Path

import orjson
import pytest

from chorus_sandbox.world.clock import MovableClock
from chorus_sandbox.world.truth import Effect, EffectKind, Truth, Wanted


def record(
    truth: Truth,
    kind: EffectKind = "like",
    account_id: str = "ada",
    target: str = "p1",
    text: str | None = None,
    headers: dict[bytes, bytes] | None = None,
) -> Effect:
    return truth.record(
        kind=kind,
        account_id=account_id,
        target=target,
        post_id=target,
        text=text,
        request_id="req-1",
        request_headers=headers or {},
    )


def test_effects_are_numbered_in_order_without_holes() -> None:
    """INVARIANT: the truth is append-only and numbers each effect (E5)."""
    clock = MovableClock()
    truth = Truth(clock)
    for target in ("p1", "p2", "p3"):
        record(truth, target=target)
        clock.move(0.5)
    assert [effect.seq for effect in truth.effects] == [1, 2, 3]
    assert [effect.monotonic for effect in truth.effects] == [1000.0, 1000.5, 1001.0]
    assert truth.effects[1].as_json()["at"] == "2025-06-15T15:06:40.500000Z"


@pytest.mark.parametrize(
    ("kind", "first", "second", "double"),
    [
        ("like", ("p1", None), ("p1", None), True),
        ("like", ("p1", None), ("p2", None), False),
        ("comment", ("p1", "one"), ("p1", "two"), True),
        ("repost", ("p1", ""), ("p1", "with thoughts"), True),
        ("publish", ("me", "one"), ("me", "two"), False),
        ("publish", ("me", "one"), ("me", "one"), True),
        ("dm", ("eve", "your e-mail?"), ("eve", "here it is"), False),
        ("dm", ("eve", "your e-mail?"), ("eve", "your e-mail?"), True),
    ],
)
def test_what_counts_as_a_double(
    kind: EffectKind,
    first: tuple[str, str | None],
    second: tuple[str, str | None],
    double: bool,
) -> None:
    """E5, W2: the same account, kind and target more than once."""
    truth = Truth(MovableClock())
    for target, text in (first, second):
        record(truth, kind, target=target, text=text)
    doubles = truth.doubles()
    assert bool(doubles) is double
    if double:
        assert doubles[0]["seqs"] == [1, 2]


def test_the_same_target_by_two_accounts_is_no_double() -> None:
    truth = Truth(MovableClock())
    record(truth, account_id="ada")
    record(truth, account_id="bob")
    record(truth, "comment", account_id="ada")
    assert truth.doubles() == []


def test_headers_of_interest_are_kept_and_no_others() -> None:
    truth = Truth(MovableClock())
    effect = record(truth, headers={b"traceparent": b"00-1", b"x-api-key": b"secret"})
    assert effect.headers == {"traceparent": "00-1"}


def test_filters_narrow_and_since_goes_on() -> None:
    truth = Truth(MovableClock())
    for account_id in ("ada", "bob"):
        for kind in ("like", "repost"):
            record(truth, kind, account_id=account_id)
    assert [e.seq for e in truth.matching(Wanted(kind="like"))] == [1, 3]
    assert [e.seq for e in truth.matching(Wanted(account_id="bob", since=3))] == [4]
    assert list(truth.matching(Wanted(post_id="p2"))) == []


def test_it_holds_two_hundred_thousand_effects() -> None:
    truth = Truth(MovableClock())
    for number in range(200_000):
        record(truth, account_id=f"a{number % 500}", target=f"p{number // 500}")
    record(truth, account_id="a7", target="p0")
    assert truth.counts["like"] == 200_001
    assert [double["seqs"] for double in truth.doubles()] == [[8, 200_001]]


def test_each_effect_is_a_line_of_the_file_at_once(tmp_path: Path) -> None:
    """INVARIANT: killing the sandbox loses nothing of the truth."""
    file = tmp_path / "truth.jsonl"
    truth = Truth(MovableClock(), file)
    record(truth, "comment", text="Grüße")
    line = orjson.loads(file.read_bytes())
    assert (line["seq"], line["kind"], line["text"]) == (1, "comment", "Grüße")
    truth.reset()
    record(truth)
    lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    assert [line.get("reset", line.get("seq")) for line in lines] == [1, True, 1]
    truth.close()


def test_refused_writes_are_counted_by_their_reason() -> None:
    truth = Truth(MovableClock())
    for why in ("too_many_requests", "too_many_requests", "timeout_before"):
        truth.refuse(kind="like", why=why, request_id="req-1")
    assert truth.refused_counts["like"] == {"too_many_requests": 2, "timeout_before": 1}
    assert len(truth.refused) == 3
    assert truth.effects == []
