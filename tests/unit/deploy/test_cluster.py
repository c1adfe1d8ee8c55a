"""deploy/k8s without a cluster: that it is valid, and says what the code asks for."""

import copy
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from chorus.kafka import topics
from chorus.process.probes import health_app
from chorus.settings import KafkaSettings
from chorus_browser_repost.settings import BrowserRepostSettings
from tests.unit.deploy import cluster
from tests.unit.deploy.cluster import FOLDER, Resource, container, named, of_kind, pod, program
from tests.unit.deploy.processes import SERVICES, faults_of, load_all, only

RENDERED = ("base", "overlays/example")
WITHOUT_SCHEMA = {"ScaledObject", "TriggerAuthentication", "PodMonitor"}
HARDENED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


@cache
def _rendered(folder: str) -> list[Resource]:
    return cluster.rendered(FOLDER / folder)


def resources_of(folder: str) -> list[Resource]:
    """A copy, to be broken at will."""
    return copy.deepcopy(_rendered(folder))


def faults(resources: list[Resource]) -> list[str]:
    """All that is wrong with it, in words."""
    found = faults_of(cluster.process(resources, "Job", "prepare"))
    for name in sorted(SERVICES):
        found += faults_of(cluster.process(resources, "Deployment", name))
        found += _faults_of_deployment(named(resources, "Deployment", name))
        named(resources, "PodDisruptionBudget", name)
    for resource in of_kind(resources, *cluster.SCHEDULED):
        found += _faults_of_pod(resource)
    found += _faults_of_selectors(resources)
    found += [f"{each['metadata']['name']} is a Secret" for each in of_kind(resources, "Secret")]
    spaces = {
        each["metadata"].get("namespace") for each in resources if each["kind"] != "Namespace"
    }
    return found if spaces == {"chorus"} else [*found, f"namespaces: {spaces}"]


def _faults_of_deployment(deployment: Resource) -> list[str]:
    main, name = container(deployment), deployment["metadata"]["name"]
    ports = {port["name"]: port["containerPort"] for port in main["ports"]}
    paths = {route.path for route in health_app({}, {}).routes}  # type: ignore[attr-defined]
    found = [
        f"{name}: nobody answers {probe['httpGet']}"
        for kind in ("startupProbe", "livenessProbe", "readinessProbe")
        if (probe := main[kind])["httpGet"]["path"] not in paths
        or probe["httpGet"]["port"] not in ports
        or (kind == "readinessProbe") != (probe["httpGet"]["path"] == "/readyz")
    ]
    if deployment["spec"]["strategy"]["rollingUpdate"] != {"maxSurge": 1, "maxUnavailable": 0}:
        found.append(f"{name}: one goes before the other is ready")
    if deployment["spec"]["selector"]["matchLabels"] != {"app.kubernetes.io/name": name}:
        found.append(f"{name}: selects others")
    return found


def _faults_of_pod(resource: Resource) -> list[str]:
    name, specification, main = resource["metadata"]["name"], pod(resource), container(resource)
    outer, inner = specification["securityContext"], main["securityContext"]
    found = []
    if not (
        outer["runAsNonRoot"] and outer["runAsUser"] == 10_001 and HARDENED.items() <= inner.items()
    ):
        found.append(f"{name}: more than it needs")
    if outer["seccompProfile"] != {"type": "RuntimeDefault"}:
        found.append(f"{name}: no seccomp profile")
    if specification["automountServiceAccountToken"] or specification["serviceAccountName"] != name:
        found.append(f"{name}: a token")
    if "memory" not in main["resources"]["limits"] or "cpu" not in main["resources"]["requests"]:
        found.append(f"{name}: no resources")
    if {"name": "tmp", "mountPath": "/tmp"} not in main["volumeMounts"]:  # noqa: S108
        found.append(f"{name}: nowhere to write")
    return found


def _faults_of_selectors(resources: list[Resource]) -> list[str]:
    """Services, budgets and policies that mean nobody."""
    labels = [
        each["spec"]["template"]["metadata"]["labels"]
        for each in of_kind(resources, *cluster.SCHEDULED)
    ]
    found = []
    for each in of_kind(resources, "Service", "PodDisruptionBudget", "NetworkPolicy"):
        spec = each["spec"]
        selector = spec.get("podSelector", spec.get("selector"))
        if each["kind"] == "Service":
            selector = {"matchLabels": selector}
        if not any(cluster.selects(selector, known) for known in labels):
            found.append(f"{each['kind']} {each['metadata']['name']} means nobody")
    nothing = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    if nothing not in [each["spec"] for each in of_kind(resources, "NetworkPolicy")]:
        found.append("what is not allowed is not refused")
    return found


