"""What browser-repost weighs and holds at an instant: the service, its drivers and browsers."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import psutil

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Memory is PSS in MiB: what is shared counts for each of its users in part."""

    seconds: float
    done: int
    tree_mib: float
    service_mib: float
    processes: int
    zombies: int
    service_fds: int
    files: int
    files_mib: float


def sample(pid: int, folder: Path, *, seconds: float, done: int) -> Sample:
    """Some hundred milliseconds of CPU: the kernel adds up the pages of some twenty processes."""
    service = psutil.Process(pid)
    below = _below(service)
    own = _pss(service)
    sizes = _sizes(folder)
    return Sample(
        seconds=round(seconds, 1),
        done=done,
        tree_mib=round((own + sum(map(_pss, below))) / MIB, 1),
        service_mib=round(own / MIB, 1),
        processes=1 + len(below),
        zombies=sum(map(_defunct, below)),
        service_fds=service.num_fds(),
        files=len(sizes),
        files_mib=round(sum(sizes) / MIB, 2),
    )


def _below(service: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return service.children(recursive=True)
    return []


def _pss(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error, OSError):
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return 0


def _defunct(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    return False


def _sizes(folder: Path) -> list[int]:
    """Of all files; what goes away meanwhile is left out."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                found.append((Path(place) / name).lstat().st_size)
    return found
