"""Consumer settings, progress and metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.eventlog.consumer.lag import LagTracker
from shared.observability.metrics import MetricDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerSettings:
    """Times in seconds."""

    max_records: int = 100
    # After so many records the next round waits ``gather_seconds``, because one record costs it as much as hundreds.
    many: int = 20
    gather_seconds: float = 0.0
    bug_attempts: int = 5
    most_crashes: int = 3
    first_wait: float = 0.5
    longest_wait: float = 60.0
    unavailable_wait: float = 5.0  # at most, before an unavailable log is asked again
    poll_seconds: float = 0.5
    stalled_after_seconds: float = 120.0
    finish_seconds: float = 2.0  # for the record in flight once the consumer is asked to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerProgress:
    """``lag`` is in records, ``last_poll_age`` in seconds; counts are since the start of the process."""

    lag: int
    last_poll_age: float
    attempts: int  # of the record that fails most
    waiting: int
    handled: int
    dead_lettered: int
    retried: int
    refused_commits: int
    epoch: int
    joined: bool


def build_metrics(progress: Callable[[], ConsumerProgress], lag: LagTracker) -> Sequence[MetricDefinition]:
    return (
        MetricDefinition(
            name="kal_consumer_lag_records",
            meaning="Records that the log had still to hand out to this process when it was last asked, every 5 s.",
            reading=lag.get_records,
            label="topic",
        ),
        MetricDefinition(
            name="kal_consumer_lag_seconds",
            meaning="How long ago the oldest record not handled may have been written; 0 once all are. "
            "It rises while the log is unavailable, for then nobody knows what waits.",
            reading=lag.get_seconds,
            label="topic",
        ),
        MetricDefinition(
            name="kal_consumer_joined",
            meaning="1 while the log has given this process its partitions, else 0.",
            reading=lambda: float(progress().joined),
        ),
        MetricDefinition(
            name="kal_consumer_waiting_partitions",
            meaning="Partitions whose next record failed and will be tried again.",
            reading=lambda: progress().waiting,
        ),
        _define_total("handled", "Records handled", lambda: progress().handled),
        _define_total("retries", "Records put off to be tried again", lambda: progress().retried),
        _define_total("parked", "Records dead-lettered", lambda: progress().dead_lettered),
    )


def _define_total(what: str, meaning: str, reading: Callable[[], float]) -> MetricDefinition:
    name = f"kal_consumer_{what}_total"
    return MetricDefinition(
        name=name, meaning=f"{meaning} since the start of the process.", reading=reading, kind="counter"
    )
