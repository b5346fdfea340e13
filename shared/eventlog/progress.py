"""How a consumer paces itself, and how it gets on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.eventlog.watermark import Watermark
from shared.measures import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerSettings:
    """How the loop paces itself; times in seconds.

    ``away_wait`` is the longest wait before a log that is away is asked again;
    ``deaths`` is how often a record may kill the process before it is parked; ``finish_seconds`` how long the record
    in hand may take once the consumer is asked to stop. After a round of ``many`` records or more it waits
    ``gather_seconds`` for the next ones to come together, unless more wait already than a round takes: where a round
    costs as much for one as for hundreds.
    """

    max_records: int = 100
    many: int = 20
    gather_seconds: float = 0.0
    bug_attempts: int = 5
    deaths: int = 3
    first_wait: float = 0.5
    longest_wait: float = 60.0
    away_wait: float = 5.0
    poll_seconds: float = 0.5
    stuck_after_seconds: float = 120.0
    finish_seconds: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerProgress:
    """How the loop gets on: ``lag`` in records as the log last said, ``last_poll_age`` in seconds.

    ``attempts`` is how often the most stubborn waiting record was tried; 0 while all goes well. Counts are since the
    start of the process.
    """

    lag: int
    last_poll_age: float
    attempts: int
    waiting: int
    handled: int
    parked: int
    tried_again: int
    refused_commits: int
    epoch: int
    joined: bool


def measures_of(progress: Callable[[], ConsumerProgress], watermark: Watermark) -> Sequence[Measure]:
    """Give the numbers of a consumer."""
    return (
        Measure(
            name="kal_consumer_lag_records",
            meaning="Records that the log had still to hand out to this process when it was last asked, every 5 s.",
            reading=watermark.records,
            label="topic",
        ),
        Measure(
            name="kal_consumer_lag_seconds",
            meaning="How long ago the oldest record not handled may have been written; 0 once all are. "
            "It rises while the log is away, for then nobody knows what waits.",
            reading=watermark.seconds,
            label="topic",
        ),
        Measure(
            name="kal_consumer_joined",
            meaning="1 while the log has given this process its partitions, else 0.",
            reading=lambda: float(progress().joined),
        ),
        Measure(
            name="kal_consumer_waiting_partitions",
            meaning="Partitions whose next record failed and will be tried again.",
            reading=lambda: progress().waiting,
        ),
        _total("handled", "Records handled", lambda: progress().handled),
        _total("retries", "Records put off to be tried again", lambda: progress().tried_again),
        _total("parked", "Records parked", lambda: progress().parked),
    )


def _total(what: str, meaning: str, reading: Callable[[], float]) -> Measure:
    name = f"kal_consumer_{what}_total"
    return Measure(name=name, meaning=f"{meaning} since the start of the process.", reading=reading, kind="counter")
