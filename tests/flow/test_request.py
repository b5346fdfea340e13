"""A request goes from a chief to an organisation, its answer back, and what organisations do reaches the board."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from services.calendar.request.answers import change_request
from services.calendar.request.model import EventRequest, RequestTerms, ask, take_back
from services.calendar.request.repository import EventRequests
from services.ingest.request.model import refuse
from services.ingest.request.repository import KnownRequests
from shared.clock import utc_now, utc_timestamp
from shared.database.client import Database
from shared.eventlog.mongo.log import EmbeddedLog
from tests.support.clients import eventually, make_keys
from tests.support.databases import open_patiently
from tests.support.running import together
from tests.support.topics import records_on

TODAY = utc_now().date()
TERMS = RequestTerms(
    organisation="lot", text="Coś w listopadzie?", until=TODAY + timedelta(days=10), month=f"{TODAY.year + 1}-11"
)


@dataclass(frozen=True)
class Both:
    """The databases of both services, as their processes have them open, and the log."""

    ingest: Database
    calendar: Database
    log: EmbeddedLog

    @property
    def asked(self) -> EventRequests:
        return EventRequests(self.calendar, notify=lambda: None)

    @property
    def known(self) -> KnownRequests:
        return KnownRequests(self.ingest, notify=lambda: None)

    async def find_state(self, request_id: str) -> str | None:
        """How the request stands for the organisation."""
        found = await self.known.find(request_id, "lot")
        return found.state if found else None


@pytest.fixture
async def both(mongo_url: str, database_name: str) -> AsyncIterator[Both]:
    async with together(mongo_url, database_name) as settings:
        await make_keys(settings)
        async with (
            open_patiently(mongo_url, settings.database("ingest")) as ingest,
            open_patiently(mongo_url, settings.database("calendar")) as calendar,
            open_patiently(mongo_url, settings.database("log")) as log,
        ):
            yield Both(ingest, calendar, EmbeddedLog(log))


def make_request(request_id: str) -> EventRequest:
    return ask(TERMS, id=request_id, organisations={"lot"}, counties=(), today=TODAY, now=utc_timestamp())


async def test_answer_closes_the_request_on_both_sides(both: Both) -> None:
    await both.asked.save(None, make_request("r1"))
    assert await eventually(lambda: both.find_state("r1"), "open") == "open"
    known = await both.known.find("r1", "lot")
    assert known

    await both.known.save_answer(refuse(known, "Nie mamy pieniędzy.", at=utc_timestamp()))

    assert await eventually(lambda: both.find_state("r1"), "refused") == "refused"
    found = await both.asked.find("r1")
    assert found
    assert (found.state, found.answer, found.number) == ("refused", "Nie mamy pieniędzy.", 2)


async def test_request_taken_back_closes_at_the_organisation(both: Both) -> None:
    await both.asked.save(None, make_request("r2"))
    assert await eventually(lambda: both.find_state("r2"), "open") == "open"

    await change_request(both.asked, "r2", lambda request: take_back(request, now=utc_timestamp()))

    assert await eventually(lambda: both.find_state("r2"), "withdrawn") == "withdrawn"


async def test_what_organisations_do_reaches_the_calendar_and_names_nobody(both: Both) -> None:
    async def count() -> bool:
        return await both.calendar["activity"].count_documents({"people_invited": {"$gt": 0}}) > 0

    assert await eventually(count, expected=True, within=60) is True
    told = b" ".join([each.value or b"" for each in await records_on(both.log, "activity.v1")])
    assert told
    assert b"@" not in told
