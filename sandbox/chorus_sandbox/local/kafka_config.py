"""The configuration of a local broker: a KRaft node that is broker and controller in one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chorus_sandbox.local.ports import HOST

_LOGGING: Final = """\
<Configuration status="ERROR" shutdownHook="disable">
  <Appenders>
    <Console name="out"><PatternLayout pattern="%d{ISO8601} %-5p %c{1} - %m%n"/></Console>
  </Appenders>
  <Loggers>
    <Root level="WARN"><AppenderRef ref="out"/></Root>
  </Loggers>
</Configuration>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAddress:
    """Where a node listens, for clients and for its fellow controllers."""

    node_id: int
    client_port: int
    controller_port: int


def logging_config() -> str:
    """For log4j2: warnings to standard output, which is a file."""
    return _LOGGING


def server_properties(
    address: NodeAddress,
    cluster: Sequence[NodeAddress],
    *,
    log_dir: str,
    overrides: Mapping[str, str],
) -> str:
    """The text of server.properties."""
    voters = (f"{node.node_id}@{HOST}:{node.controller_port}" for node in cluster)
    properties = {
        "process.roles": "broker,controller",
        "node.id": str(address.node_id),
        "controller.quorum.voters": ",".join(voters),
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "listeners": (
            f"PLAINTEXT://{HOST}:{address.client_port},"
            f"CONTROLLER://{HOST}:{address.controller_port}"
        ),
        "advertised.listeners": f"PLAINTEXT://{HOST}:{address.client_port}",
        "log.dirs": log_dir,
        **_topics(len(cluster)),
        **_TIMING,
        **_SIZE,
        **overrides,
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def _topics(brokers: int) -> dict[str, str]:
    copies = str(min(3, brokers))
    in_sync = "2" if brokers >= 3 else "1"
    return {
        # Topics are made on purpose, with the number of partitions that their readers expect.
        "auto.create.topics.enable": "false",
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": copies,
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
        "share.coordinator.state.topic.num.partitions": "4",
    }


_TIMING: Final = {
    # A group works at once when its first member joins, and notices a dead one soon.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    # A broker that was killed may not come back before its old registration has run out.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "400",
    # A leader that is gone is replaced soon.
    "controller.quorum.election.timeout.ms": "500",
    "controller.quorum.election.backoff.max.ms": "500",
    "controller.quorum.fetch.timeout.ms": "1500",
    "replica.lag.time.max.ms": "5000",
}

_SIZE: Final = {
    "num.network.threads": "2",
    "num.io.threads": "4",
    "num.recovery.threads.per.data.dir": "2",
    "background.threads": "2",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "metric.reporters": "",
}
