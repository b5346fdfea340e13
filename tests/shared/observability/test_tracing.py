"""What a collector of traces is told, and what it is not."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.database.client import DuplicateKeyError
from shared.observability.logging import Span, enter_trace
from shared.observability.tracing import export_spans

ANNA = "anna@lot.example"


def test_a_collector_is_told_that_a_step_failed_and_not_of_whom() -> None:
    exporter = InMemorySpanExporter()
    close = export_spans(exporter, service="kalendarium-ingest")
    with pytest.raises(DuplicateKeyError), enter_trace(None, Span("POST /ingest/accounts")):
        raise DuplicateKeyError(f"E11000 duplicate key error, dup key: {ANNA}")
    close()

    [span] = exporter.get_finished_spans()
    assert [dict(event.attributes or {}) for event in span.events] == [
        {"exception.type": "pymongo.errors.DuplicateKeyError"}
    ]
    assert ANNA not in span.to_json()
    assert not span.status.is_ok
