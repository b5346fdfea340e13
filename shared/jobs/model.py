"""Job: its states, its policy of retries, and what a day's jobs are. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from shared.aio.backoff import backoff

JobState = Literal["waiting", "running", "done", "dead"]
STATES: Final[tuple[JobState, ...]] = ("waiting", "running", "done", "dead")
MAX_KEY_LENGTH: Final = 300
MAX_ERROR_LENGTH: Final = 500
# A finished job keeps its key for so long at least: today's and tomorrow's must not be added again.
SHORTEST_KEEP: Final = timedelta(days=3)


class JobFailed(Exception):
    """No attempt can succeed: the job is dead at once, for this reason."""


class JobDeferred(Exception):
    """Not now, and nothing failed: the job waits for so many seconds, and no attempt is counted.

    With ``all_of_kind`` this worker claims no job of the kind meanwhile, as none could be done.
    """

    def __init__(self, reason: str, *, seconds: float = 60.0, all_of_kind: bool = False) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.all_of_kind = all_of_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``attempts`` have failed so far, ``crashes`` of them with the process.

    ``claimable_at`` is when a worker may take it: its due time, the next attempt, or the end of the lease of the worker
    that holds it; None once it is done or dead. ``fence`` rises each time it is claimed.
    """

    id: str
    kind: str
    key: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime
    created_at: datetime
    state: JobState = "waiting"
    attempts: int = 0
    crashes: int = 0
    fence: int = 0
    holder: str | None = None
    claimable_at: datetime | None = None
    finished_at: datetime | None = None
    result: Mapping[str, Any] | None = None
    error: str | None = None


# Must be idempotent: after a crash it is called again with the same job. What it returns is stored.
Handler = Callable[[Job], Awaitable[Mapping[str, Any] | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPolicy:
    """How jobs of a kind are retried, and how long they are kept once done or dead; waits in seconds.

    A job can be added again when it is no longer kept.
    """

    attempts: int = 12
    first_wait: float = 5.0
    longest_wait: float = 3_600.0
    handler_seconds: float = 60.0
    keep: timedelta = timedelta(days=7)
    keep_dead: timedelta = timedelta(days=365)

    def compute_wait(self, failures: int, chance: float) -> float:
        """Half of the back-off at least; ``chance`` between 0 and 1 spreads retries over the other half."""
        return backoff(failures, first=self.first_wait, longest=self.longest_wait) * (0.5 + chance / 2)

    def is_exhausted(self, failures: int) -> bool:
        return failures >= self.attempts


DEFAULT_POLICY: Final = JobPolicy()


@dataclass(frozen=True, slots=True)
class Daily:
    """A job of this kind each day, at this time in the region."""

    kind: str
    at: time = time(6, 0)

    def plan(self, now: datetime, zone: ZoneInfo) -> Mapping[str, datetime]:
        """When the jobs of today and tomorrow are due, by their keys."""
        # Added a day ahead they become due by the database's clock, however wrong that of this process is.
        today = now.astimezone(zone).date()
        return {day.isoformat(): self._compute_due(day, zone) for day in (today, today + timedelta(days=1))}

    def _compute_due(self, day: date, zone: ZoneInfo) -> datetime:
        return datetime.combine(day, self.at, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class KindBacklog:
    """Jobs of a kind that are not done; the oldest has been due for ``oldest_seconds``."""

    waiting: int = 0
    due: int = 0
    running: int = 0
    dead: int = 0
    oldest_seconds: float = 0.0
