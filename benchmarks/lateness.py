"""How late a call starts: idle, beside 200,000 pending, and at 500 a second."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.bed import Bed, bed, stack
from benchmarks.report import Report

SPREAD_S = 20.0


async def _once(the_bed: Bed, count: int, *, spread_s: float = SPREAD_S) -> dict[str, float]:
    first = datetime.now(UTC) + timedelta(seconds=2.0)
    posts = await the_bed.fill(count, first=first, every_s=spread_s / count)
    noise = asyncio.create_task(_noise_ms(spread_s))
    await the_bed.settled(posts, within_s=spread_s + 60)
    row = await the_bed.lateness_ms(posts)
    row["noise"] = await noise
    assert row["n"] == count
    assert row["min"] >= 0, "a call went out before its time"
    return row


async def _noise_ms(seconds: float) -> float:
    """How late a process that does nothing is woken at worst: what the machine adds by itself."""
    loop, worst = asyncio.get_running_loop(), 0.0
    ends = loop.time() + seconds
    while (asked := loop.time()) < ends:
        await asyncio.sleep(0.005)
        worst = max(worst, loop.time() - asked - 0.005)
    return worst * 1000


async def _warm(the_bed: Bed) -> None:
    """A cold JVM and empty pools would be measured otherwise."""
    posts = await the_bed.fill(2000, first=datetime.now(UTC), every_s=0.001)
    await the_bed.settled(posts, within_s=60)


async def _measure(the_bed: Bed, report: Report, runs: int) -> None:
    await _warm(the_bed)
    idle = [await _once(the_bed, 2000) for _ in range(runs)]
    _add(report, "idle", "2,000 over 20 s", idle)
    fast = [await _once(the_bed, 10_000) for _ in range(runs)]
    _add(report, "fast", "10,000 over 20 s", fast)
    report.say("  filling the ledger with 200,000 pending activities")
    far = datetime.now(UTC) + timedelta(days=30)
    await the_bed.fill(200_000, first=far, every_s=0.1)
    # What is measured is what is pending, not the disk that still writes out how it came there.
    await the_bed.owner.execute("checkpoint")
    pending = [await _once(the_bed, 2000) for _ in range(runs)]
    _add(report, "pending_200k", "2,000 over 20 s, 200,000 pending", pending)
    more = [await _once(the_bed, 500, spread_s=10.0) for _ in range(runs)]
    _add(report, "pending_200k_500", "500 over 10 s, 200,000 pending", more)


def _add(report: Report, name: str, label: str, rows: list[dict[str, float]]) -> None:
    for figure in ("p50", "p95", "p99", "max", "noise"):
        values = [row[figure] for row in rows]
        report.add(f"lateness_ms.{name}.{figure}", f"lateness {figure}: {label}", values, "ms")


def run(report: Report, folder: Path, runs: int) -> None:
    """Lateness of the call's start against its due instant."""
    report.say("Lateness (call start - due)")
    with stack(folder) as running:

        async def all_of_it() -> None:
            async with bed(running) as the_bed:
                await _measure(the_bed, report, runs)

        asyncio.run(all_of_it())
