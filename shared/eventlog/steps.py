"""What spans tell of letters and records, in OpenTelemetry's words; nothing where nobody collects them."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext

from shared.eventlog.envelope import Letter
from shared.eventlog.port import Record
from shared.telemetry import Step, traces_are_collected, tracing

NEWS_SECONDS = 600
"""A reader that begins at the beginning meets years of records; only what was written lately is somebody's trace."""


def sending(letter: Letter, service: str) -> AbstractContextManager[object]:
    """Tell that a letter is sent, in the trace of whoever wrote it."""
    if letter.traceparent is None or not traces_are_collected():
        return nullcontext()
    told = {
        "kalendarium.service": service,
        "messaging.operation.type": "send",
        "messaging.destination.name": letter.topic,
        "messaging.message.id": letter.id,
    }
    return tracing(letter.traceparent, Step(f"{service} sends {letter.type}", "producer", told))


def handling(record: Record, letter: Letter, group: str) -> Step | None:
    """Say what is told of a record that a service handles."""
    if not traces_are_collected():
        return None
    told = {"messaging.message.id": letter.id, "messaging.consumer.group.name": group}
    return Step(f"{group} handles {letter.type}", "consumer", _place(record) | told | {"kalendarium.service": group})


def applying(record: Record, service: str) -> AbstractContextManager[object]:
    """Tell that a reader without a group applies a record, if it is news."""
    if not traces_are_collected() or time.time() - record.timestamp_ms / 1000 > NEWS_SECONDS:
        return nullcontext()
    headers = {name: value.decode(errors="replace") for name, value in record.headers if value is not None}
    told = {"messaging.message.id": headers.get("ce_id", ""), "kalendarium.service": service}
    step = Step(f"{service} applies {headers.get('ce_type')}", "consumer", _place(record) | told)
    return tracing(headers.get("ce_traceparent"), step)


def _place(record: Record) -> dict[str, str | int]:
    return {
        "messaging.operation.type": "process",
        "messaging.destination.name": record.topic,
        "messaging.destination.partition.id": str(record.partition.number),
        "messaging.kafka.offset": record.offset,
    }
