"""How a consumer paces itself, and how it gets on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerSettings:
    """How the loop paces itself; times in seconds.

    ``away_wait`` is the longest wait before a log that is away is asked again;
    ``deaths`` is how often a record may kill the process before it is parked; ``finish_seconds`` how long the record
    in hand may take once the consumer is asked to stop.
    """

    max_records: int = 100
    bug_attempts: int = 5
    deaths: int = 3
    first_wait: float = 0.5
    longest_wait: float = 60.0
    away_wait: float = 5.0
    poll_seconds: float = 0.5
    stuck_after_seconds: float = 120.0
    finish_seconds: float = 10.0


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
