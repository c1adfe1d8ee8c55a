"""deploy/k8s as kustomize renders it."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.architecture.sources import ROOT
from tests.unit.deploy.processes import Process

FOLDER = ROOT / "deploy/k8s"
SCHEDULED = ("Deployment", "Job")
Resource = dict[str, Any]


def program(name: str) -> str:
    """One that the lock installed, whatever else the machine has."""
    return str(Path(sys.executable).parent / name)


def rendered(folder: Path) -> list[Resource]:
    """All resources of a kustomization. CalledProcessError where it is broken."""
    command = [program("kubectl"), "kustomize", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(done.stdout))


def named(resources: list[Resource], kind: str, name: str) -> Resource:
    """KeyError where there is none."""
    for resource in resources:
        if (resource["kind"], resource["metadata"]["name"]) == (kind, name):
            return resource
    raise KeyError(f"{kind} {name} is not there")


def of_kind(resources: list[Resource], *kinds: str) -> list[Resource]:
    return [resource for resource in resources if resource["kind"] in kinds]


def pod(resource: Resource) -> dict[str, Any]:
    """The specification of the Pods of a Deployment or Job."""
    specification: dict[str, Any] = resource["spec"]["template"]["spec"]
    return specification


def container(resource: Resource) -> dict[str, Any]:
    """The only one."""
    [only] = pod(resource)["containers"]
    found: dict[str, Any] = only
    return found


def process(resources: list[Resource], kind: str, name: str) -> Process:
    """What its container is told, ConfigMaps included."""
    resource = named(resources, kind, name)
    main = container(resource)
    variables: dict[str, str] = {}
    for source in main.get("envFrom", ()):
        variables |= named(resources, "ConfigMap", source["configMapRef"]["name"])["data"]
    secret = set()
    for variable in main.get("env", ()):
        if "secretKeyRef" in variable.get("valueFrom", {}):
            secret.add(variable["name"])
        else:
            variables[variable["name"]] = variable["value"]
    return Process(
        name=name,
        image=main["image"],
        command=main["command"],
        variables=variables,
        secret=frozenset(secret),
        grace_seconds=pod(resource).get("terminationGracePeriodSeconds", 30),
    )


def secret_keys(resources: list[Resource]) -> set[tuple[str, str]]:
    """Each key of a Secret that some Pod asks for, or KEDA."""
    found = {
        (reference["name"], reference["key"])
        for resource in of_kind(resources, "TriggerAuthentication")
        for reference in resource["spec"]["secretTargetRef"]
    }
    for resource in of_kind(resources, *SCHEDULED):
        for variable in container(resource).get("env", ()):
            if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                found.add((reference["name"], reference["key"]))
        for volume in pod(resource).get("volumes", ()):
            for item in volume.get("secret", {}).get("items", ()):
                found.add((volume["secret"]["secretName"], item["key"]))
    return found


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    return set(selector.get("matchLabels", {}).items()) <= set(labels.items())
