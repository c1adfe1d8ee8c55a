"""docker-compose.yml without an engine: that it says what the code asks for."""

import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chorus.process.probes import health_app
from tests.architecture.sources import ROOT
from tests.unit.deploy.compose import (
    FILE,
    compose,
    environment,
    filled,
    new_env,
    process,
    references,
)
from tests.unit.deploy.processes import SERVICES, faults_of, load_all, only

OURS = sorted(SERVICES | {"prepare"})
OUTSIDE = {
    "CHORUS_PUBLIC_URL",
    "CHORUS_UNIPILE_URL",
    "CHORUS_UNIPILE_API_KEY",
    "CHORUS_SESSION_URL",
    "CHORUS_SESSION_KEY",
}
Document = dict[str, Any]


def faults(document: Document) -> list[str]:
    """All that is wrong with it, in words."""
    services = document["services"]
    found = [f"{name} is not there" for name in OURS if name not in services]
    found += [
        fault for name in OURS if name in services for fault in faults_of_container(document, name)
    ]
    for name, service in services.items():
        image = filled(service["image"], {})
        if image.rpartition(":")[2] in {"", "latest", image}:
            found.append(f"{name}: {image} has no tag that stays")
        found += [
            f"{name}: port {port}"
            for port in service.get("ports", ())
            if not port.startswith("127.0.0.1:")
        ]
        if "mem_limit" not in service:
            found.append(f"{name}: no limit of memory")
    for name, kinds in references(document).items():
        if "" in kinds or len(kinds) > 1:
            found.append(f"{name} has neither a default nor a demand, or both")
    return found


def faults_of_container(document: Document, name: str) -> list[str]:
    service = document["services"][name]
    found = faults_of(process(document, name))
    if not (service["read_only"] and service["cap_drop"] == ["ALL"] and service["init"]):
        found.append(f"{name}: more than it needs")
    role = "postgres" if name == "prepare" else f"chorus_{name.replace('-', '_')}"
    if not service["environment"]["DATABASE_URL"].startswith(f"postgresql://{role}:${{"):
        found.append(f"{name}: not its own role")
    if name in SERVICES:
        if service["depends_on"] != {"prepare": {"condition": "service_completed_successfully"}}:
            found.append(f"{name}: does not wait for what it needs")
        port = service["environment"]["CHORUS_HEALTH_PORT"]
        asked = service["healthcheck"]["test"][-1]
        if f"http://127.0.0.1:{port}/readyz'" not in asked:
            found.append(f"{name}: health is asked for elsewhere")
    return found


def test_the_file_is_as_the_code_asks() -> None:
    """K2: services, variables, secrets, roles, health, drain, tags, ports, limits."""
    assert faults(compose()) == []
    assert "/readyz" in {route.path for route in health_app({}, {}).routes}  # type: ignore[attr-defined]


def _of(name: str, key: str, value: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document["services"][name][key] = value

    return change


def _variable(name: str, key: str, value: str | None) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        variables = document["services"][name]["environment"]
        if value is None:
            del variables[key]
        else:
            variables[key] = value

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda document: document["services"].pop("notifier"), "notifier is not there"),
        (_variable("gateway", "CHORUS_JWT_SECRETS", "x"), "nobody reads CHORUS_JWT_SECRETS"),
        (_variable("executor", "CHORUS_UNIPILE_URL", None), "CHORUS_UNIPILE_URL is not set"),
        (_variable("gateway", "CHORUS_JWT_SECRET", "x" * 40), "a secret with a value"),
        (_variable("scheduler", "CHORUS_HEALTH_HOST", "127.0.0.1"), "nobody else reaches"),
        (_variable("scheduler", "CHORUS_HEALTH_PORT", "8081"), "asked for elsewhere"),
        (_variable("executor", "CHORUS_DRAIN_SECONDS", "40"), "too short for its drain"),
        (_variable("notifier", "CHORUS_LOG_LEVEL", "${LEVEL}"), "'LEVEL"),
        (_of("browser-repost", "stop_grace_period", "50s"), "too short for its drain"),
        (_of("kafka", "image", "apache/kafka:latest"), "no tag that stays"),
        (_of("executor", "image", "chorus/services:0.0.9"), "is not 0.1.0"),
        (_of("gateway", "ports", ["8080:8080"]), "gateway: port"),
        (_of("gateway", "command", ["python", "-m", "chorus_scheduler"]), "it would run"),
        (_of("gateway", "depends_on", {}), "does not wait"),
        (_of("gateway", "read_only", False), "more than it needs"),
        (
            _variable("notifier", "DATABASE_URL", "postgresql://chorus_gateway:${A:?b}@x/y"),
            "own role",
        ),
    ],
)
def test_a_broken_copy_is_told(change: Callable[[Document], None], says: str) -> None:
    """The check above can fail, for each thing that it looks at."""
    document = copy.deepcopy(compose())
    change(document)
    try:
        found = "; ".join(faults(document))
    except KeyError as error:
        found = str(error)
    assert says in found


@pytest.mark.parametrize("arguments", [(), ("sandbox",)])
def test_a_new_env_starts_every_service(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """K2: what is left to fill in is of the outside world alone; settings accept the rest."""
    env = new_env(*arguments)
    left = {name for name, value in env.items() if not value}
    assert left == (set() if arguments else OUTSIDE)
    env |= dict.fromkeys(left, "https://filled.in/by/hand")
    for name in OURS:
        only(monkeypatch, environment(compose(), name, env))
        load_all(name)
    ours = ("_PASSWORD", "_SECRET", "_TOKEN")
    secrets = [value for name, value in env.items() if name.endswith(ours)]
    assert len(secrets) == len(set(secrets)) == 15
    assert all(len(value) == 48 for value in secrets)


@pytest.mark.parametrize("missing", sorted(new_env()))
def test_what_is_missing_is_refused_with_advice(missing: str) -> None:
    """K2: nothing starts half configured."""
    env = {name: value for name, value in new_env("sandbox").items() if name != missing}
    with pytest.raises(KeyError, match=rf"{missing} set it in \.env"):
        filled(FILE.read_text(), env)


def test_the_example_has_no_values_and_no_stranger() -> None:
    """K2: .env.example names exactly what compose demands."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {line for line in lines if line and not line.startswith("#")}
    demanded = {f"{name}=" for name, kinds in references(compose()).items() if "?" in kinds}
    assert named == demanded


def test_the_file_follows_the_schema_of_compose(tmp_path: Path) -> None:
    """K2: by the Compose specification's own schema; a misspelt key is refused."""
    assert _valid(FILE)
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(FILE.read_text().replace("stop_grace_period:", "stop_grace_periods:"))
    assert not _valid(broken)


def _valid(file: Path) -> bool:
    program = str(Path(sys.executable).parent / "check-jsonschema")
    command = [program, "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
