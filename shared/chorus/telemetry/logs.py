"""Logs: one JSON object a line on stdout. Secrets never reach it, nor the text of people."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any

import orjson
import structlog

from chorus.events import Event
from chorus.settings import ServiceSettings
from chorus.telemetry import tracing

handled_event: ContextVar[Event | None] = ContextVar("handled_event", default=None)
"""The event being handled now; its ids are added to each line."""

_EVENT_IDS = ("client_id", "correlation_id", "activity_id", "post_id", "account_id", "campaign_id")

_SECRET_WORDS = (
    "password",
    "secret",
    "token",
    "cookie",
    "authorization",
    "api_key",
    "apikey",
    "li_at",
    "session_material",
    "dsn",
    "jsessionid",
    "x-api-key",
)
_REDACTED = "[redacted]"
_SECRET_TEXT = re.compile(r"(://[^/\s:@]*:|Bearer )[^@\s'\"]+")
"""A password in an address, or a bearer token, wherever it stands in a text."""

_TRACEBACKS = structlog.processors.ExceptionRenderer(
    # Local variables are left out: they hold secrets and people's text.
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)

_Line = MutableMapping[str, Any]


def configure(settings: ServiceSettings) -> None:
    """Send structlog and the standard library's logging (aiokafka, uvicorn) out as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _identity(settings),
        add_context,
        redact,
        _TRACEBACKS,
        shorten_errors,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.add_logger_name,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        # A line below the level costs next to nothing: the hot path has several for debugging.
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for name, level in _QUIETER.items():
        logging.getLogger(name).setLevel(max(level, root.level))


def to_stderr() -> None:
    """For programs whose stdout is their answer: lines for people, on stderr, no less redacted."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            redact,
            shorten_errors,
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


_QUIETER = {
    "aiokafka": logging.WARNING,
    "httpcore": logging.WARNING,  # at DEBUG it writes headers, cookies among them
    "httpx": logging.WARNING,
    "uvicorn": logging.WARNING,
    "uvicorn.access": logging.ERROR,
    "asyncio": logging.WARNING,
}


def add_context(_logger: object, _method: str, line: _Line) -> _Line:
    """Add the trace id and the ids of the event being handled, unless the line has its own."""
    trace = tracing.trace_id(tracing.current.get())
    if trace is not None:
        line.setdefault("trace_id", trace)
    event = handled_event.get()
    if event is not None:
        line.setdefault("event_type", event.type)
        for name in _EVENT_IDS:
            value = getattr(event, name, None)
            if value is not None:
                line.setdefault(name, str(value))
    return line


def describe(error: BaseException) -> str:
    """An error's type and first line: further lines quote rows and input, that is people's text."""
    first = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {first}"[:300]


def shorten_errors(_logger: object, _method: str, line: _Line) -> _Line:
    """Keep the first line of each error in a traceback; see `describe`."""
    for error in line.get("exception") or ():
        if isinstance(error, dict):
            error["exc_value"] = str(error.get("exc_value", "")).partition("\n")[0][:300]
            error["exc_notes"] = []
    return line


def redact(_logger: object, _method: str, line: _Line) -> _Line:
    """Hide fields whose names speak of secrets, at any depth, and secrets within texts."""
    for name, value in line.items():
        line[name] = _redacted(name, value)
    return line


def _redacted(name: str, value: Any) -> Any:
    lowered = name.lower()
    if any(word in lowered for word in _SECRET_WORDS):
        return _REDACTED
    if isinstance(value, Mapping):
        return {key: _redacted(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted("", inner) for inner in value]
    if isinstance(value, str) and ("://" in value or "Bearer " in value):
        return _SECRET_TEXT.sub(r"\1[redacted]", value)
    return value


def _identity(settings: ServiceSettings) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, line: _Line) -> _Line:
        line["service"] = settings.service
        line["instance"] = settings.instance
        return line

    return add


def _json(line: Any, **_: Any) -> str:
    return orjson.dumps(line, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
