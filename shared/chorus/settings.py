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
    topic_prefix: str = ""
    group_prefix: str = ""
    partitions: int = Field(default=12, ge=1, validation_alias="CHORUS_TOPIC_PARTITIONS")
    replication_factor: int = Field(
        default=1, ge=1, validation_alias="CHORUS_TOPIC_REPLICATION_FACTOR"
    )
    request_timeout_ms: int = Field(default=15_000, ge=1_000)
    session_timeout_ms: int = Field(default=6_000, ge=1_000)
    max_poll_interval_ms: int = Field(default=300_000, ge=1_000)
    drain_seconds: float = Field(default=10, ge=0)
    """How long a consumer may take to finish what it holds when it must let go of it."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", validation_alias="KAFKA_SECURITY_PROTOCOL"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="SCRAM-SHA-512", validation_alias="KAFKA_SASL_MECHANISM"
    )
    sasl_username: str | None = Field(default=None, validation_alias="KAFKA_SASL_USERNAME")
    sasl_password: SecretStr | None = Field(default=None, validation_alias="KAFKA_SASL_PASSWORD")
    ssl_ca_file: Path | None = Field(default=None, validation_alias="KAFKA_SSL_CA_FILE")
    ssl_cert_file: Path | None = Field(default=None, validation_alias="KAFKA_SSL_CERT_FILE")
    ssl_key_file: Path | None = Field(default=None, validation_alias="KAFKA_SSL_KEY_FILE")


class PreparingKafkaSettings(KafkaSettings):
    """How the one who prepares the broker reaches it."""

    acls: bool = Field(default=False, validation_alias="CHORUS_KAFKA_ACLS")
    """Whether to keep the access-control lists of our services; needs an operator's name."""


class PostgresSettings(BaseSettings):
    """How to reach the database, and the bounds on what is asked of it."""

    model_config = SettingsConfigDict(env_prefix="CHORUS_", extra="ignore", populate_by_name=True)

    dsn: SecretStr = Field(validation_alias="DATABASE_URL")
    pool_min: int = Field(default=1, ge=0)
    pool_max: int = Field(default=10, ge=1)
    pool_timeout: float = Field(default=10, gt=0)
    """Seconds to wait for a free connection."""
    statement_timeout_ms: int = Field(default=15_000, ge=1)
    connect_timeout: int = Field(default=5, ge=1)


class ServiceSettings(BaseSettings):
    """What every process needs to know about itself."""

    model_config = SettingsConfigDict(env_prefix="CHORUS_", extra="ignore", populate_by_name=True)

    service: str
    instance: str = Field(default_factory=_instance_name)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65_535)
    """0: the machine picks one, and the ready file tells which."""
    max_connections: int = Field(default=2_000, ge=10)
    """Open at once; beyond it those that wait with an unfinished request make room."""
    ready_file: Path | None = None


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
    name = str(location[0]) if location else settings.__name__
    field: FieldInfo | None = settings.model_fields.get(name)
    if field is None:
        return name
    if isinstance(field.validation_alias, str):
        return field.validation_alias
    return f"{settings.model_config.get('env_prefix', '')}{name}".upper()


def _fault(kind: str, message: str) -> str:
    return "is not set" if kind == "missing" else f"is wrong ({message})"
