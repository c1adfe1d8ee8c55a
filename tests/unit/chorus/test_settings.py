"""Settings are read from the environment, and a wrong one is named in one sentence."""

from pathlib import Path

import pytest

from chorus.errors import ConfigurationError
from chorus.settings import KafkaSettings, PostgresSettings, ServiceSettings, load


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS", "CHORUS_SERVICE", "CHORUS_POOL_MAX"):
        monkeypatch.delenv(name, raising=False)


def test_reads_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names that operators set."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")
    monkeypatch.setenv("CHORUS_TOPIC_PREFIX", "blue.")
    monkeypatch.setenv("CHORUS_DRAIN_SECONDS", "2.5")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:secret@db/chorus")
    monkeypatch.setenv("CHORUS_POOL_MAX", "30")
    kafka, postgres = load(KafkaSettings), load(PostgresSettings)
    assert kafka.bootstrap_servers == "kafka:9092"
    assert (kafka.topic_prefix, kafka.drain_seconds) == ("blue.", 2.5)
    assert postgres.dsn.get_secret_value().endswith("@db/chorus")
    assert postgres.pool_max == 30
    assert "secret" not in repr(postgres)


def test_a_missing_setting_is_named() -> None:
    """One sentence that says which variable, as the operator writes it."""
    with pytest.raises(ConfigurationError, match=r"^Cannot start: DATABASE_URL is not set\.$"):
        load(PostgresSettings)
    with pytest.raises(ConfigurationError, match=r"CHORUS_SERVICE is not set"):
        load(ServiceSettings)


def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: a secret in the wrong variable does not reach the console (7)."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@db/x")
    monkeypatch.setenv("CHORUS_POOL_MAX", "hunter2")
    with pytest.raises(ConfigurationError, match="CHORUS_POOL_MAX is wrong") as caught:
        load(PostgresSettings)
    assert "hunter2" not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_every_process_has_a_name_of_its_own(tmp_path: Path) -> None:
    """Two processes on one host, or one after the other, are told apart."""
    first = load(ServiceSettings, service="scheduler", ready_file=tmp_path / "ready")
    second = load(ServiceSettings, service="scheduler")
    assert first.instance != second.instance
