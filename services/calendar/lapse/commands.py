"""Takes pictures whose licence is over out of what is public: one new revision, the entry keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from functools import partial
from typing import Any, Final

import structlog

from services.calendar.entry.model import Entry
from services.calendar.entry.publication import EntryChange, lapse_pictures
from services.calendar.review.commands import EntryUnknown, apply_command
from services.calendar.state import State
from shared.jobs.model import Job

LAPSE: Final = "lapse_pictures"
"""Kind of job."""
LAPSE_TIME: Final = time(0, 5)
log = structlog.get_logger(__name__)


async def lapse_all(state: State, job: Job) -> Mapping[str, Any]:
    """Handle the job of a day; one that nothing ran on loses none, as the next day's finds what it left."""
    day, done = job.key, 0
    for entry_id in await state.entries.list_lapsing(day):
        try:
            await apply_command(state, entry_id, partial(_lapse, day=day), seen=None)
        except EntryUnknown:
            continue
        log.info("pictures_lapsed", event_id=entry_id, day=day)
        done += 1
    return {"events": done}


def _lapse(entry: Entry, /, *, now: str, day: str) -> EntryChange:
    return lapse_pictures(entry, day, now=now)
