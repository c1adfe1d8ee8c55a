"""One soak: a service in a stack of its own, watched from outside."""

import asyncio
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from benchmarks.browser_soak import work
from benchmarks.browser_soak.sampling import Sample, sample
from benchmarks.browser_soak.slope import slope
from chorus_lab.client import SandboxClient
from chorus_lab.stack import Stack

_SERVICE = "browser-repost"
_EVERY_S = 4.0


@dataclass(slots=True, kw_only=True)
class Soaked:
    """`left`: what is in the folder of the browsers after the service has ended."""

    samples: list[Sample]
    ended: dict[str, Any]
    truth: dict[str, Any]
    left: list[str]
    graceful: bool
    faults: int
    """How often the network did something wrong."""
    load: tuple[float, float]
    """The machine's load (one minute) before and after: others may have used it as well."""


def soak(folder: Path, *, reposts: int, within_s: float, seed: int | None) -> Soaked:
    """Until all are done or the time is over. `seed`: of a network that fails by chance."""
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as browsers,
        work.make_stack(folder, Path(browsers)) as stack,
        SandboxClient(stack.urls["sandbox"]) as sandbox,
    ):
        if seed is not None:
            work.break_network(sandbox, seed=seed)
        samples, ended = asyncio.run(_watch(stack, sandbox, Path(browsers), reposts, within_s))
        summary, struck = sandbox.summary(), sum(fault["hits"] for fault in sandbox.faults())
        graceful = stack.terminate(_SERVICE)
        left = sorted(path.name for path in Path(browsers).iterdir())
    return Soaked(
        samples=samples,
        ended=ended,
        truth={"reposts": summary.counts.get("repost", 0), "doubles": len(summary.doubles)},
        left=left,
        graceful=graceful,
        faults=struck,
        load=(load, os.getloadavg()[0]),
    )


async def _watch(
    stack: Stack, sandbox: SandboxClient, browsers: Path, reposts: int, within_s: float
) -> tuple[list[Sample], dict[str, Any]]:
    client_id = await work.write(stack.owner_dsn, sandbox, reposts=reposts)
    began, pid = time.monotonic(), stack.process(_SERVICE).pid
    samples: list[Sample] = []
    async with await AsyncConnection.connect(
        stack.owner_dsn, autocommit=True, row_factory=dict_row
    ) as conn:
        while True:
            ended = await work.ended(conn, client_id)
            passed = time.monotonic() - began
            samples.append(sample(pid, browsers, seconds=passed, done=ended["executed"]))
            if _over(ended, reposts) or passed > within_s:
                return samples, dict(ended)
            stack.check()
            await asyncio.sleep(_EVERY_S)


def _over(ended: dict[str, Any], reposts: int) -> bool:
    return bool(ended["executed"] + ended["given_up"] >= reposts)


def figures(soaked: Soaked) -> dict[str, Any]:
    """What the samples come to."""
    samples, last = soaked.samples, soaked.samples[-1]
    warm = [each for each in samples if each.done >= 100] or samples
    lines = {
        name: slope([(each.done, getattr(each, name)) for each in samples])
        for name in ("tree_mib", "service_mib", "service_fds", "files")
    }
    return {
        "reposts": soaked.ended,
        "truth": soaked.truth,
        "success": round(soaked.ended["executed"] / soaked.ended["planned"], 4),
        "faults_that_struck": soaked.faults,
        "seconds": last.seconds,
        "per_minute": round(last.done / last.seconds * 60, 1),
        "per_100_reposts": {name: asdict(line) for name, line in lines.items()},
        "tree_mib": _range([each.tree_mib for each in warm]),
        "service_mib": _range([each.service_mib for each in warm]),
        "service_fds": _range([each.service_fds for each in warm]),
        "processes": _range([each.processes for each in warm]),
        "files": _range([each.files for each in warm]),
        "files_mib": _range([each.files_mib for each in warm]),
        "zombies": {"most": max(each.zombies for each in samples), "last": last.zombies},
        "ended_by_itself_in_time": soaked.graceful,
        "left_in_folder": soaked.left,
        "load": {"before": round(soaked.load[0], 2), "after": round(soaked.load[1], 2)},
    }


def _range(values: list[float] | list[int]) -> dict[str, float]:
    return {"first": values[0], "least": min(values), "most": max(values), "last": values[-1]}
