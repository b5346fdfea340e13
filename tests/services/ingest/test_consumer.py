"""Ingest's consumer: it says of which submissions the records in hand speak before it handles them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from services.ingest.activity.repository import Activities
from services.ingest.call.repository import KnownCalls
from services.ingest.consumer import make_consumer
from services.ingest.request.repository import KnownRequests
from services.ingest.submission.model import submit
from services.ingest.submission.repository import Submissions
from shared.eventlog.envelope import wrap
from shared.messages import Organiser
from tests.services.ingest.builders import kept_event
from tests.shared.eventlog.builders import HASTY, eventually, running
from tests.support.fakes import FakeEventLog

COUNT = 40
AT = "2026-11-21T10:00:00.000Z"


class Told:
    """Submissions that note what the consumer tells them."""

    def __init__(self) -> None:
        self.expected: list[str] = []
        self.looked_at: list[str] = []
        self.surprised_by: list[str] = []

    def expect(self, ids: Iterable[str]) -> None:
        self.expected = sorted(ids)

    async def repair(self, submission_id: str, _version: int, *, at: str) -> bool:
        self.looked_at.append(submission_id)
        self.surprised_by += {submission_id} - set(self.expected)
        return False


async def test_every_record_of_our_own_is_expected_before_it_is_handled() -> None:
    event_log, told = FakeEventLog(), Told()
    consumer = make_consumer(
        event_log,
        cast("Submissions", told),
        cast("KnownCalls", None),
        cast("Activities", None),
        cast("KnownRequests", None),
        now=lambda: AT,
        settings=HASTY,
    )
    for number in range(COUNT):
        _, (message,) = submit(kept_event(), id=f"s{number}", organiser=Organiser("lot", "LOT"), at=AT)
        await event_log.send(wrap(message, id=f"m{number}", source="/ingest", time=AT).to_outgoing())

    async with running(consumer):
        await eventually(lambda: len(told.looked_at) == COUNT)

    assert told.surprised_by == []
