"""docker-compose.yml, read as it would be started with a .env."""

import re
import subprocess
from collections.abc import Mapping
from typing import Any

import yaml

from tests.architecture.sources import ROOT
from tests.unit.deploy.processes import Process

FILE = ROOT / "docker-compose.yml"
_REFERENCE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


def compose() -> dict[str, Any]:
    """The file, with its anchors resolved and its references to .env as they stand."""
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return loaded


def new_env(*arguments: str) -> dict[str, str]:
    """A fresh .env of `tools/new-env`."""
    done = subprocess.run(
        [str(ROOT / "tools/new-env"), *arguments], capture_output=True, text=True, check=True
    )
    lines = [line for line in done.stdout.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def process(document: Mapping[str, Any], name: str) -> Process:
    """Defaults are filled in; what has none is a secret, or an address of somebody else's."""
    service = document["services"][name]
    environment = service.get("environment", {})
    demanded = {key for key, value in environment.items() if ":?" in str(value)}
    return Process(
        name=name,
        image=filled(service["image"], {}),
        command=service["command"],
        variables={
            key: filled(str(value), {}) for key, value in environment.items() if key not in demanded
        },
        secret=frozenset(demanded),
        grace_seconds=seconds(service["stop_grace_period"]),
    )


def environment(document: Mapping[str, Any], name: str, env: Mapping[str, str]) -> dict[str, str]:
    """What the container of this name would see. KeyError with what `env` must have and lacks."""
    given = document["services"][name].get("environment", {})
    return {key: filled(str(value), env) for key, value in given.items()}


def filled(text: str, env: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if found := env.get(match["name"]):
            return found
        if match["kind"] == "-":
            return match["rest"]
        raise KeyError(f"{match['name']} {match['rest']}")

    return _REFERENCE.sub(value, text)


def references(document: Mapping[str, Any]) -> dict[str, set[str]]:
    """How each variable of .env is referred to: `-` with a default, `?` demanded, `` neither."""
    found: dict[str, set[str]] = {}
    for match in _REFERENCE.finditer(yaml.safe_dump(document, width=10_000)):
        found.setdefault(match["name"], set()).add(match["kind"] or "")
    return found


def seconds(text: str) -> int:
    """Of `45s` or `2m`."""
    return int(text[:-1]) * {"s": 1, "m": 60}[text[-1]]
