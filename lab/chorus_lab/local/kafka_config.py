"""The configuration of a local broker: a KRaft node that is broker and controller in one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from chorus_lab.local.ports import HOST

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
class SignIn:
    """Who may sign in with which password, and whom the broker itself and its operator are."""

    operator: str
    passwords: Mapping[str, str] = field(repr=False)

    @property
    def password(self) -> str:
        """The operator's."""
        return self.passwords[self.operator]


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
    sign_in: SignIn | None = None,
) -> str:
    """The text of server.properties. With `sign_in` nobody does anything without a name, and
    nobody but the operator anything that no access-control list allows.
    """
    clients = "PLAINTEXT" if sign_in is None else "SASL_PLAINTEXT"
    voters = (f"{node.node_id}@{HOST}:{node.controller_port}" for node in cluster)
    properties = {
        "process.roles": "broker,controller",
        "node.id": str(address.node_id),
        "controller.quorum.voters": ",".join(voters),
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": f"{clients}:{clients},CONTROLLER:{clients}",
        "inter.broker.listener.name": clients,
        "listeners": (
            f"{clients}://{HOST}:{address.client_port},"
            f"CONTROLLER://{HOST}:{address.controller_port}"
        ),
        "advertised.listeners": f"{clients}://{HOST}:{address.client_port}",
        "log.dirs": log_dir,
        **_topics(len(cluster)),
        **_TIMING,
        **_SIZE,
        **({} if sign_in is None else _authorisation(sign_in)),
        **overrides,
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def _authorisation(sign_in: SignIn) -> dict[str, str]:
    known = " ".join(f'user_{name}="{word}"' for name, word in sign_in.passwords.items())
    module = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    login = f'{module} username="{sign_in.operator}" password="{sign_in.password}" {known};'
    return {
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": login,
        "listener.name.controller.plain.sasl.jaas.config": login,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{sign_in.operator}",
    }


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
