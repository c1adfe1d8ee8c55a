"""What is installed is exactly what requirements.lock names, from wherever the user's pip looks."""

import re
import tomllib

from tests.architecture.sources import ROOT, our_files

_REQUIREMENT = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;]+)( ; .+)?\Z")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\Z")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def test_every_requirement_is_pinned_and_hashed() -> None:
    """INVARIANT: one version of each package, and a hash for each of its files."""
    wrong = [
        requirement
        for requirement, *hashes in _entries()
        if not _REQUIREMENT.match(requirement)
        or not hashes
        or not all(_HASH.match(value) for value in hashes)
    ]
    assert wrong == []


def test_no_address_is_in_the_lock() -> None:
    """INVARIANT: the lock says what, never from where."""
    options = ("--index-url", "--extra-index-url", "--find-links", "--trusted-host", "-e ", "-r ")
    named = [
        line
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "://" in line or " @ " in line or line.startswith(options)
    ]
    assert named == []


def test_the_lock_covers_what_the_packages_ask_for() -> None:
    """A dependency that is not in the lock would be missing on the next machine."""
    locked = {requirement.partition("==")[0] for requirement, *_ in _entries()}
    assert sorted(_asked_for() - locked) == []


def _entries() -> list[list[str]]:
    text = (ROOT / "requirements.lock").read_text().replace("\\\n", "")
    lines = (line for line in text.splitlines() if line and not line.lstrip().startswith("#"))
    return [[part.strip() for part in re.split(r"\s(?=--hash)", line)] for line in lines]


def _asked_for() -> set[str]:
    manifests = [
        tomllib.loads(path.read_text()) for path in our_files() if path.name == "pyproject.toml"
    ]
    requirements = [
        line
        for manifest in manifests
        for lines in (
            manifest["project"].get("dependencies", ()),
            *manifest.get("dependency-groups", {}).values(),
        )
        for line in lines
    ]
    names = {found[0].lower() for line in requirements if (found := _NAME.match(line))}
    ours = {manifest["project"]["name"] for manifest in manifests}
    return names - ours
