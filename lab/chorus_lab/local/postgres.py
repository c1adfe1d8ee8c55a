"""PostgreSQL 18 out of a wheel, on the loopback address, with passwords."""

import contextlib
import os
import secrets
import signal
import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg

from chorus_lab.local import ports, postgres_install
from chorus_lab.local.errors import LocalServerError
from chorus_lab.local.processes import Child, Watchdog, memory_folder, throwaway_folder

SUPERUSER: Final = "postgres"

_START_TIMEOUT_S = 60.0  # crash recovery included
_STOP_TIMEOUT_S = 15.0
_PORT_ATTEMPTS = 3

_ALWAYS = {
    "listen_addresses": ports.HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # its compile time is longer than our queries
    "max_wal_size": "4GB",  # a mass insert must not force a checkpoint while others wait to commit
}
# For tests alone: a crash of the machine, and with synchronous_commit also one of the server, may
# lose what was committed last.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# Where the data is in memory, its log is too. A checkpoint is quick there.
_IN_MEMORY = {"max_wal_size": "512MB"}
_MEMORY_BYTES: Final = 4 * 1024**3


class PostgresServer:
    """One server with its data in one folder: kept if a folder is given, thrown away if not.

    fast: for tests; what was committed may be lost with the machine, and data that is thrown away
    is in memory where there is enough of it.

    All calls block. They may come from any thread, one at a time.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        fast: bool = False,
        max_connections: int = 400,
        shared_buffers: str = "256MB",
        settings: dict[str, str] | None = None,
    ) -> None:
        self._keeps = folder is not None
        self.folder: Final = folder or throwaway_folder("postgres")
        self._fast = fast
        # What may be lost with the machine needs no disk, if there is memory enough.
        in_memory = fast and not self._keeps
        memory = memory_folder("postgres", free_bytes=_MEMORY_BYTES) if in_memory else None
        self._data = (memory or self.folder) / "data"
        self._settings = {
            **_ALWAYS,
            **(_FAST if fast else {}),
            **({} if memory is None else _IN_MEMORY),
            "max_connections": str(max_connections),
            "shared_buffers": shared_buffers,
            **(settings or {}),
        }
        self._watchdog = Watchdog()
        self._user = postgres_install.server_user()
        self._child = Child(
            "PostgreSQL",
            log=self.folder / "postgres.log",
            watchdog=self._watchdog,
            at_orphaned=signal.SIGINT,  # "fast" shutdown
            user=self._user,
        )
        self._port: ports.ReservedPort | None = None
        self._programs: Path | None = None

    @property
    def port(self) -> int:
        """Stays the same over restarts. LocalServerError before `start`."""
        if self._port is None:
            raise LocalServerError("PostgreSQL has not been started yet")
        return self._port.number

    @property
    def pid(self) -> int:
        """The postmaster."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the postmaster is there."""
        return self._child.running

    @property
    def resident_bytes(self) -> int:
        """Memory of all its processes; shared pages are counted once for each."""
        return self._child.resident_bytes

    @property
    def version(self) -> str:
        """Such as "PostgreSQL 18.4"."""
        with psycopg.connect(self.dsn()) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return f"PostgreSQL {str(row[0]).split()[0] if row else '?'}"

    def dsn(
        self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None
    ) -> str:
        """The address of a database: the superuser's unless a role and its password are given."""
        secret = quote(password if password is not None else self._superuser_password(), safe="")
        return f"postgresql://{quote(user)}:{secret}@{ports.HOST}:{self.port}/{quote(database)}"

    def start(self) -> None:
        """Make the data folder if there is none, start, return when it answers."""
        if self._child.running:
            return
        try:
            self._prepare()
            self._start_on_a_free_port()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut down fast (clients are cut off, nothing is lost); a throwaway folder is removed."""
        self._child.stop(signal.SIGINT, timeout_s=_STOP_TIMEOUT_S)
        if self._port is not None:
            self._port.close()
        if not self._keeps:
            for folder in self._folders():
                self._watchdog.remove_now(folder)
        self._watchdog.close()

    def kill(self) -> None:
        """SIGKILL the postmaster and all its children. The data stays."""
        self._child.kill()

    def restart(self) -> None:
        """Start again, on the same port, after `kill` or while it runs."""
        self._child.stop(signal.SIGINT, timeout_s=_STOP_TIMEOUT_S)
        self._run()

    def _start_on_a_free_port(self) -> None:
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            self._port = ports.reserve()
            try:
                self._run()
                return
            except LocalServerError as error:
                self._port.close()
                if "Address already in use" not in str(error) or attempt == _PORT_ATTEMPTS:
                    raise

    def _prepare(self) -> None:
        if self._user is not None and not postgres_install.reachable_by_others(self.folder.parent):
            raise LocalServerError(
                f"Postgres cannot run as root, and its user {self._user.pw_name} cannot reach "
                f"{self.folder}: give a folder that others may enter."
            )
        for folder in self._folders():
            if not self._keeps:
                self._watchdog.remove_later(folder)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._user is not None:
                os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        self._programs = self._programs or postgres_install.programs(
            user=self._user, copy_to=self.folder / "programs"
        )
        if not (self._data / "PG_VERSION").exists():
            self._initialise(self._programs / "initdb")

    def _folders(self) -> set[Path]:
        return {self.folder, self._data.parent}

    def _initialise(self, initdb: Path) -> None:
        password = self.folder / "superuser.password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(18))
        if self._user is not None:
            os.chown(password, self._user.pw_uid, self._user.pw_gid)
        arguments = [str(initdb), "--pgdata", str(self._data)]
        arguments += ["--username", SUPERUSER, "--pwfile", str(password)]
        arguments += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-instructions"]
        arguments += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
        arguments += ["--locale", "C"] + (["--no-sync"] if self._fast else [])
        done = subprocess.run(
            arguments,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_START_TIMEOUT_S,
            user=self._user and self._user.pw_uid,
            group=self._user and self._user.pw_gid,
            extra_groups=None if self._user is None else [],
        )
        if done.returncode != 0:
            raise LocalServerError(f"Postgres could not make its data folder: {done.stderr}")

    def _run(self) -> None:
        programs = self._programs
        if programs is None:
            raise LocalServerError("PostgreSQL has not been started yet")
        arguments = [str(programs / "postgres"), "-D", str(self._data)]
        for name, value in {**self._settings, "port": str(self.port)}.items():
            arguments += ["-c", f"{name}={value}"]
        self._child.start(arguments, folder=self.folder)
        self._child.wait_until(self._answers, timeout_s=_START_TIMEOUT_S)

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.dsn(), connect_timeout=2).close()
            return True
        return False

    def _superuser_password(self) -> str:
        return (self.folder / "superuser.password").read_text()
