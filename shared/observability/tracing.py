"""Export of spans by OpenTelemetry; the SDK is imported only if the environment configures an exporter.

Configured by OpenTelemetry's own ``OTEL_…`` variables. A background thread exports, and drops spans if the collector is
unavailable.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from shared.observability.logging import Span, set_span_recorder
from shared.settings import SettingsBroken

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Link

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
CLOSE_SECONDS: Final = 1.0


def configure_tracing(environment: Mapping[str, str], *, service: str) -> Callable[[], None]:
    """Returns a function that flushes the spans. Raises SettingsBroken if the exporter is unknown."""
    exporter_name = _read_exporter_name(environment)
    if exporter_name == "none":
        return lambda: None
    if exporter_name == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter  # noqa: PLC0415 - imported where it is used

        return export_spans(ConsoleSpanExporter(), service=environment.get("OTEL_SERVICE_NAME") or service)
    if exporter_name == "otlp":
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - takes half a second to load
            OTLPSpanExporter,
        )

        return export_spans(OTLPSpanExporter(), service=environment.get("OTEL_SERVICE_NAME") or service)
    raise SettingsBroken(f"OTEL_TRACES_EXPORTER={exporter_name}: expected otlp, console or none")


def _read_exporter_name(environment: Mapping[str, str]) -> str:
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return "none"
    named = environment.get("OTEL_TRACES_EXPORTER", "").strip()
    return named or ("otlp" if any(environment.get(each) for each in ENDPOINTS) else "none")


def export_spans(exporter: SpanExporter, *, service: str) -> Callable[[], None]:
    """Returns a function that flushes."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - imported only if spans are exported
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - the same
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - the same

    # The provider's own shutdown hook may wait for an unavailable collector, longer than a process has to stop.
    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    set_span_recorder(_SpanStarter(provider).start)

    def close() -> None:
        set_span_recorder(None)
        closing = threading.Thread(target=provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)

    return close


class _SpanStarter:
    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry import trace  # noqa: PLC0415 - imported only if spans are exported
        from opentelemetry.context import Context  # noqa: PLC0415 - the same
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415 - the same

        self._trace = trace
        self._empty_context = Context()
        self._tracer = provider.get_tracer("kalendarium")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def start(self, traceparent: str | None, described: Span) -> Iterator[str]:
        span = self._tracer.start_span(
            described.name,
            context=self._extract_context(traceparent),
            kind=self._trace.SpanKind[described.kind.upper()],
            links=self._build_links(described.link),
        )
        context = span.get_span_context()
        try:
            yield f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
        except Exception as error:
            # Only the type: message and traceback may contain personal data, such as an address.
            span.add_event("exception", {"exception.type": f"{type(error).__module__}.{type(error).__qualname__}"})
            described.failed = True
            raise
        finally:
            span.update_name(described.name)
            span.set_attributes(described.attributes)
            if described.failed:
                span.set_status(self._trace.StatusCode.ERROR)
            span.end()

    def _extract_context(self, traceparent: str | None) -> Context:
        return self._propagator.extract(
            {"traceparent": traceparent} if traceparent else {}, context=self._empty_context
        )

    def _build_links(self, link: str | None) -> list[Link]:
        if link is None:
            return []
        context = self._trace.get_current_span(self._extract_context(link)).get_span_context()
        return [self._trace.Link(context)] if context.is_valid else []
