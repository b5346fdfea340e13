"""Rebuild: rewrites the event log from the databases, after a restore or when the log was lost.

Every message has its subject's number and readers apply only what is newer, so repeating it is harmless, also while the
services run: should one write a newer record before an older one of ours, the service that owns the topic publishes the
newer again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import services.calendar.call.documents as call_documents
import services.calendar.entry.documents as calendar_documents
import services.ingest.submission.documents as ingest_documents
from services.calendar.call.model import make_call_message
from services.calendar.consumer import GROUP as CALENDAR
from services.calendar.entry.publication import make_programme_message, make_review_message
from services.calendar.request.repository import parse_request as parse_asked
from services.calendar.request.repository import wrap_request
from services.ingest.activity.repository import parse_activity, wrap_activity
from services.ingest.consumer import GROUP as INGEST
from services.ingest.request.repository import parse_request, wrap_answer
from services.ingest.submission.model import make_message
from shared.clock import utc_timestamp
from shared.database.client import Database, Document, open_database
from shared.database.dump import ping
from shared.eventlog.envelope import Envelope, InvalidMessage, parse, parse_message
from shared.eventlog.port import EventLog
from shared.eventlog.read_to_end import read_to_end
from shared.eventlog.topics import ACTIVITY, CALLS, DECISIONS, PROGRAMME, SUBMISSIONS, TOPICS
from shared.messages import Message
from shared.settings import CommonSettings

AT_ONCE: Final = 64
GROUPS: Final = (CALENDAR, INGEST)
TIMEOUT_MS: Final = 30_000
QUIET_SECONDS: Final = 30.0

# The newest number by topic and subject.
Numbers = dict[tuple[str, str], int]


class LogIsAhead(Exception):
    """The log has states that the databases do not know: they were restored to an earlier instant than the log's."""


@dataclass(frozen=True, slots=True)
class Databases:
    ingest: Database
    calendar: Database


@asynccontextmanager
async def open_databases(settings: CommonSettings) -> AsyncIterator[Databases]:
    """Calls may take longer than those of a request; raises PyMongoError."""
    async with (
        open_database(settings.mongo_url, settings.database("ingest"), timeout_ms=TIMEOUT_MS) as ingest,
        open_database(settings.mongo_url, settings.database("calendar"), timeout_ms=TIMEOUT_MS) as calendar,
    ):
        await ping(ingest)
        yield Databases(ingest, calendar)


async def are_empty(databases: Databases) -> bool:
    found = [
        await databases.ingest["submissions"].find_one({}, {"_id": 1}),
        await databases.calendar["entries"].find_one({}, {"_id": 1}),
    ]
    return found == [None, None]


async def require_not_ahead(log: EventLog, databases: Databases) -> None:
    """Raises LogIsAhead, LogUnavailable."""
    told = await _read_log_numbers(log)  # first the log: a service writes to its database before
    known = await _read_database_numbers(databases)
    ahead = [place for place, number in told.items() if number > known.get(place, 0)]
    if ahead:
        topic, subject = min(ahead)
        raise LogIsAhead(
            f"The event log tells of {len(ahead)} states that the databases do not know, such as number "
            f"{told[topic, subject]} of {subject} on {topic}, where the database has "
            f"{known.get((topic, subject), 'none')}."
        )


async def rebuild(log: EventLog, databases: Databases) -> Mapping[str, int]:
    """Write the present state of everything; returns the number of messages by topic.

    Raises LogUnavailable, RecordRefused, PyMongoError; what was sent before may be sent again.
    """
    sent = dict.fromkeys((topic.name for topic in TOPICS), 0)
    under_way: set[asyncio.Task[None]] = set()
    try:
        async for envelope in _wrap_all(databases):
            sent[envelope.topic] += 1
            under_way.add(asyncio.create_task(_send(log, envelope)))
            if len(under_way) >= AT_ONCE:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    each.result()
        await asyncio.gather(*under_way)
    finally:
        for each in under_way:
            each.cancel()
    return sent


