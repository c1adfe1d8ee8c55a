"""Both servers at once."""

from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Protocol, Self

from chorus_lab.local.kafka import KafkaCluster
from chorus_lab.local.postgres import PostgresServer


class Server(Protocol):
    """What can be started and stopped; both calls block."""

    def start(self) -> None:
        """Return when it can be used."""

    def stop(self) -> None:
        """Return when it is gone. May be called on one that never started."""


def start_together(*servers: Server) -> None:
    """Start all in parallel. Where one fails the others are stopped, and its error is raised."""
    with ThreadPoolExecutor(len(servers), thread_name_prefix="start-server") as pool:
        starts = [pool.submit(server.start) for server in servers]
    errors = [error for start in starts if (error := start.exception()) is not None]
    if errors:
        stop_all(*servers)
        raise errors[0]


def stop_all(*servers: Server) -> None:
    """Stop all in parallel. Where some fail, the first error is raised in the end."""
    with ThreadPoolExecutor(len(servers), thread_name_prefix="stop-server") as pool:
        stops = [pool.submit(server.stop) for server in servers]
    for stop in stops:
        stop.result()


class LocalServers:
    """A Postgres and a Kafka, to be used in a `with` block. Blocks while it starts and stops."""

    def __init__(
        self, *, postgres: PostgresServer | None = None, kafka: KafkaCluster | None = None
    ) -> None:
        self.postgres = postgres or PostgresServer()
        self.kafka = kafka or KafkaCluster()

    def __enter__(self) -> Self:
        start_together(self.postgres, self.kafka)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        stop_all(self.postgres, self.kafka)
