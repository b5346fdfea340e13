"""What the processes say of their work: one line a request or record, and the trace that it belongs to.

Logs go to standard error through structlog, in colour for people or as JSON for machines. A trace (W3C Trace Context)
runs from the form to the feed: the web takes it in or begins it, the envelope carries it on.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, TextIO

import msgspec
import structlog
from pydantic import SecretBytes, SecretStr
from structlog.typing import EventDict, Processor, WrappedLogger

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?")
_SECRETS = re.compile(r"password|secret|token|authorization|cookie|api_?key|csrf|mongo_url|contact", re.IGNORECASE)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@|\bkal_[A-Za-z0-9-]+_[A-Za-z0-9_-]+")

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def open_logs(*, level: Literal["debug", "info", "warning", "error"], style: Literal["console", "json"]) -> None:
    """Send the logs of the process, those of its libraries included, to standard error.

    Called once, by the command that starts the process; a second call replaces the first.
    """
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        name_trace,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    # Our own lines do not pass through logging: with it a line took twice as long, a quarter of a small request.
    structlog.configure(
        processors=[*common, *_written(style)],
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        logger_factory=_lines_to(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_written(style)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    _quieten_libraries()


class _Lines(structlog.WriteLogger):
    """Writes lines under a name."""

    def __init__(self, stream: TextIO, name: str) -> None:
        super().__init__(stream)
        self.name = name


def _lines_to(stream: TextIO) -> Callable[..., _Lines]:
    return lambda *names: _Lines(stream, names[0] if names else "kalendarium")


def _written(style: Literal["console", "json"]) -> list[Processor]:
    """Choose how a line is written; a traceback never shows the values of variables: they may be secrets."""
    if style == "json":
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        return [
            structlog.processors.ExceptionRenderer(tracebacks),
            structlog.processors.JSONRenderer(serializer=_json),
        ]
    return [
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    ]


def _json(line: EventDict, **_ours: object) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()


def _quieten_libraries() -> None:
    """Let uvicorn speak through us, and not tell of each request a second time."""
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
    access = logging.getLogger("uvicorn.access")
    access.handlers, access.propagate = [logging.NullHandler()], False
    for name in ("aiokafka", "pymongo", "httpx", "httpcore", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


def name_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Name the trace in a line of what is done inside one."""
    ours = _current.get()
    if ours is not None:
        event.setdefault("trace", ours.split("-")[1])
    return event


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take secrets out of a line: what is called like one, what is typed as one, keys and passwords in addresses."""
    return {name: _shown(name, value) for name, value in event.items()}


def _shown(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever somebody logs
    if _is_secret(name) or isinstance(value, SecretStr | SecretBytes):
        return "[hidden]"
    if isinstance(value, str):
        return without_credentials(value)
    if isinstance(value, dict):
        return {key: _shown(str(key), each) for key, each in value.items()}
    return value


def without_credentials(text: str) -> str:
    """Take passwords in addresses, and our own keys, out of a text."""
    return _CREDENTIALS.sub("[hidden]", text) if "://" in text or "kal_" in text else text


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return _SECRETS.search(name) is not None


def continue_trace(traceparent: str | None) -> str:
    """Give the ``traceparent`` of our own step in the trace that a caller names, or in a new trace.

    One that is not as W3C Trace Context has it is ignored, as that standard demands.
    """
    found = _TRACEPARENT.fullmatch(traceparent or "")
    made = secrets.token_hex(24)
    trace, flags = found.groups() if found else (made[16:], "01")
    return f"00-{trace}-{made[:16]}-{flags}"


def tracing(traceparent: str | None, step: Step | None = None) -> AbstractContextManager[str]:
    """Work inside a trace: what is logged names it, and what is sent carries it on.

    Where traces are collected (:mod:`shared.spans`), ``step`` is told as a span; without one there is none.

    Yields:
        The ``traceparent`` of this step.

    """
    if _spans is None or step is None:
        return _AtWork(continue_trace(traceparent))
    return _told(_spans(traceparent, step))


@contextmanager
def _told(span: AbstractContextManager[str]) -> Iterator[str]:
    with span as ours, _AtWork(ours):
        yield ours


@contextmanager
def carrying_on(traceparent: str | None, step: Step) -> Iterator[str | None]:
    """Work inside the trace of what the work is about, linked to the request that asked for it.

    A line names both traces, for whoever has only logs.

    Yields:
        The ``traceparent`` of this step; that of the request if what it is about has none.

    """
    asked = current_traceparent()
    if traceparent is None:
        yield asked
        return
    step.linked = asked
    with tracing(traceparent, step) as ours:
        asked_in = asked.split("-")[1] if asked else None
        structlog.get_logger("kalendarium").info("trace carried on", step=step.name, asked_in=asked_in)
        yield ours


class _AtWork(AbstractContextManager[str]):
    """A class and not a generator: every request and every record passes here, and this costs a fifth."""

    __slots__ = ("_before", "_ours")

    def __init__(self, ours: str) -> None:
        self._ours = ours

    def __enter__(self) -> str:
        self._before = _current.set(self._ours)
        return self._ours

    def __exit__(self, *_: object) -> None:
        _current.reset(self._before)


def current_traceparent() -> str | None:
    """Give the ``traceparent`` of what is being done now; None outside a request or record."""
    return _current.get()


@dataclass(slots=True)
class Step:
    """What a span tells of a piece of work; what is known only at its end is put in on the way.

    ``kind`` is OpenTelemetry's: where a request or a record comes in, or goes out. ``linked`` is the ``traceparent`` of
    other work that led to it.
    """

    name: str
    kind: Literal["server", "producer", "consumer", "internal"] = "internal"
    attributes: Mapping[str, str | int] = field(default_factory=dict)
    linked: str | None = None
    failed: bool = False


Spans = Callable[[str | None, Step], AbstractContextManager[str]]
"""Tells steps to whoever collects traces: begins one in a trace, and gives its ``traceparent``."""

_spans: Spans | None = None


def collect_traces(spans: Spans | None) -> None:
    """Have every step told; with None no more. Called once, by the command that starts the process."""
    global _spans  # noqa: PLW0603 - like the logs', the way out is the process's
    _spans = spans


def traces_are_collected() -> bool:
    """Tell whether anybody hears of a step; what only a span needs, need not be made otherwise."""
    return _spans is not None
