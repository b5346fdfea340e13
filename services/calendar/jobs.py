"""Jobs of calendar: what it does later, at night or on a day, by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from services.calendar.morning.commands import MORNING_LIST
from services.calendar.morning.model import MORNING
from services.calendar.state import State
from shared.clock import Clock
from shared.jobs.model import Daily, Handler, JobPolicy
from shared.jobs.worker import JobWorker
from shared.jobs.workers import JobWorkers

DAILY: Final[Sequence[Daily]] = (Daily(MORNING_LIST, at=MORNING),)
# Of kinds that are retried or kept otherwise than the rest.
POLICIES: Final[Mapping[str, JobPolicy]] = {}


def make_handlers(state: State) -> Mapping[str, Handler]:
    """Make the handler of each kind of job in calendar's database. Handlers are idempotent."""
    return {MORNING_LIST: state.morning_list.send}


def make_workers(state: State, *others: JobWorker, now: Clock) -> JobWorkers:
    own = JobWorker(
        state.jobs, make_handlers(state), daily=DAILY, policies=POLICIES, zone=state.region.time_zone, now=now
    )
    return JobWorkers(own, *others)