@pytest.mark.parametrize("folder", RENDERED)
def test_the_manifests_are_as_the_code_asks(folder: str) -> None:
    """K2: services, variables, secrets, ports, probes, drain, tags, rights, selectors."""
    assert faults(resources_of(folder)) == []


@pytest.mark.parametrize("folder", RENDERED)
def test_the_values_start_every_service(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """K2: settings accept what ConfigMaps say, and ports are the ones that are listened on."""
    resources = resources_of(folder)
    for kind, name in (("Job", "prepare"), *(("Deployment", each) for each in sorted(SERVICES))):
        process = cluster.process(resources, kind, name)
        only(monkeypatch, {**dict.fromkeys(process.secret, "s" * 40), **process.variables})
        load_all(name)
        if kind == "Deployment":
            [port] = container(named(resources, kind, name))["ports"]
            assert str(port["containerPort"]) == process.variables["CHORUS_HEALTH_PORT"]
    for service in of_kind(resources, "Service"):
        assert service["spec"]["ports"] == [{"name": "http", "port": 8080, "targetPort": "http"}]


Change = Callable[[list[Resource]], Any]


def _deployment(name: str, *path: str | int, value: object) -> Change:
    def change(resources: list[Resource]) -> None:
        at: Any = named(resources, "Deployment", name)["spec"]
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return change


_POD = ("template", "spec")
_MAIN = (*_POD, "containers", 0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda all_: all_.remove(named(all_, "Deployment", "notifier")), "notifier is not there"),
        (lambda all_: all_.append({"kind": "Secret", "metadata": {"name": "x"}}), "x is a Secret"),
        (lambda all_: all_.remove(named(all_, "NetworkPolicy", "nothing")), "is not refused"),
        (_deployment("gateway", *_MAIN, "image", value="chorus/services"), "no tag that stays"),
        (_deployment("gateway", *_MAIN, "command", value=["python"]), "it would run"),
        (_deployment("executor", *_MAIN, "env", 3, "name", value="CHORUS_KEY"), "reads CHORUS_KEY"),
        (_deployment("executor", *_MAIN, "env", 3, "name", value="CHORUS_LEASE"), "KEY is not set"),
        (
            _deployment(
                "gateway", *_MAIN, "env", 1, value={"name": "CHORUS_JWT_SECRET", "value": "x"}
            ),
            "a secret with a value",
        ),
        (_deployment("browser-repost", *_POD, "terminationGracePeriodSeconds", value=50), "drain"),
        (
            _deployment("gateway", *_MAIN, "livenessProbe", "httpGet", "path", value="/"),
            "nobody answers",
        ),
        (
            _deployment("gateway", *_MAIN, "livenessProbe", "httpGet", "path", value="/readyz"),
            "nobody answers",
        ),
        (
            _deployment("gateway", *_MAIN, "readinessProbe", "httpGet", "port", value="web"),
            "nobody answers",
        ),
        (
            _deployment("gateway", "strategy", "rollingUpdate", "maxUnavailable", value=1),
            "goes before",
        ),
        (
            _deployment("gateway", *_POD, "securityContext", "runAsNonRoot", value=False),
            "more than",
        ),
        (
            _deployment(
                "gateway", *_MAIN, "securityContext", "readOnlyRootFilesystem", value=False
            ),
            "more than",
        ),
        (_deployment("gateway", *_POD, "automountServiceAccountToken", value=True), "a token"),
        (_deployment("gateway", *_MAIN, "volumeMounts", value=[]), "nowhere to write"),
        (_deployment("notifier", "template", "metadata", "labels", value={}), "means nobody"),
    ],
)
def test_a_broken_copy_is_told(change: Change, says: str) -> None:
    """The check above can fail, for each thing that it looks at."""
    resources = resources_of("base")
    change(resources)
    try:
        found = "; ".join(faults(resources))
    except KeyError as error:
        found = str(error)
    assert says in found


