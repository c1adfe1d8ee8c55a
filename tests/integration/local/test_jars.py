"""Jars are those that the lock names, or they are refused; without a network the error is plain."""

import hashlib
from pathlib import Path

import pytest

from chorus_lab.local import ports
from chorus_lab.local.errors import JarRefused, JarsUnavailable
from chorus_lab.local.fetching import provide
from chorus_lab.local.jars import Jar, JarSet, default_folder, locked_jars

_CONTENT = b"not really a jar"


@pytest.fixture
def jars(tmp_path: Path) -> JarSet:
    """Two jars, both in their folder."""
    digest = hashlib.sha256(_CONTENT).hexdigest()
    names = ("first", "second")
    for name in names:
        (tmp_path / f"{name}-1.jar").write_bytes(_CONTENT)
    return JarSet(
        folder=tmp_path,
        jars=tuple(
            Jar(group="example", artifact=name, version="1", sha256=digest) for name in names
        ),
    )


def test_the_right_jars_pass_again_and_again(jars: JarSet) -> None:
    """The second time the stamp is enough, and nothing is written."""
    jars.verify()
    stamp = jars.folder / "verified.json"
    written = stamp.stat().st_mtime_ns
    jars.verify()
    assert stamp.stat().st_mtime_ns == written


@pytest.mark.parametrize("verified_before", [False, True])
def test_a_corrupted_jar_is_refused(jars: JarSet, verified_before: bool) -> None:
    """INVARIANT: no byte runs that jars.lock does not name."""
    if verified_before:
        jars.verify()
    (jars.folder / "second-1.jar").write_bytes(_CONTENT.upper())
    with pytest.raises(JarRefused, match=r"second-1\.jar is not the .* delete it"):
        jars.verify()


def test_another_checksum_in_the_lock_is_noticed(jars: JarSet) -> None:
    """A jar that was verified for an older lock is not verified for this one."""
    jars.verify()
    other = Jar(group="example", artifact="first", version="1", sha256="0" * 64)
    with pytest.raises(JarRefused):
        JarSet(folder=jars.folder, jars=(other,)).verify()


def test_without_a_network_one_sentence_says_what_is_missing(
    jars: JarSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offline, with jars missing: how many, where, and what to do."""
    (jars.folder / "first-1.jar").unlink()
    nobody = ports.reserve()
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://{ports.HOST}:{nobody.number}")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    try:
        with pytest.raises(JarsUnavailable) as raised:
            provide(jars, progress=lambda done, total: None)
    finally:
        nobody.close()
    message = str(raised.value)
    assert message.startswith(f"1 of the 2 jars of Apache Kafka are not in {jars.folder}")
    assert "first-1.jar could not be fetched" in message
    assert "CHORUS_JARS_DIR" in message
    assert "\n" not in message


def test_without_a_network_nothing_is_asked_once_all_are_there(
    jars: JarSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offline, with nothing missing: it works."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    provide(jars, progress=lambda done, total: pytest.fail("something was fetched"))


def test_the_lock_names_one_version_of_each_jar() -> None:
    """No artifact twice, and the broker's own among them."""
    locked = locked_jars()
    artifacts = [jar.artifact for jar in locked.jars]
    assert len(set(artifacts)) == len(artifacts)
    assert locked.version_of("kafka_2.13") == locked.version_of("kafka-clients")


def test_the_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CHORUS_JARS_DIR moves it; by default it is in the user's cache, outside the checkout."""
    monkeypatch.setenv("CHORUS_JARS_DIR", str(tmp_path))
    assert default_folder() == tmp_path
    monkeypatch.delenv("CHORUS_JARS_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "chorus" / "jars"
