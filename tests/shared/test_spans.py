"""What a collector of traces is told, and what it is not."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.database import DuplicateKeyError
from shared.spans import tell
from shared.telemetry import Step, tracing

ANNA = "anna@lot.example"


def test_a_collector_is_told_that_a_step_failed_and_not_of_whom() -> None:
    exporter = InMemorySpanExporter()
    close = tell(exporter, service="kalendarium-ingest")
    with pytest.raises(DuplicateKeyError), tracing(None, Step("POST /ingest/accounts")):
        raise DuplicateKeyError(f"E11000 duplicate key error, dup key: {ANNA}")
    close()

    [span] = exporter.get_finished_spans()
    assert [dict(event.attributes or {}) for event in span.events] == [
        {"exception.type": "pymongo.errors.DuplicateKeyError"}
    ]
    assert ANNA not in span.to_json()
    assert not span.status.is_ok