@pytest.mark.parametrize("folder", RENDERED)
def test_the_manifests_follow_the_schemas_of_kubernetes(folder: str, tmp_path: Path) -> None:
    """K2: Kubernetes' own schemas, unknown fields refused; a kind without one is named here."""
    resources = resources_of(folder)
    judged = [each for each in resources if each["kind"] not in WITHOUT_SCHEMA]
    assert _valid(judged, tmp_path)
    container(named(judged, "Deployment", "gateway"))["readynessProbe"] = {}
    assert not _valid(judged, tmp_path)


def _valid(resources: list[Resource], folder: Path) -> bool:
    file = folder / "all.yaml"
    file.write_text(yaml.safe_dump_all(resources))
    command = [program("kubernetes-validate"), "--strict", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "WARN" not in done.stdout + done.stderr


def test_every_secret_that_is_asked_for_is_in_the_example_without_a_value() -> None:
    """K2, P6: names and keys for whoever makes them; values are nowhere in the repository."""
    file = FOLDER / "overlays/example/secrets.example.yaml"
    examples = list(yaml.safe_load_all(file.read_text()))
    offered = {(each["metadata"]["name"], key) for each in examples for key in each["stringData"]}
    assert offered == cluster.secret_keys(resources_of("overlays/example"))
    assert {value for each in examples for value in each["stringData"].values()} == {""}


def test_no_file_is_forgotten() -> None:
    """K2: each file of the base is rendered."""
    kustomization = yaml.safe_load((FOLDER / "base/kustomization.yaml").read_text())
    files = {path.name for path in (FOLDER / "base").iterdir()}
    assert files == {*kustomization["resources"], "kustomization.yaml"}


def test_browsers_scale_by_the_lag_of_their_own_topic() -> None:
    """K4: the signal, the steps and the bound that docs/operations.md names."""
    resources = resources_of("overlays/example")
    scaled = named(resources, "ScaledObject", "browser-repost")["spec"]
    [trigger] = scaled["triggers"]
    asked = trigger["metadata"]
    everything = named(resources, "ConfigMap", _config_map(resources, "chorus-broker"))["data"]
    assert asked["topic"] in {spec.name for spec in topics.ALL}
    assert asked["topic"].endswith(".browser")
    assert asked["consumerGroup"] == BrowserRepostSettings.model_fields["service"].default
    assert asked["bootstrapServers"] == everything["KAFKA_BOOTSTRAP_SERVERS"]
    signing_in = named(resources, "TriggerAuthentication", trigger["authenticationRef"]["name"])
    references = signing_in["spec"]["secretTargetRef"]
    assert {each["parameter"] for each in references} == {"username", "password", "ca"}
    assert {(each["name"], each["key"]) for each in references} <= cluster.secret_keys(resources)
    assert int(asked["lagThreshold"]) == BrowserRepostSettings.model_fields["concurrency"].default
    assert scaled["maxReplicaCount"] == int(everything["CHORUS_TOPIC_PARTITIONS"])
    assert scaled["maxReplicaCount"] == KafkaSettings.model_fields["partitions"].default
    assert "replicas" not in named(resources, "Deployment", "browser-repost")["spec"]


def test_the_sandbox_of_chromium_comes_with_its_profile(tmp_path: Path) -> None:
    """K4: the two go together; without the profile a browser with a sandbox does not start."""
    above = "../" * (len(tmp_path.parts) - 1)
    here = f"{above}{FOLDER.relative_to('/')}"
    (tmp_path / "kustomization.yaml").write_text(
        yaml.safe_dump(
            {"resources": [f"{here}/base"], "components": [f"{here}/components/chromium-sandbox"]}
        )
    )
    for resources, sandbox in (
        (resources_of("base"), "false"),
        (cluster.rendered(tmp_path), "true"),
    ):
        process = cluster.process(resources, "Deployment", "browser-repost")
        context = container(named(resources, "Deployment", "browser-repost"))["securityContext"]
        assert process.variables["CHORUS_BROWSER_SANDBOX"] == sandbox
        assert ("seccompProfile" in context) == (sandbox == "true")
        assert HARDENED.items() <= context.items()


def _config_map(resources: list[Resource], name: str) -> str:
    [found] = [
        each["metadata"]["name"]
        for each in of_kind(resources, "ConfigMap")
        if each["metadata"]["name"].startswith(f"{name}-")
    ]
    return str(found)
