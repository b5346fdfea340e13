"""Jobs of ingest: what it does later, at night or on a day, by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from services.ingest.confirmation.commands import ASK, ask
from services.ingest.confirmation.model import ASK_TIME
from services.ingest.lapsing_picture.commands import WARN_OF_LAPSE, warn_of_lapse
from services.ingest.lapsing_picture.model import WARN_TIME
from services.ingest.media.commands import SETTLE, SETTLE_TIME, SWEEP, SWEEP_TIME, settle_pictures, sweep_pictures
from services.ingest.notification.commands import DIGEST, NOTIFY, SEND_DIGEST, SEND_LAST_DIGEST
from services.ingest.notification.model import DIGEST_TIME
from services.ingest.password.commands import LINK_KIND, LINK_POLICY, PasswordLinks
from services.ingest.state import State
from services.ingest.uncertain_date.commands import ASK_FOR_DATES, ask_for_dates
from services.ingest.uncertain_date.model import ASK_TIME as ASK_FOR_DATES_TIME
from shared.clock import Clock
from shared.jobs.model import Daily, Handler, JobPolicy
from shared.jobs.worker import JobWorker
from shared.jobs.workers import JobWorkers

DAILY: Final[Sequence[Daily]] = (
    Daily(DIGEST, at=DIGEST_TIME),
    Daily(ASK, at=ASK_TIME),
    Daily(ASK_FOR_DATES, at=ASK_FOR_DATES_TIME),
    Daily(SETTLE, at=SETTLE_TIME),
    Daily(WARN_OF_LAPSE, at=WARN_TIME),
    Daily(SWEEP, at=SWEEP_TIME),
)
# Of kinds that are retried or kept otherwise than the rest.
POLICIES: Final[Mapping[str, JobPolicy]] = {LINK_KIND: LINK_POLICY}


def make_handlers(state: State) -> Mapping[str, Handler]:
    """Make the handler of each kind of job in ingest's database. Handlers are idempotent."""
    return {
        NOTIFY: state.notifier.notify,
        DIGEST: state.notifier.send_digests,
        SEND_DIGEST: state.notifier.send_digest,
        SEND_LAST_DIGEST: state.notifier.send_last_digest,
        LINK_KIND: PasswordLinks(state.accounts, state.mail).handle,
        ASK: partial(ask, state, state.accounts),
        ASK_FOR_DATES: partial(ask_for_dates, state, state.accounts),
        SETTLE: partial(settle_pictures, state),
        WARN_OF_LAPSE: partial(warn_of_lapse, state, state.accounts),
        SWEEP: partial(sweep_pictures, state),
    }


def make_workers(state: State, *others: JobWorker, now: Clock) -> JobWorkers:
    own = JobWorker(
        state.jobs, make_handlers(state), daily=DAILY, policies=POLICIES, zone=state.region.time_zone, now=now
    )
    return JobWorkers(own, *others)
