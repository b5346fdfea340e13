"""Spans of messages and records, by OpenTelemetry's semantic conventions; none while traces are not exported."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext

from shared.eventlog.envelope import Envelope
from shared.eventlog.port import Record
from shared.observability.logging import Span, enter_trace, is_tracing_enabled

# A reader starts with years of records; only recent ones belong to a live trace.
RECENT_SECONDS = 600


def trace_sending(envelope: Envelope, service: str) -> AbstractContextManager[object]:
    if envelope.traceparent is None or not is_tracing_enabled():
        return nullcontext()
    attributes = {
        "kalendarium.service": service,
        "messaging.operation.type": "send",
        "messaging.destination.name": envelope.topic,
        "messaging.message.id": envelope.id,
    }
    return enter_trace(envelope.traceparent, Span(f"{service} sends {envelope.type}", "producer", attributes))


def build_handling_span(record: Record, envelope: Envelope, group: str) -> Span | None:
    if not is_tracing_enabled():
        return None
    attributes = {
        "kalendarium.service": group,
        "messaging.consumer.group.name": group,
        "messaging.kafka.message.key": envelope.key,
        "messaging.message.id": envelope.id,
    }
    return Span(f"{group} handles {envelope.type}", "consumer", _describe_record(record) | attributes)


def trace_applying(record: Record, service: str) -> AbstractContextManager[object]:
    if not is_tracing_enabled() or time.time() - record.timestamp_ms / 1000 > RECENT_SECONDS:
        return nullcontext()
    headers = {name: value.decode(errors="replace") for name, value in record.headers if value is not None}
    attributes = {"messaging.message.id": headers.get("ce_id", ""), "kalendarium.service": service}
    step = Span(f"{service} applies {headers.get('ce_type')}", "consumer", _describe_record(record) | attributes)
    return enter_trace(headers.get("ce_traceparent"), step)


def _describe_record(record: Record) -> dict[str, str | int]:
    return {
        "messaging.operation.type": "process",
        "messaging.destination.name": record.topic,
        "messaging.destination.partition.id": str(record.partition.number),
        "messaging.kafka.offset": record.offset,
    }
