"""Settings come from the environment; a wrong one stops the process with one clear sentence."""

import os
import socket
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from chorus.errors import ConfigurationError

Settings = TypeVar("Settings", bound=BaseSettings)


def _instance_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{os.urandom(3).hex()}"


class KafkaSettings(BaseSettings):
    """How to reach the broker, and how long its members may take."""

    model_config = SettingsConfigDict(env_prefix="CHORUS_", extra="ignore", populate_by_name=True)

    bootstrap_servers: str = Field(
        default="127.0.0.1:9092", validation_alias="KAFKA_BOOTSTRAP_SERVERS"
    )
    """The brokers."""
    topic_prefix: str = ""
    """With the next one: for several installations on one broker."""
    group_prefix: str = ""
    """Stands before the names of consumer groups."""
    partitions: int = Field(default=12, ge=1, validation_alias="CHORUS_TOPIC_PARTITIONS")
    """Of topics that are made."""
    replication_factor: int = Field(
        default=1, ge=1, validation_alias="CHORUS_TOPIC_REPLICATION_FACTOR"
    )
    """Of topics that are made."""
    request_timeout_ms: int = Field(default=15_000, ge=1_000)
    """Of a request to a broker."""
    session_timeout_ms: int = Field(default=6_000, ge=1_000)
    """A member of a group that is silent for so long has left it."""
    max_poll_interval_ms: int = Field(default=300_000, ge=1_000)
    """A member that fetches nothing for so long has left its group."""
    drain_seconds: float = Field(default=10, ge=0)
    """How long a consumer may take to finish what it holds when it must let go of it."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", validation_alias="KAFKA_SECURITY_PROTOCOL"
    )
    """How to reach the broker safely."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="SCRAM-SHA-512", validation_alias="KAFKA_SASL_MECHANISM"
    )
    """How to sign in to the broker."""
    sasl_username: str | None = Field(default=None, validation_alias="KAFKA_SASL_USERNAME")
    """Who signs in to the broker."""
    sasl_password: SecretStr | None = Field(default=None, validation_alias="KAFKA_SASL_PASSWORD")
    """What it signs in with."""
    ssl_ca_file: Path | None = Field(default=None, validation_alias="KAFKA_SSL_CA_FILE")
    """The authority that the broker is believed by."""
    ssl_cert_file: Path | None = Field(default=None, validation_alias="KAFKA_SSL_CERT_FILE")
    """The client's certificate, where the broker asks for one."""
    ssl_key_file: Path | None = Field(default=None, validation_alias="KAFKA_SSL_KEY_FILE")
    """The client's key."""


class PreparingKafkaSettings(KafkaSettings):
    """How the one who prepares the broker reaches it."""

    acls: bool = Field(default=False, validation_alias="CHORUS_KAFKA_ACLS")
    """Of `chorus.prepare` alone: whether to keep the access-control lists of our services; needs an
    operator's name.
    """


class PostgresSettings(BaseSettings):
    """How to reach the database, and the bounds on what is asked of it."""

    model_config = SettingsConfigDict(env_prefix="CHORUS_", extra="ignore", populate_by_name=True)

    dsn: SecretStr = Field(validation_alias="DATABASE_URL")
    """Of the service's own role."""
    pool_min: int = Field(default=1, ge=0)
    """Connections that a pool keeps open."""
    pool_max: int = Field(default=10, ge=1)
    """Connections of a pool at most."""
    pool_timeout: float = Field(default=10, gt=0)
    """Seconds to wait for a free connection."""
    statement_timeout_ms: int = Field(default=15_000, ge=1)
    """A statement that takes longer is broken off."""
    connect_timeout: int = Field(default=5, ge=1)
    """Seconds to wait for a connection to the server."""


class ServiceSettings(BaseSettings):
    """What every process needs to know about itself."""

    model_config = SettingsConfigDict(env_prefix="CHORUS_", extra="ignore", populate_by_name=True)

    service: str
    instance: str = Field(default_factory=_instance_name)
    """Who this process is: host, pid and something random unless it is said."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """How much it says."""
    health_host: str = "127.0.0.1"
    """Where HTTP is served."""
    health_port: int = Field(default=0, ge=0, le=65_535)
    """0: the machine picks one, and the ready file tells which."""
    max_connections: int = Field(default=2_000, ge=10)
    """Open at once; beyond it those that wait with an unfinished request make room."""
    ready_file: Path | None = None
    """A file with port and pid, written once the process is ready."""


def load(settings: type[Settings], **values: Any) -> Settings:
    """Read the environment into `settings`; `values` win over it.

    Raises ConfigurationError whose sentence names each variable at fault, and never its value.
    """
    try:
        return settings(**values)
    except ValidationError as error:
        faults = "; ".join(
            f"{_variable(settings, item['loc'])} {_fault(item['type'], item['msg'])}"
            for item in error.errors(include_input=False, include_url=False)
        )
        raise ConfigurationError(f"Cannot start: {faults}.") from None


def _variable(settings: type[BaseSettings], location: tuple[int | str, ...]) -> str:
    return variable(settings, str(location[0]) if location else settings.__name__)


def variable(settings: type[BaseSettings], name: str) -> str:
    """The environment variable of a field."""
    field: FieldInfo | None = settings.model_fields.get(name)
    if field is None:
        return name
    if isinstance(field.validation_alias, str):
        return field.validation_alias
    return f"{settings.model_config.get('env_prefix', '')}{name}".upper()


def _fault(kind: str, message: str) -> str:
    return "is not set" if kind == "missing" else f"is wrong ({message})"
