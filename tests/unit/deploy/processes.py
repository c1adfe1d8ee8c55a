"""The processes of a deployment in one form, whether compose or Kubernetes starts them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from chorus.postgres.roles import RolePasswords
from chorus.settings import KafkaSettings, PostgresSettings, PreparingKafkaSettings, load
from chorus_browser_repost.pool import BrowserPoolSettings
from chorus_browser_repost.settings import BrowserKafkaSettings, BrowserRepostSettings
from chorus_executor.settings import ExecutorSettings
from chorus_gateway.settings import GatewaySettings
from chorus_notifier.settings import NotifierSettings
from chorus_scheduler.settings import SchedulerSettings
from tests.architecture.sources import ROOT

SERVICES = frozenset(path.name for path in (ROOT / "services").iterdir() if path.is_dir())
VERSION = "0.1.0"
_ANY = ".".join("0000")
PACKAGES = ["chorus_gateway", "chorus_scheduler", "chorus_executor", "chorus_notifier"]

SETTINGS: Mapping[str, tuple[type[BaseSettings], ...]] = {
    "gateway": (GatewaySettings, KafkaSettings, PostgresSettings),
    "scheduler": (SchedulerSettings, KafkaSettings, PostgresSettings),
    "executor": (ExecutorSettings, KafkaSettings, PostgresSettings),
    "browser-repost": (
        BrowserRepostSettings,
        BrowserKafkaSettings,
        BrowserPoolSettings,
        PostgresSettings,
    ),
    "notifier": (NotifierSettings, KafkaSettings, PostgresSettings),
    "prepare": (RolePasswords, PreparingKafkaSettings, PostgresSettings),
}
"""What each process reads at its start, as its `app.py` has it."""


def only(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    """Let a process see this, and nothing that this machine sets for it."""
    for name in set(os.environ) - {"PATH", "HOME", "TMPDIR"}:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """`secret` variables have no value here: it comes from elsewhere when the process starts."""

    name: str
    image: str
    command: Sequence[str]
    variables: Mapping[str, str]
    secret: frozenset[str]
    grace_seconds: int

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.variables) | self.secret


def faults_of(process: Process) -> list[str]:
    """All that is wrong with one process, in words."""
    known, required, secret = _variables(SETTINGS[process.name])
    faults = [f"nobody reads {name}" for name in sorted(process.names - known)]
    faults += [f"{name} is not set" for name in sorted(required - process.names)]
    open_secrets = {*secret, "DATABASE_URL"} & set(process.variables)
    faults += [f"{name} is a secret with a value" for name in sorted(open_secrets)]
    faults += _faults_of_image(process.image)
    faults += _faults_of_command(process)
    if process.grace_seconds < _drain(process) + 20 and process.name in SERVICES:
        faults.append(f"{process.grace_seconds} s are too short for its drain")
    if process.name in SERVICES and process.variables.get("CHORUS_HEALTH_HOST") != _ANY:
        faults.append("nobody else reaches its health")
    return [f"{process.name}: {fault}" for fault in faults]


def load_all(name: str) -> None:
    """Read the settings of a process from the environment; ConfigurationError if it is wrong."""
    for settings in SETTINGS[name]:
        load(settings)


def _faults_of_image(image: str) -> list[str]:
    name, _, tag = image.rpartition(":")
    if not name or "/" in tag or tag in {"", "latest"}:
        return [f"{image} has no tag that stays"]
    if "chorus/" in image and tag != VERSION:
        return [f"{image} is not {VERSION}"]
    return []


def _faults_of_command(process: Process) -> list[str]:
    expected = ["python", "-m", f"chorus_{process.name.replace('-', '_')}"]
    if process.name == "prepare":
        expected = ["python", "-m", "chorus.prepare", *PACKAGES]
    return [] if list(process.command) == expected else [f"it would run {process.command}"]


def _drain(process: Process) -> float:
    kafka = next(kind for kind in SETTINGS[process.name] if issubclass(kind, KafkaSettings))
    default = kafka.model_fields["drain_seconds"].default
    return float(process.variables.get("CHORUS_DRAIN_SECONDS", default))


def _variables(kinds: Sequence[type[BaseSettings]]) -> tuple[set[str], set[str], set[str]]:
    """All, those that must be set, and those that must not be seen."""
    fields: dict[str, FieldInfo] = {}
    for kind in kinds:
        for field, variable in _variables_of(kind).items():
            fields[variable] = kind.model_fields[field]
    return (
        set(fields),
        {variable for variable, info in fields.items() if info.is_required()},
        {variable for variable, info in fields.items() if "SecretStr" in str(info.annotation)},
    )


def _variables_of(kind: type[BaseSettings]) -> dict[str, str]:
    prefix = kind.model_config.get("env_prefix", "")
    return {
        field: info.validation_alias
        if isinstance(info.validation_alias, str)
        else f"{prefix}{field}".upper()
        for field, info in kind.model_fields.items()
    }
