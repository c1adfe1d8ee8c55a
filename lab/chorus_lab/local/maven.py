"""Fetches jars by their coordinates, without Maven."""

import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import jgo.maven

from chorus_lab.local.errors import JarsUnavailable
from chorus_lab.local.jars import Jar, Progress, require

_AT_ONCE = 8
_TIMEOUT_S = 30


def fetch(jars: Sequence[Jar], folder: Path, *, progress: Progress) -> None:
    """Fetch each jar into the folder; one appears there only after its checksum was right.

    JarsUnavailable where one could not be had, JarRefused where one is not what the lock says.
    Only single artifacts are asked for: what belongs together is in the lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="fetching-") as scratch,
        ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fetch-jar") as pool,
    ):
        context = jgo.maven.MavenContext(repo_cache=Path(scratch), timeout=_TIMEOUT_S)
        fetches = [pool.submit(_fetch_one, context, jar, folder) for jar in jars]
        try:
            for done, fetched in enumerate(as_completed(fetches), start=1):
                fetched.result()
                progress(done, len(jars))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _fetch_one(context: jgo.maven.MavenContext, jar: Jar, folder: Path) -> None:
    project = context.project(jar.group, jar.artifact)
    try:
        path = project.at_version(jar.version).artifact().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise JarsUnavailable(
            f"{jar.name} could not be fetched ({type(error).__name__})"
        ) from error
    require(path, jar)
    shutil.move(path, folder / jar.name)
