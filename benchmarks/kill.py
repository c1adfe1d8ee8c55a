"""The executor killed in mid-flight: what is lost, what is doubled, how long until all goes on."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.bed import Bed, bed, stack
from benchmarks.report import Report
from chorus_lab.stack import Stack

COUNT = 500
KILL_AT = 200
CALL_MS = 200


async def _once(the_bed: Bed) -> dict[str, float]:
    await the_bed.latency(CALL_MS)
    before = (await the_bed.truth())["total"]
    posts = await the_bed.fill(COUNT, first=datetime.now(UTC) - timedelta(minutes=1), every_s=0)
    await _reached(the_bed, before + KILL_AT)
    await asyncio.to_thread(the_bed.stack.kill, "executor")
    killed, killed_at = time.perf_counter(), datetime.now(UTC)
    await asyncio.to_thread(the_bed.stack.restart, "executor")
    settled = await the_bed.settled(posts, within_s=90)
    truth = await the_bed.truth()
    caught = await the_bed.one(
        """
        select count(*) as in_flight, count(*) filter (where verified) as verified,
               max(extract(epoch from closed_at - %s::timestamptz))::float as recovered
        from engagement.attempts
        where post_id = any(%s) and opened_at < %s and closed_at > %s
        """,
        killed_at,
        posts,
        killed_at,
        killed_at,
    )
    return {
        "lost": COUNT - (truth["total"] - before - len(truth["doubles"])),
        "doubled": len(truth["doubles"]),
        "in_flight": caught["in_flight"],
        "verified": caught["verified"],
        "recovered_s": caught["recovered"] or 0.0,
        "all_settled_s": settled - killed,
    }


async def _reached(the_bed: Bed, count: int) -> None:
    while True:
        if (await the_bed.truth())["total"] >= count:
            return


async def _with_bed(running: Stack) -> dict[str, float]:
    async with bed(running, members=500) as the_bed:
        return await _once(the_bed)


def run(report: Report, folder: Path, runs: int) -> None:
    """500 activities, 50 calls at once of 200 ms; SIGKILL when 200 have reached the network."""
    report.say("SIGKILL of the executor in mid-flight")
    rows: list[dict[str, float]] = []
    for number in range(runs):
        with stack(folder / str(number)) as running:
            rows.append(asyncio.run(_with_bed(running)))
    labels = {
        "lost": "lost after the kill",
        "doubled": "doubled after the kill",
        "in_flight": "in hand when killed",
        "verified": "found by verification",
        "recovered_s": "until all that was in hand had its outcome",
        "all_settled_s": "until all 500 were settled",
    }
    for name, label in labels.items():
        unit = "s" if name.endswith("_s") else ""
        report.add(f"kill.{name}", label, [row[name] for row in rows], unit)
