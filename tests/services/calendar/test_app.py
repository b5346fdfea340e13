"""The whole service: what comes on its topics, and what it says on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from uuid_utils import uuid7

from shared.eventlog.envelope import parse, parse_message, wrap
from shared.eventlog.mongo.log import EmbeddedLog
from shared.eventlog.port import EventLog
from shared.messages import EventPublished, Message, SubmissionReviewed
from tests.services.calendar.builders import NOW, make_event, make_message
from tests.services.calendar.conftest import Calendar

WITHIN = 20
"""Seconds; the relay and the loop look at least every second."""


@pytest.fixture
async def log(calendar: Calendar) -> AsyncIterator[EventLog]:
    opened = EmbeddedLog(calendar.log)
    yield opened
    await opened.close()


async def say(log: EventLog, message: Message) -> None:
    await log.send(wrap(message, id=str(uuid7()), source="/test", time=NOW).to_outgoing())


async def said(log: EventLog, topic: str, count: int) -> list[Message]:
    """Read a topic from its beginning until so many messages have come."""
    reader = await log.read([topic])
    found: list[Message] = []
    async with asyncio.timeout(WITHIN):
        while len(found) < count:
            for records in (await reader.poll(timeout=0.2, max_records=100)).values():
                found += [
                    parse_message(parse(topic=each.topic, key=each.key, value=each.value, headers=each.headers))
                    for each in records
                ]
    await reader.close()
    return found


async def test_submission_comes_in_is_accepted_and_goes_out(calendar: Calendar, log: EventLog) -> None:
    await say(log, make_message(1))
    (arrived,) = await said(log, "decisions.v1", 1)

    await calendar.curator.post("/calendar/api/v1/reviews/0195-a/accept", headers={"If-Match": '"1"'})

    (published,) = await said(log, "programme.v1", 1)
    decided = (await said(log, "decisions.v1", 2))[1]
    assert isinstance(arrived, SubmissionReviewed)
    assert isinstance(decided, SubmissionReviewed)
    assert isinstance(published, EventPublished)
    assert (arrived.state, decided.state, decided.live_status) == ("waiting", "accepted", "confirmed")
    assert (published.event_id, published.revision, published.status) == ("0195-a", 1, "confirmed")
    assert published.event == make_event(title={"pl": "Żagle 1"})


async def test_record_of_a_relay_that_stalled_is_followed_by_the_present_state(
    calendar: Calendar, log: EventLog
) -> None:
    await calendar.receive(make_message(1))
    for act, seen in (("accept", '"1"'), ("cancel", '"2"')):
        await calendar.curator.post(f"/calendar/api/v1/reviews/0195-a/{act}", headers={"If-Match": seen})
    first, second = await said(log, "programme.v1", 2)

    await say(log, first)

    async with asyncio.timeout(WITHIN):
        found: list[Message] = []
        while found.count(first) < 2 or found[-1] != second:
            await asyncio.sleep(0.05)
            found = await said(log, "programme.v1", 3)
    assert {each.number for each in found} == {1, 2}


async def test_event_that_cannot_be_read_is_parked_and_the_next_is_taken(calendar: Calendar, log: EventLog) -> None:
    broken = make_message(1, submission_id="0195-b", event=make_event(dates="w sierpniu"))

    await say(log, broken)
    await say(log, make_message(1))

    (arrived,) = await said(log, "decisions.v1", 1)
    (parked,) = await said(log, "submissions.v1.calendar.parked", 1)
    assert (arrived.subject, parked) == ("0195-a", broken)


async def test_service_says_that_it_is_ready(calendar: Calendar) -> None:
    async with asyncio.timeout(WITHIN):
        ready = await calendar.nobody.get("/readyz")

    assert (ready.status_code, (await calendar.nobody.get("/livez")).status_code) == (200, 200)