async def _send(log: EventLog, envelope: Envelope) -> None:
    await log.send(envelope.to_outgoing())


async def _wrap_all(databases: Databases) -> AsyncIterator[Envelope]:
    async for found in databases.ingest["submissions"].find({}, {"answers": 0, "posted": 0}).sort("_id", 1):
        for envelope in _wrap_submission(found):
            yield envelope
    wanted = {"outbox": 0, "contents": {"$slice": -1}}
    async for found in databases.calendar["entries"].find({}, wanted).sort("_id", 1):
        for envelope in _wrap_entry(found, now=utc_timestamp()):
            yield envelope
    async for found in databases.calendar["calls"].find({}, {"outbox": 0}).sort("_id", 1):
        yield _wrap_call(found)
    async for found in databases.calendar["requests"].find({}, {"outbox": 0}).sort("_id", 1):
        request = parse_asked(found)
        yield wrap_request(request, at=request.changed_at, traceparent=None)
    async for found in databases.ingest["requests"].find({"own": {"$ne": None}}, {"outbox": 0}).sort("_id", 1):
        yield wrap_answer(parse_request(found), at=found["own"]["answered_at"], traceparent=None)
    async for found in databases.ingest["activity"].find({}, {"outbox": 0}).sort("_id", 1):
        activity = parse_activity(found)
        yield wrap_activity(activity, at=activity.changed_at, traceparent=None)


def _wrap_submission(found: Document) -> list[Envelope]:
    submission = ingest_documents.parse_submission(found).submission
    return ingest_documents.wrap_messages([make_message(submission)], at=submission.sent_at, traceparent=None)


def _wrap_entry(found: Document, *, now: str) -> list[Envelope]:
    entry = calendar_documents.parse_entry(found)
    messages: list[Message] = [make_review_message(entry, now=now)]
    if entry.revision:
        messages = [make_programme_message(entry), *messages]
    return calendar_documents.wrap_messages(messages, at=now, traceparent=None)


def _wrap_call(found: Document) -> Envelope:
    call = call_documents.parse_call_document(found)
    return call_documents.wrap_call_message(make_call_message(call), at=call.changed_at, traceparent=None)


async def _read_database_numbers(databases: Databases) -> Numbers:
    numbers: Numbers = {}
    async for found in databases.ingest["submissions"].find({}, {"version": 1}):
        numbers[SUBMISSIONS.name, found["_id"]] = found["version"]
    async for found in databases.calendar["entries"].find({}, {"revision": 1, "review_number": 1}):
        numbers[PROGRAMME.name, found["_id"]] = found["revision"]
        numbers[DECISIONS.name, found["_id"]] = found["review_number"]
    async for found in databases.calendar["calls"].find({}, {"number": 1}):
        numbers[CALLS.name, str(found["_id"])] = found["number"]
    async for found in databases.calendar["requests"].find({}, {"number": 1}):
        numbers[CALLS.name, f"request:{found['_id']}"] = found["number"]
    async for found in databases.ingest["requests"].find({"own": {"$ne": None}}, {"_id": 1}):
        numbers[ACTIVITY.name, f"request:{found['_id']}"] = 1
    async for found in databases.ingest["activity"].find({}, {"number": 1}):
        numbers[ACTIVITY.name, found["_id"]] = found["number"]
    return numbers


async def _read_log_numbers(log: EventLog) -> Numbers:
    # What cannot be parsed has no number.
    numbers: Numbers = {}
    async for record in read_to_end(log, [topic.name for topic in TOPICS], quiet_seconds=QUIET_SECONDS):
        with suppress(InvalidMessage):
            envelope = parse(topic=record.topic, key=record.key, value=record.value, headers=record.headers)
            place = (record.topic, envelope.key)
            numbers[place] = max(numbers.get(place, 0), parse_message(envelope).number)
    return numbers
