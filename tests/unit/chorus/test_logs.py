"""What reaches the log, and what must not."""

import json
import logging
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from chorus.events import PostPublished
from chorus.settings import ServiceSettings
from chorus.telemetry import logs, tracing
from chorus.vocabulary import Platform


@pytest.fixture(autouse=True)
def _configured() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    [line] = capsys.readouterr().out.splitlines()
    found: dict[str, object] = json.loads(line)
    return found


def _configure(level: str = "INFO") -> None:
    logs.configure(
        ServiceSettings.model_validate({"service": "s", "instance": "i", "log_level": level})
    )


def test_a_line_says_who_and_when(capsys: pytest.CaptureFixture[str]) -> None:
    """E8: a dotted name, fields, the service and its instance."""
    _configure()
    structlog.get_logger("x").info("activity.executed", kind="like")
    line = _line(capsys)
    assert line["event"] == "activity.executed"
    assert (line["service"], line["instance"], line["kind"], line["level"]) == (
        "s",
        "i",
        "like",
        "info",
    )
    assert str(line["time"]).endswith("Z")


def test_a_line_names_the_event_that_is_handled(capsys: pytest.CaptureFixture[str]) -> None:
    """Ids are bound once a message, and the trace with them."""
    _configure()
    parent = tracing.start()
    event = PostPublished(
        platform=Platform.LINKEDIN,
        client_id=uuid.UUID(int=1),
        post_id=uuid.UUID(int=2),
        url="u",
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
        source="registered",
        correlation_id="c",
    )
    trace, handled = tracing.current.set(parent), logs.handled_event.set(event)
    structlog.get_logger("x").info("post.seen", post_id="own")
    tracing.current.reset(trace)
    logs.handled_event.reset(handled)
    line = _line(capsys)
    assert line["trace_id"] == tracing.trace_id(parent)
    assert (line["correlation_id"], line["client_id"]) == ("c", str(uuid.UUID(int=1)))
    assert line["post_id"] == "own"
    assert "url" not in line


def test_secrets_are_hidden_at_any_depth(capsys: pytest.CaptureFixture[str]) -> None:
    """INVARIANT: session material, secrets and tokens never reach logs (7)."""
    _configure()
    structlog.get_logger("x").info(
        "http.sent",
        headers={"Authorization": "Bearer s3cret", "X-API-KEY": "s3cret", "Accept": "a"},
        cookies=[{"name": "li_at"}, "s3cret"],
        nested=[{"webhook_secret": "s3cret"}],
        dsn="postgresql://u:s3cret@h/d",
        error="cannot reach 'postgresql://u:s3cret@h/d' with Bearer s3cret",
    )
    text = json.dumps(_line(capsys))
    assert "s3cret" not in text
    assert '"Accept": "a"' in text


def test_other_libraries_speak_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    """The standard library's logging goes out as JSON too; its chatter does not."""
    _configure()
    logging.getLogger("aiokafka.consumer").info("joined")
    logging.getLogger("aiokafka.consumer").warning("lost %s", "node")
    line = _line(capsys)
    assert (line["event"], line["logger"], line["service"]) == (
        "lost node",
        "aiokafka.consumer",
        "s",
    )


def test_an_error_brings_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """As data, without local variables: those may hold secrets."""
    _configure()

    def fail(password: str) -> None:
        raise ValueError(f"{len(password)} characters are too few\nDETAIL: a very private text")

    try:
        fail("hunter2")
    except ValueError:
        structlog.get_logger("x").exception("account.failed")
    text = json.dumps(_line(capsys))
    assert "7 characters are too few" in text
    assert "private" not in text
    assert "hunter2" not in text.replace('fail(\\"hunter2\\")', "")
