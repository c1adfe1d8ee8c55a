"""Brings the broker's access-control lists in line with `chorus.kafka.rights`.

aiokafka's admin client knows no access-control lists, so this uses librdkafka's, which blocks: it
is for `chorus.prepare` and for stacks on one machine, not for a service's event loop.
"""

import time
from collections.abc import Collection
from typing import Any, Final

import structlog
from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from chorus.errors import ConfigurationError, DependencyUnavailable
from chorus.kafka.rights import RIGHTS, Allowance, allowances, principal_of
from chorus.settings import KafkaSettings

_log = structlog.get_logger(__name__)

_ANY: Final[Any] = None
"""In a filter, where its annotation says a string: whatever it is."""
_IN_FORCE_WITHIN: Final = 60.0
"""Seconds: a broker on a machine that is busy was seen to take more than 15."""
_TYPES: Final = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}
_OPERATIONS: Final = {"read": AclOperation.READ, "write": AclOperation.WRITE}


def authorise(settings: KafkaSettings) -> None:
    """Allow each service what it needs, and take away what it does not need any more. Blocks.

    Lists of other principals are left alone. Raises DependencyUnavailable when no broker answers,
    ConfigurationError when the broker has no lists or refuses who asks.
    """
    seconds = settings.request_timeout_ms / 1000
    client = AdminClient(_options(settings), logger=None)
    wanted = {_binding(each) for each in allowances(settings)}
    try:
        found = _found(client, seconds)
        missing, superfluous = wanted - found, found - wanted
        _settle(client.create_acls(list(missing), request_timeout=seconds) if missing else {})
        filters = [_filter(each) for each in superfluous]
        _settle(client.delete_acls(filters, request_timeout=seconds) if filters else {})
        _await_in_force(client, wanted, seconds, within=max(seconds, _IN_FORCE_WITHIN))
    except KafkaException as error:
        raise _translated(error) from error
    _log.info("kafka.authorised", allowed=len(missing), taken_away=len(superfluous))


def _found(client: AdminClient, seconds: float) -> set[AclBinding]:
    """What our services may do now, whatever it is."""
    return {
        binding
        for service in RIGHTS
        for binding in client.describe_acls(
            AclBindingFilter(
                ResourceType.ANY,
                _ANY,
                ResourcePatternType.ANY,
                f"User:{principal_of(service)}",
                _ANY,
                AclOperation.ANY,
                AclPermissionType.ANY,
            ),
            request_timeout=seconds,
        ).result()
    }


def _await_in_force(
    client: AdminClient, wanted: set[AclBinding], seconds: float, *, within: float
) -> None:
    """A broker goes by new lists a moment after the controller has taken them."""
    deadline = time.monotonic() + within
    while _found(client, seconds) != wanted:
        if time.monotonic() > deadline:
            raise DependencyUnavailable("The broker does not go by its new lists yet.")
        time.sleep(0.05)


def _settle(futures: dict[Any, Any]) -> None:
    for future in futures.values():
        future.result()


def _binding(allowed: Allowance) -> AclBinding:
    return AclBinding(
        _TYPES[allowed.resource],
        allowed.name,
        ResourcePatternType.LITERAL,
        f"User:{allowed.principal}",
        "*",
        _OPERATIONS[allowed.operation],
        AclPermissionType.ALLOW,
    )


def _filter(binding: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        binding.restype,
        binding.name,
        binding.resource_pattern_type,
        binding.principal,
        binding.host,
        binding.operation,
        binding.permission_type,
    )


def _translated(error: KafkaException) -> ConfigurationError | DependencyUnavailable:
    reason = error.args[0]
    names: Collection[str] = {"SECURITY_DISABLED", "CLUSTER_AUTHORIZATION_FAILED"}
    if reason.name() in names:
        return ConfigurationError(
            f"The broker's access-control lists cannot be kept: {reason.str()}. It needs an "
            "authorizer, and who asks must be an operator; or leave CHORUS_KAFKA_ACLS unset."
        )
    return DependencyUnavailable(f"The broker did not take the lists: {reason.str()}")


def _options(settings: KafkaSettings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "bootstrap.servers": settings.bootstrap_servers,
        "security.protocol": settings.security_protocol,
        "socket.timeout.ms": settings.request_timeout_ms,
        "client.id": "chorus-authorising",
    }
    if settings.security_protocol.startswith("SASL"):
        password = settings.sasl_password
        options |= {
            "sasl.mechanism": settings.sasl_mechanism,
            "sasl.username": settings.sasl_username or "",
            "sasl.password": password.get_secret_value() if password else "",
        }
    files = {
        "ssl.ca.location": settings.ssl_ca_file,
        "ssl.certificate.location": settings.ssl_cert_file,
        "ssl.key.location": settings.ssl_key_file,
    }
    if settings.security_protocol.endswith("SSL"):
        options |= {name: str(path) for name, path in files.items() if path is not None}
    return options
