"""The services as a stack runs them: module, database role, environment."""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chorus.kafka.rights import principal_of
from chorus.settings import KafkaSettings
from chorus_lab.local.kafka_config import SignIn
from chorus_sandbox.app import SESSION_KEY, UNIPILE_KEY
from chorus_sandbox.linkedin.routes import HOST

OPERATOR = "chorus_operator"
"""Who prepares the broker: topics, and what each service may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """How to start a service."""

    module: str
    role: str


SPECS: Mapping[str, ServiceSpec] = {
    "gateway": ServiceSpec(module="chorus_gateway", role="chorus_gateway"),
    "scheduler": ServiceSpec(module="chorus_scheduler", role="chorus_scheduler"),
    "executor": ServiceSpec(module="chorus_executor", role="chorus_executor"),
    "browser-repost": ServiceSpec(module="chorus_browser_repost", role="chorus_browser_repost"),
    "notifier": ServiceSpec(module="chorus_notifier", role="chorus_notifier"),
}

ALL_SERVICES: tuple[str, ...] = tuple(SPECS)

MIGRATED_PACKAGES = (
    "chorus",
    "chorus_gateway",
    "chorus_scheduler",
    "chorus_executor",
    "chorus_notifier",
)
"""In the order in which they build on each other."""


def service_of(process: str) -> str:
    """The service that a process belongs to: `executor-2` is a replica of `executor`."""
    head, _, number = process.rpartition("-")
    return head if number.isdigit() else process


def process_names(services: Sequence[str], replicas: Mapping[str, int]) -> list[str]:
    """`executor`, `executor-2`, …: as many of each service as asked for, one by default."""
    return [
        service if number == 1 else f"{service}-{number}"
        for service in services
        for number in range(1, replicas.get(service, 1) + 1)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Made anew for every stack."""

    jwt: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    internal_token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    hook: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    roles: Mapping[str, str] = field(
        default_factory=lambda: {spec.role: secrets.token_urlsafe(24) for spec in SPECS.values()}
    )
    """Passwords of the services' database roles."""
    broker: SignIn = field(
        default_factory=lambda: SignIn(
            operator=OPERATOR,
            passwords={
                name: secrets.token_urlsafe(24) for name in (OPERATOR, *map(principal_of, SPECS))
            },
        )
    )
    """Passwords of the services at the broker, and of its operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What services are told about each other."""

    secrets: Secrets
    role_dsn: Callable[[str], str]
    bootstrap_servers: str
    replication_factor: int
    gateway_url: str
    scheduler_url: str
    sandbox_url: str

    def of(self, service: str) -> dict[str, str]:
        """The variables of one service, without those of a single process."""
        return {
            "DATABASE_URL": self.role_dsn(SPECS[service].role),
            **self.broker_environment(principal_of(service)),
            "CHORUS_TOPIC_REPLICATION_FACTOR": str(self.replication_factor),
            **self._own(service),
        }

    def broker_environment(self, principal: str) -> dict[str, str]:
        """The variables with which somebody of this name reaches the broker."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            "KAFKA_SASL_MECHANISM": "PLAIN",
            "KAFKA_SASL_USERNAME": principal,
            "KAFKA_SASL_PASSWORD": self.secrets.broker.passwords[principal],
        }

    def broker(self, principal: str) -> KafkaSettings:
        """The same as settings of ours."""
        return KafkaSettings.model_validate(
            {
                "bootstrap_servers": self.bootstrap_servers,
                "security_protocol": "SASL_PLAINTEXT",
                "sasl_mechanism": "PLAIN",
                "sasl_username": principal,
                "sasl_password": self.secrets.broker.passwords[principal],
                "replication_factor": self.replication_factor,
            }
        )

    def _own(self, service: str) -> dict[str, str]:
        token = self.secrets.internal_token
        own = {
            "gateway": {
                "CHORUS_JWT_SECRET": self.secrets.jwt,
                "CHORUS_INTERNAL_TOKEN": token,
                "CHORUS_SCHEDULER_URL": self.scheduler_url,
                "CHORUS_PUBLIC_URL": self.gateway_url,
                "CHORUS_HOOK_SECRET": self.secrets.hook,
                "CHORUS_UNIPILE_URL": f"{self.sandbox_url}/unipile/api/v1",
                "CHORUS_UNIPILE_API_KEY": UNIPILE_KEY,
                # The least that is allowed: whoever joins here is gone in minutes.
                "CHORUS_PASSWORD_MEMORY_KIB": "19456",
                "CHORUS_PASSWORD_TIME_COST": "2",
            },
            "scheduler": {"CHORUS_INTERNAL_TOKEN": token},
            "executor": {
                "CHORUS_UNIPILE_URL": f"{self.sandbox_url}/unipile/api/v1",
                "CHORUS_UNIPILE_API_KEY": UNIPILE_KEY,
            },
            "browser-repost": {
                "CHORUS_LINKEDIN_URL": self.sandbox_url.replace("127.0.0.1", HOST),
                "CHORUS_SESSION_URL": f"{self.sandbox_url}/sessions/{{account_id}}",
                "CHORUS_SESSION_KEY": SESSION_KEY,
            },
        }
        return own.get(service, {})


def plain_environment() -> dict[str, str]:
    """Ours, less what would configure a service or send its calls elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CHORUS_", "KAFKA_", "PYTEST_"))
        and name != "DATABASE_URL"
        and not name.lower().endswith("_proxy")
    } | {"PYTHONUNBUFFERED": "1"}
