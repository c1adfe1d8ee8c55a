"""Apache Kafka on the loopback address: one broker or three, on a Java out of a wheel."""

import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from chorus_lab.local import ports
from chorus_lab.local.errors import LocalServerError
from chorus_lab.local.fetching import provide
from chorus_lab.local.jars import Progress, locked_jars
from chorus_lab.local.java import Java
from chorus_lab.local.kafka_config import NodeAddress, SignIn
from chorus_lab.local.kafka_node import KafkaNode, random_id
from chorus_lab.local.processes import Watchdog, throwaway_folder

_PORT_ATTEMPTS = 3


class KafkaCluster:
    """Brokers numbered from 1, their data in one folder: kept if one is given, thrown away if not.

    All calls block. They may come from any thread, one at a time.
    """

    def __init__(
        self,
        nodes: Literal[1, 3] = 1,
        *,
        folder: Path | None = None,
        jars_folder: Path | None = None,
        heap_mb: int = 384,
        properties: Mapping[str, str] | None = None,
        sign_in: SignIn | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.sign_in = sign_in
        self._count = nodes
        self._keeps = folder is not None
        self._folder = folder or throwaway_folder("kafka")
        self._jars = locked_jars(jars_folder)
        self._java = Java(self._jars, heap_mb=heap_mb)
        self._overrides = dict(properties or {})
        self._progress = progress or show_progress
        self._watchdog = Watchdog()
        self._ports: list[ports.ReservedPort] = []
        self._nodes: dict[int, KafkaNode] = {}

    @property
    def bootstrap_servers(self) -> str:
        """For clients. Stays the same over restarts. LocalServerError before `start`."""
        if not self._nodes:
            raise LocalServerError("Kafka has not been started yet")
        addresses = [node.address for node in self._nodes.values()]
        return ",".join(f"{ports.HOST}:{address.client_port}" for address in addresses)

    @property
    def version(self) -> str:
        """Such as "Apache Kafka 4.2.0"."""
        return f"Apache Kafka {self._jars.version_of('kafka_2.13')}"

    @property
    def resident_bytes(self) -> int:
        """Memory of all its running brokers."""
        running = (node.child for node in self._nodes.values() if node.child.running)
        return sum(child.resident_bytes for child in running)

    def start(self) -> None:
        """Provide the jars, format, start all brokers; return when consumer groups work.

        JarsUnavailable or JarRefused where the jars cannot be had, LocalServerError where a broker
        does not come up.
        """
        if self._nodes:
            return
        provide(self._jars, progress=self._progress)
        try:
            self._start_on_free_ports()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all brokers, in order where the data is kept; a throwaway folder is removed.

        The first stop on a machine takes seven seconds longer: Java then writes the cache that
        makes later starts quick.
        """
        for node in self._nodes.values():
            if self._keeps or node.trains:
                node.stop()
            else:
                node.kill()
        self._forget_nodes()
        if not self._keeps:
            self._watchdog.remove_now(self._folder)
        self._watchdog.close()

    def kill(self, node: int = 1) -> None:
        """SIGKILL a broker. Its data stays."""
        self._node(node).kill()

    def restart(self, node: int = 1) -> None:
        """Start a broker again, on the same port, after `kill` or while it runs."""
        broker = self._node(node)
        broker.stop()
        broker.start()
        broker.wait_ready({node})
        broker.wait_groups()

    def lose_everything(self) -> None:
        """As if the broker's disk were lost: it comes back on its port, empty. For one broker.

        Topics, messages and the offsets of groups are gone; nobody makes the topics again.
        """
        if self._count != 1:
            raise LocalServerError("only the data of a single broker can be lost")
        broker = self._node(1)
        broker.kill()
        broker.wipe()
        broker.configure([broker.address], cluster_id=random_id(), overrides=self._overrides)
        self.restart()

    def pause(self, node: int = 1) -> None:
        """Freeze a broker: connections stay open, nothing answers."""
        self._node(node).child.send(signal.SIGSTOP)

    def resume(self, node: int = 1) -> None:
        """Let a frozen broker go on."""
        self._node(node).child.send(signal.SIGCONT)

    def _start_on_free_ports(self) -> None:
        if not self._keeps:
            self._watchdog.remove_later(self._folder)
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            try:
                self._start_nodes()
                return
            except LocalServerError as error:
                if "Address already in use" not in str(error) or attempt == _PORT_ATTEMPTS:
                    raise
                for node in self._nodes.values():
                    node.kill()
                self._forget_nodes()

    def _start_nodes(self) -> None:
        self._ports = [ports.reserve() for _ in range(2 * self._count)]
        numbers = [port.number for port in self._ports]
        addresses = [
            NodeAddress(node_id=index + 1, client_port=pair[0], controller_port=pair[1])
            for index, pair in enumerate(zip(numbers[::2], numbers[1::2], strict=True))
        ]
        cluster_id = random_id()
        for address in addresses:
            node = KafkaNode(
                address,
                folder=self._folder / f"node-{address.node_id}",
                java=self._java,
                watchdog=self._watchdog,
                sign_in=self.sign_in,
            )
            self._nodes[address.node_id] = node
            node.configure(addresses, cluster_id=cluster_id, overrides=self._overrides)
        for node in self._nodes.values():
            node.start(train=self._count == 1)
        for node in self._nodes.values():
            node.wait_ready(set(self._nodes))
        self._nodes[1].wait_groups()

    def _forget_nodes(self) -> None:
        self._nodes.clear()
        for port in self._ports:
            port.close()
        self._ports.clear()

    def _node(self, number: int) -> KafkaNode:
        if number not in self._nodes:
            raise LocalServerError(f"there is no broker {number} in this cluster")
        return self._nodes[number]


def show_progress(done: int, total: int) -> None:
    """One line on standard error: rewritten on a terminal, written once elsewhere."""
    text = f"fetching Apache Kafka: {done} of {total} jars"
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{text}" + ("\n" if done == total else ""))
    elif done == total:
        sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
