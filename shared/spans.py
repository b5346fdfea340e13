"""Tells the steps of a trace to a collector, by OpenTelemetry; loaded only where the environment names one.

The variables are OpenTelemetry's own: ``OTEL_EXPORTER_OTLP_ENDPOINT`` (or ``…_TRACES_ENDPOINT``) says where the
collector is, ``OTEL_TRACES_EXPORTER`` (``otlp``, ``console``, ``none``) by which way; ``OTEL_SERVICE_NAME``,
``OTEL_RESOURCE_ATTRIBUTES``, ``OTEL_TRACES_SAMPLER``, ``OTEL_BSP_…`` and ``OTEL_SDK_DISABLED`` work as its
specification has it. Spans are sent from a thread of their own, and are dropped where nobody takes them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from shared.settings import SettingsBroken
from shared.telemetry import Step, collect_traces

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Link

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
CLOSE_SECONDS: Final = 1.0


def open_traces(environment: Mapping[str, str], *, service: str) -> Callable[[], None]:
    """Have steps told if the environment says where; gives what sends the last ones, within a second.

    Raises:
        SettingsBroken: if it names a way that is not built in.

    """
    way = _way(environment)
    if way == "none":
        return lambda: None
    if way == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter  # noqa: PLC0415 - loaded where it is used

        return tell(ConsoleSpanExporter(), service=environment.get("OTEL_SERVICE_NAME") or service)
    if way == "otlp":
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - takes half a second to load
            OTLPSpanExporter,
        )

        return tell(OTLPSpanExporter(), service=environment.get("OTEL_SERVICE_NAME") or service)
    raise SettingsBroken(f"OTEL_TRACES_EXPORTER={way}: expected otlp, console or none")


def _way(environment: Mapping[str, str]) -> str:
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return "none"
    named = environment.get("OTEL_TRACES_EXPORTER", "").strip()
    return named or ("otlp" if any(environment.get(each) for each in ENDPOINTS) else "none")


def tell(exporter: SpanExporter, *, service: str) -> Callable[[], None]:
    """Have steps told to an exporter; gives what sends the last ones."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - nothing of it is loaded where it is not used
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - the same
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - the same

    # The provider's own way to end may wait for a collector that is away, longer than a process has to end.
    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    collect_traces(_Teller(provider).step)

    def close() -> None:
        collect_traces(None)
        closing = threading.Thread(target=provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)

    return close


class _Teller:
    """Begins spans and ends them."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry import trace  # noqa: PLC0415 - nothing of it is loaded where it is not used
        from opentelemetry.context import Context  # noqa: PLC0415 - the same
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415 - the same

        self._trace = trace
        self._nothing = Context()
        self._tracer = provider.get_tracer("kalendarium")
        self._written = TraceContextTextMapPropagator()

    @contextmanager
    def step(self, traceparent: str | None, step: Step) -> Iterator[str]:
        span = self._tracer.start_span(
            step.name,
            context=self._context(traceparent),
            kind=self._trace.SpanKind[step.kind.upper()],
            links=self._links(step.linked),
        )
        context = span.get_span_context()
        try:
            yield f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
        except Exception as error:
            # Its type alone: what it says, and its traceback, may hold what a person wrote, such as an address.
            span.add_event("exception", {"exception.type": f"{type(error).__module__}.{type(error).__qualname__}"})
            step.failed = True
            raise
        finally:
            span.update_name(step.name)
            span.set_attributes(step.attributes)
            if step.failed:
                span.set_status(self._trace.StatusCode.ERROR)
            span.end()

    def _context(self, traceparent: str | None) -> Context:
        return self._written.extract({"traceparent": traceparent} if traceparent else {}, context=self._nothing)

    def _links(self, linked: str | None) -> list[Link]:
        if linked is None:
            return []
        context = self._trace.get_current_span(self._context(linked)).get_span_context()
        return [self._trace.Link(context)] if context.is_valid else []
