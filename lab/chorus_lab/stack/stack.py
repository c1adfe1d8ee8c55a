"""Stack: Postgres, Kafka, the sandbox and the services, as processes of this machine."""

import asyncio
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from chorus.kafka import topics
from chorus.kafka.authorising import authorise
from chorus.settings import KafkaSettings
from chorus_lab.local.kafka import KafkaCluster
from chorus_lab.local.postgres import PostgresServer
from chorus_lab.local.servers import stop_all
from chorus_lab.stack import database
from chorus_lab.stack.addresses import Addresses
from chorus_lab.stack.errors import NotInTimeError, StackError
from chorus_lab.stack.fleet import SANDBOX, TERMINATE_TIMEOUT_S, Fleet, Settings
from chorus_lab.stack.folder import StackFolder
from chorus_lab.stack.parallel import together
from chorus_lab.stack.program import Program
from chorus_lab.stack.progress import Progress, Step, silent, telling
from chorus_lab.stack.services import (
    ALL_SERVICES,
    OPERATOR,
    Secrets,
    Surroundings,
    process_names,
)

_POLL_S = 0.05


class Stack:
    """Processes are called `sandbox`, `gateway`, `scheduler`, `executor`, `executor-2`, …

    All calls block. They may come from any thread, one at a time. Use it in a `with` block: then a
    process that died by itself is an error at the end, too. Whatever becomes of this process, no
    child outlives it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        keep: bool = False,
        fast_postgres: bool = False,
        executors: int = 1,
        schedulers: int = 1,
        browser_services: int = 1,
        services: Sequence[str] = ALL_SERVICES,
        settings: Settings | None = None,
        sandbox_args: Sequence[str] = (),
        kafka_nodes: Literal[1, 3] = 1,
        wanted_ports: Mapping[str, int] | None = None,
        start_timeout_s: float = 180.0,
        progress: Progress = silent,
    ) -> None:
        """Nothing is started, and nothing written, before `start`.

        `keep`: the data of Postgres and Kafka stays under the folder; otherwise it is in the
        system's temporary folder and thrown away. `wanted_ports`: by process; the others take free
        ones.
        """
        self.folder = StackFolder(folder)
        kept = self.folder.path if keep else None
        self.postgres = PostgresServer(kept and kept / "postgres", fast=fast_postgres)
        self._secrets = Secrets()
        self.kafka = KafkaCluster(
            kafka_nodes,
            folder=kept and kept / "kafka",
            sign_in=self._secrets.broker,
            progress=self._tell_of_jars,
        )
        self._kafka_nodes = kafka_nodes
        replicas = {
            "executor": executors,
            "scheduler": schedulers,
            "browser-repost": browser_services,
        }
        self._replicas = process_names(services, replicas)
        self._sandbox_args = tuple(sandbox_args)
        self._progress = progress
        self._addresses = Addresses(wanted_ports or {})
        self._fleet = Fleet(
            self.folder,
            self._addresses,
            settings=settings or {},
            start_timeout_s=start_timeout_s,
            progress=progress,
        )

    def start(self) -> None:
        """Return when everything is ready; on any error stop what was started and raise it."""
        self.folder.take()
        try:
            self._addresses.require_free()
            sandbox = partial(self._fleet.start_sandbox, self._sandbox_args)
            together([self._start_postgres, self._start_kafka, sandbox])
            together([partial(self.start_service, name) for name in self._replicas])
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        """Stop everything, services first; then DeadProcessError if one had died by itself."""
        died = self._fleet.deaths()
        self._end()
        for error in died:
            raise error

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.stop()
        else:
            self._end()

    @property
    def urls(self) -> dict[str, str]:
        """Of every process that was started, by its name; without a slash at the end."""
        return {name: self._fleet.get(name).url for name in self._fleet.names}

    @property
    def owner_dsn(self) -> str:
        """Of the owner of the schemas, whom no row-level security binds."""
        return self.postgres.dsn(database.DATABASE)

    def role_dsn(self, role: str) -> str:
        """Of a service's own role, such as `chorus_gateway`. StackError for no service's role."""
        password = self._secrets.roles.get(role)
        if password is None:
            raise StackError(f"There is no role {role}.")
        return self.postgres.dsn(database.DATABASE, user=role, password=password)

    def broker(self, principal: str = OPERATOR) -> KafkaSettings:
        """How to reach Kafka as its operator, or as a service (`chorus_gateway`)."""
        return self._surroundings().broker(principal)

    def broker_environment(self, principal: str = OPERATOR) -> dict[str, str]:
        """The same as variables: for a process of its own."""
        return self._surroundings().broker_environment(principal)

    def environment(self, name: str) -> dict[str, str]:
        """What the process of this name runs with: to run a service's own commands."""
        return self._fleet.environment(name, self._surroundings())

    def process(self, name: str) -> Program:
        """StackError where there is none of this name."""
        return self._fleet.get(name)

    def start_service(self, name: str) -> None:
        """Start it, or another replica (`executor-2`); return when it is ready."""
        self._fleet.start_service(name, self._surroundings())

    def restart(self, name: str) -> None:
        """Terminate it if it runs, start it on the same port; return when it is ready."""
        program = self.process(name)
        if program.running:
            program.terminate(timeout_s=TERMINATE_TIMEOUT_S)
        self._fleet.start(name)

    def kill(self, name: str) -> None:
        """SIGKILL; returns when it is gone."""
        self.process(name).kill()

    def terminate(self, name: str, *, timeout_s: float = TERMINATE_TIMEOUT_S) -> bool:
        """SIGTERM; whether it ended by itself in time (it is killed after it)."""
        return self.process(name).terminate(timeout_s=timeout_s)

    def pause(self, name: str) -> None:
        """Freeze it: connections stay open, nothing answers."""
        self.process(name).send(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let a frozen process go on."""
        self.process(name).send(signal.SIGCONT)

    def tail(self, name: str, lines: int = 40) -> str:
        """The last lines of a process's log."""
        return self.process(name).tail(lines)

    def check(self) -> None:
        """DeadProcessError if a process has ended that was not told to."""
        for error in self._fleet.deaths():
            raise error

    def wait_until(self, condition: Callable[[], bool], *, within_s: float, what: str) -> None:
        """Poll the condition, and that no process dies. NotInTimeError after the bound.

        The pauses are longer than the questions, or these would keep from its work what is asked.
        """
        deadline = time.monotonic() + within_s
        while True:
            asked = time.monotonic()
            if condition():
                return
            self.check()
            if time.monotonic() > deadline:
                raise NotInTimeError(f"Not within {within_s:.0f} s: {what}.")
            time.sleep(max(_POLL_S, 3 * (time.monotonic() - asked)))

    def _start_postgres(self) -> None:
        with telling(self._progress, "Postgres"):
            self.postgres.start()
        with telling(self._progress, "migrations"):
            database.prepare(self.postgres, self._secrets.roles)

    def _start_kafka(self) -> None:
        with telling(self._progress, "Kafka"):
            self.kafka.start()
        with telling(self._progress, "topics"):
            settings = self.broker()
            asyncio.run(topics.ensure(settings))
            authorise(settings)

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            secrets=self._secrets,
            role_dsn=self.role_dsn,
            bootstrap_servers=self.kafka.bootstrap_servers,
            replication_factor=self._kafka_nodes,
            gateway_url=self._addresses.url("gateway"),
            scheduler_url=self._addresses.url("scheduler"),
            sandbox_url=self._addresses.url(SANDBOX),
        )

    def _tell_of_jars(self, done: int, total: int) -> None:
        if done % 10 == 0 or done == total:
            self._progress(Step(name=f"{done} of the {total} jars of Kafka", seconds=0.0))

    def _end(self) -> None:
        """Services, then the sandbox, then the servers; whatever fails, the rest is ended too."""
        try:
            self._fleet.stop()
        finally:
            stop_all(self.postgres, self.kafka)
            self._addresses.close()
            self.folder.release()
