"""Memory of each process, and what they use while nothing is due."""

import asyncio
from pathlib import Path

import psutil

from benchmarks.bed import bed, stack
from benchmarks.drain import cpu_seconds
from benchmarks.report import Report

IDLE_S = 20.0
MIB = 1024 * 1024


def run(report: Report, folder: Path, runs: int) -> None:
    """Memory (PSS) after a start and CPU over twenty idle seconds."""
    report.say(f"Memory, and CPU over {IDLE_S:g} idle seconds")
    with stack(folder) as running:

        async def measure() -> list[dict[str, float]]:
            async with bed(running, members=100):
                await asyncio.sleep(5)
                rounds = []
                for _ in range(runs):
                    before = cpu_seconds(running)
                    await asyncio.sleep(IDLE_S)
                    after = cpu_seconds(running)
                    rounds.append({k: (after[k] - before[k]) / IDLE_S * 100 for k in after})
                return rounds

        idle = asyncio.run(measure())
        for name in idle[0]:
            values = [row[name] for row in idle]
            report.add(f"idle_cpu_percent.{name}", f"idle CPU of {name}", values, "% of a core")
        for name in running.urls:
            pid = running.process(name).pid
            assert pid is not None
            size = psutil.Process(pid).memory_full_info().pss / MIB
            report.add(f"memory_mib.{name}", f"memory of {name}", [size], "MiB PSS", digits=0)
        postgres, kafka = running.postgres, running.kafka
        for name, size in (("postgres", postgres.resident_bytes), ("kafka", kafka.resident_bytes)):
            report.add(f"memory_mib.{name}", f"memory of {name}", [size / MIB], "MiB", digits=0)
