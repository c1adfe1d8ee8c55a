"""The jars of Apache Kafka: pinned by coordinate and SHA-256, fetched once, always checked."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from chorus_lab.local.errors import JarRefused

_STAMP = "verified.json"

Progress = Callable[[int, int], None]  # fetched so far, of how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Jar:
    """One line of jars.lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.artifact}-{self.version}.jar"


@dataclass(frozen=True, slots=True, kw_only=True)
class JarSet:
    """All jars of one program, in one folder, in the order of the lock."""

    folder: Path
    jars: tuple[Jar, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """Whether they exist or not."""
        return tuple(self.folder / jar.name for jar in self.jars)

    @property
    def class_path(self) -> str:
        """As a list of files: Java's ahead-of-time cache knows no wildcards."""
        return os.pathsep.join(str(path) for path in self.paths)

    @property
    def fingerprint(self) -> str:
        """Of the contents and the place of all jars."""
        text = str(self.folder) + "".join(jar.sha256 for jar in self.jars)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def version_of(self, artifact: str) -> str:
        """Such as "4.2.0". KeyError where the lock has no such artifact."""
        return {jar.artifact: jar.version for jar in self.jars}[artifact]

    def missing(self) -> list[Jar]:
        """Those that still have to be fetched."""
        return [jar for jar in self.jars if not (self.folder / jar.name).exists()]

    def verify(self) -> None:
        """Refuse jars that are not those of the lock.

        A file of the size and time that it had when it was last read in full is not read again, so
        that this takes a millisecond.
        """
        stamp = self._read_stamp()
        verified = {}
        for jar in self.jars:
            path = self.folder / jar.name
            status = path.stat()
            seen = [jar.sha256, status.st_size, status.st_mtime_ns]
            if stamp.get(jar.name) != seen:
                require(path, jar)
            verified[jar.name] = seen
        if verified != stamp:
            partial = self.folder / f"{_STAMP}.{os.getpid()}"
            partial.write_text(json.dumps(verified))
            partial.replace(self.folder / _STAMP)

    def _read_stamp(self) -> Mapping[str, object]:
        try:
            stamp = json.loads((self.folder / _STAMP).read_text())
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}


def require(path: Path, jar: Jar) -> None:
    """Read the file in full. JarRefused where it is not that jar."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != jar.sha256:
        raise JarRefused(
            f"{path} is not the {jar.name} that jars.lock names (SHA-256 {found[:12]}…, not "
            f"{jar.sha256[:12]}…): delete it, and it is fetched anew."
        )


def locked_jars(folder: Path | None = None) -> JarSet:
    """What jars.lock names, kept in that folder (default: see `default_folder`)."""
    lines = (files(__package__) / "jars.lock").read_text().splitlines()
    return JarSet(
        folder=folder or default_folder(),
        jars=tuple(_parse(line) for line in lines if line and not line.startswith("#")),
    )


def default_folder() -> Path:
    """$CHORUS_JARS_DIR, or chorus/jars in the user's cache: one for all checkouts."""
    given = os.environ.get("CHORUS_JARS_DIR")
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(given) if given else caches / "chorus" / "jars"


def _parse(line: str) -> Jar:
    coordinate, sha256 = line.split()
    group, artifact, version = coordinate.split(":")
    return Jar(group=group, artifact=artifact, version=version, sha256=sha256)
