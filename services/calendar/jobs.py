"""Jobs of calendar: what it does later, at night or on a day, by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from services.calendar.lapse.commands import LAPSE, LAPSE_TIME, lapse_all
from services.calendar.morning.commands import MORNING_LIST
from services.calendar.morning.model import MORNING
from services.calendar.reminder.commands import SEND_POLICY, SEND_REMINDER, mail_reminder
from services.calendar.request.commands import MAIL_REQUEST, mail_request
from services.calendar.state import State
from shared.accounts.accounts import Accounts
from shared.clock import Clock
from shared.jobs.model import Daily, Handler, JobPolicy
from shared.jobs.worker import JobWorker
from shared.jobs.workers import JobWorkers

DAILY: Final[Sequence[Daily]] = (Daily(MORNING_LIST, at=MORNING), Daily(LAPSE, at=LAPSE_TIME))
# Of kinds that are retried or kept otherwise than the rest.
POLICIES: Final[Mapping[str, JobPolicy]] = {SEND_REMINDER: SEND_POLICY}


def make_handlers(state: State, accounts: Accounts) -> Mapping[str, Handler]:
    """Make the handler of each kind of job in calendar's database. Handlers are idempotent."""
    return {
        MORNING_LIST: state.morning_list.send,
        LAPSE: partial(lapse_all, state),
        SEND_REMINDER: partial(mail_reminder, state, accounts),
        MAIL_REQUEST: partial(mail_request, state, accounts),
    }


def make_workers(state: State, accounts: Accounts, *others: JobWorker, now: Clock) -> JobWorkers:
    handlers = make_handlers(state, accounts)
    own = JobWorker(state.jobs, handlers, daily=DAILY, policies=POLICIES, zone=state.region.time_zone, now=now)
    return JobWorkers(own, *others)
