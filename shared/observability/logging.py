"""Structured logging through structlog, and the current trace context (W3C Trace Context).

A trace runs from form to feed: the HTTP middleware starts it, the message envelope propagates it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from io import StringIO
from typing import Any, Literal, TextIO

import msgspec
import structlog
from pydantic import SecretBytes, SecretStr
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger
from uuid_utils import uuid4

from shared.plain_text import escape_unprintable
from shared.redact import redact_credentials

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?")
_UNPRINTABLE = re.compile(r"[^ -~]")
_SECRETS = re.compile(
    r"password|secret|token|authorization|cookie|api_?key|csrf|mongo_url|smtp_url|contact|email|recipient",
    re.IGNORECASE,
)

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def configure_logging(
    *, level: Literal["debug", "info", "warning", "error"], style: Literal["console", "json"]
) -> None:
    """Logs of the process and its libraries go to standard error; a second call replaces the first."""
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        add_trace_id,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact_secrets,
    ]
    # Our lines bypass the logging module: through it a line took twice as long, a quarter of a small request.
    structlog.configure(
        processors=[*common, *_build_renderers(style)],
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        logger_factory=_create_logger_factory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_build_renderers(style)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    _quieten_libraries()


class _NamedWriteLogger(structlog.WriteLogger):
    def __init__(self, stream: TextIO, name: str) -> None:
        super().__init__(stream)
        self.name = name


def _create_logger_factory(stream: TextIO) -> Callable[..., _NamedWriteLogger]:
    return lambda *names: _NamedWriteLogger(stream, names[0] if names else "kalendarium")


def _build_renderers(style: Literal["console", "json"]) -> list[Processor]:
    # Tracebacks never show the values of variables, which may be secrets.
    if style == "json":
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        return [
            structlog.processors.ExceptionRenderer(tracebacks),
            structlog.processors.JSONRenderer(serializer=_render_json),
        ]
    return [
        escape_values,
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_write_traceback),
    ]


def _render_json(line: EventDict, **_traceparent: object) -> str:
    rendered = msgspec.json.encode(line, enc_hook=repr).decode()
    return rendered if rendered.isprintable() else _UNPRINTABLE.sub(_escape_in_json, rendered)


def _escape_in_json(found: re.Match[str]) -> str:
    # JSON read in a terminal; U+202E is the same text either way.
    char = found.group()
    return char if char.isprintable() else json.dumps(char)[1:-1]


def _write_traceback(sink: TextIO, exc_info: ExcInfo) -> None:
    # Exceptions quote what was sent.
    text = StringIO()
    structlog.dev.plain_traceback(text, exc_info)
    sink.write(escape_unprintable(text.getvalue(), keep="\n"))


def escape_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Processor: nothing in a line controls the terminal that shows it, or begins another line."""
    return {escape_unprintable(name): _escape_value(name, value) for name, value in event.items()}


def _escape_value(name: str, value: object) -> object:
    if name in {"exc_info", "timestamp", "level"} or isinstance(value, int | float | None):
        return value
    keep = "\n" if name in {"exception", "stack"} else ""
    text = value if isinstance(value, str) else repr(value)
    return escape_unprintable(text.rstrip("\n") if name == "event" else text, keep=keep)


def _quieten_libraries() -> None:
    # Without uvicorn's access log: we write our own.
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
    access = logging.getLogger("uvicorn.access")
    access.handlers, access.propagate = [logging.NullHandler()], False
    for name in ("aiokafka", "pymongo", "httpx", "httpcore", "asyncio", "aiosmtplib"):
        logging.getLogger(name).setLevel(logging.WARNING)


def add_trace_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    current = _current.get()
    if current is not None:
        event.setdefault("trace", current.split("-")[1])
    return event


def redact_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Values with a secret's name or type, and credentials in URLs."""
    return {name: _redact(name, value) for name, value in event.items()}


def _redact(name: str, value: Any) -> Any:  # noqa: ANN401 - any value can be logged
    if _is_secret(name) or isinstance(value, SecretStr | SecretBytes):
        return "[hidden]"
    if isinstance(value, str):
        return redact_credentials(value)
    if isinstance(value, dict):
        return {key: _redact(str(key), each) for key, each in value.items()}
    return value


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return _SECRETS.search(name) is not None


def derive_traceparent(traceparent: str | None) -> str:
    """A new span's ``traceparent`` in the caller's trace; an invalid one starts a new trace (W3C Trace Context)."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    trace, flags = found.groups() if found else (uuid4().hex, "01")
    return f"00-{trace}-{uuid4().hex[16:]}-{flags}"


def enter_trace(traceparent: str | None, span: Span | None = None) -> AbstractContextManager[str]:
    """Log lines name the trace, messages propagate it, ``span`` is exported; yields the ``traceparent``."""
    if _recorder is None or span is None:
        return _TraceScope(derive_traceparent(traceparent))
    return _record(_recorder(traceparent, span))


@contextmanager
def _record(span: AbstractContextManager[str]) -> Iterator[str]:
    with span as current, _TraceScope(current):
        yield current


@contextmanager
def resume_trace(traceparent: str | None, span: Span) -> Iterator[str | None]:
    """Resume a stored trace, linked to the current request; yields the ``traceparent``, if there is any."""
    request = get_current_traceparent()
    if traceparent is None:
        yield request
        return
    span.link = request
    with enter_trace(traceparent, span) as current:
        request_trace = request.split("-")[1] if request else None
        structlog.get_logger("kalendarium").info("trace_resumed", span=span.name, request_trace=request_trace)
        yield current


class _TraceScope(AbstractContextManager[str]):
    """A class, not a generator: it runs for every request and record, and costs a fifth of one."""

    __slots__ = ("_before", "_traceparent")

    def __init__(self, current: str) -> None:
        self._traceparent = current

    def __enter__(self) -> str:
        self._before = _current.set(self._traceparent)
        return self._traceparent

    def __exit__(self, *_: object) -> None:
        _current.reset(self._before)


def get_current_traceparent() -> str | None:
    return _current.get()


@dataclass(slots=True)
class Span:
    """A span being recorded: attributes may be added until it ends. ``link`` is the ``traceparent`` of its cause."""

    name: str
    kind: Literal["server", "producer", "consumer", "internal"] = "internal"
    attributes: Mapping[str, str | int] = field(default_factory=dict)
    link: str | None = None
    failed: bool = False


# Starts a span in the trace of a ``traceparent``, and yields the span's own.
SpanRecorder = Callable[[str | None, Span], AbstractContextManager[str]]

_recorder: SpanRecorder | None = None


def set_span_recorder(recorder: SpanRecorder | None) -> None:
    global _recorder  # noqa: PLW0603 - the exporter, like the log stream, belongs to the process
    _recorder = recorder


def is_tracing_enabled() -> bool:
    # If not, callers skip work that only a span needs.
    return _recorder is not None
