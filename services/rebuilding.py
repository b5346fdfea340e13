"""Writes the event log anew from the databases: the present state of everything, as its service would say it.

For after a restore, or when the log was lost. Every message has the number that its subject has; whoever reads applies
only what is newer, so repeating this is harmless, and so is doing it while the services run: should one write a newer
record before an older one of ours, the service that owns the topic says the newer again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import services.calendar.documents as calendar_documents
import services.ingest.documents as ingest_documents
from services.calendar.consumer import GROUP as CALENDAR
from services.calendar.domain.public import programme_message, reviewed
from services.calendar.state import utc_now
from services.ingest.consumer import GROUP as INGEST
from services.ingest.domain.submission import message_about
from shared.database import Database, Document, open_database
from shared.database_copy import answers
from shared.eventlog.envelope import Letter, NotReadable, open_letter, read_message
from shared.eventlog.port import EventLog, LogAway, Record
from shared.eventlog.topics import DECISIONS, PROGRAMME, SUBMISSIONS, TOPICS
from shared.messages import Message
from shared.settings import CommonSettings

AT_ONCE: Final = 64
GROUPS: Final = (CALENDAR, INGEST)
TIMEOUT_MS: Final = 30_000
QUIET_SECONDS: Final = 30.0

Numbers = dict[tuple[str, str], int]
"""The newest number by topic and subject."""


class LogIsAhead(Exception):
    """The log tells of what the databases do not know: they were restored to an earlier moment than the log's."""


@dataclass(frozen=True, slots=True)
class Databases:
    """Where the present state stands."""

    ingest: Database
    calendar: Database


@asynccontextmanager
async def open_databases(settings: CommonSettings) -> AsyncIterator[Databases]:
    """Open the databases for a command, which may wait longer than a request; they are asked whether they answer."""
    async with (
        open_database(settings.mongo_url, settings.database("ingest"), timeout_ms=TIMEOUT_MS) as ingest,
        open_database(settings.mongo_url, settings.database("calendar"), timeout_ms=TIMEOUT_MS) as calendar,
    ):
        await answers(ingest)
        yield Databases(ingest, calendar)


async def are_empty(databases: Databases) -> bool:
    """Tell whether there is no submission and no entry: nothing that a log could be written from."""
    found = [
        await databases.ingest["submissions"].find_one({}, {"_id": 1}),
        await databases.calendar["entries"].find_one({}, {"_id": 1}),
    ]
    return found == [None, None]


async def require_not_ahead(log: EventLog, databases: Databases) -> None:
    """Make sure that the databases know everything that the log tells of.

    Raises:
        LogIsAhead: if they do not.
        LogAway: the log is away.

    """
    told = await _numbers_on(log)  # first the log: a service writes to its database before
    known = await _numbers_in(databases)
    ahead = [place for place, number in told.items() if number > known.get(place, 0)]
    if ahead:
        topic, subject = min(ahead)
        raise LogIsAhead(
            f"The event log tells of {len(ahead)} states that the databases do not know, such as number "
            f"{told[topic, subject]} of {subject} on {topic}, where the database has "
            f"{known.get((topic, subject), 'none')}."
        )


async def rebuild(log: EventLog, databases: Databases) -> Mapping[str, int]:
    """Write the present state of everything to the log; how many letters, by topic.

    Raises:
        LogAway: the log is away; what was sent before may be sent again.
        RecordRefused: the log will not take one.
        PyMongoError: MongoDB is away.

    """
    sent = dict.fromkeys((topic.name for topic in TOPICS), 0)
    under_way: set[asyncio.Task[None]] = set()
    try:
        async for letter in _letters(databases):
            sent[letter.topic] += 1
            under_way.add(asyncio.create_task(_send(log, letter)))
            if len(under_way) >= AT_ONCE:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    each.result()
        await asyncio.gather(*under_way)
    finally:
        for each in under_way:
            each.cancel()
    return sent


async def _send(log: EventLog, letter: Letter) -> None:
    await log.send(letter.outgoing())


async def _letters(databases: Databases) -> AsyncIterator[Letter]:
    async for found in databases.ingest["submissions"].find({}, {"answers": 0, "posted": 0}).sort("_id", 1):
        for letter in _of_submission(found):
            yield letter
    wanted = {"outbox": 0, "contents": {"$slice": -1}}
    async for found in databases.calendar["entries"].find({}, wanted).sort("_id", 1):
        for letter in _of_entry(found, now=utc_now()):
            yield letter


def _of_submission(found: Document) -> list[Letter]:
    submission = ingest_documents.stored(found).submission
    return ingest_documents.letters_of([message_about(submission)], at=submission.sent_at, traceparent=None)


def _of_entry(found: Document, *, now: str) -> list[Letter]:
    entry = calendar_documents.entry_of(found)
    messages: list[Message] = [reviewed(entry, now=now)]
    if entry.revision:
        messages = [programme_message(entry), *messages]
    return calendar_documents.letters_of(messages, at=now, traceparent=None)


async def _numbers_in(databases: Databases) -> Numbers:
    numbers: Numbers = {}
    async for found in databases.ingest["submissions"].find({}, {"version": 1}):
        numbers[SUBMISSIONS.name, found["_id"]] = found["version"]
    async for found in databases.calendar["entries"].find({}, {"revision": 1, "review_number": 1}):
        numbers[PROGRAMME.name, found["_id"]] = found["revision"]
        numbers[DECISIONS.name, found["_id"]] = found["review_number"]
    return numbers


async def _numbers_on(log: EventLog) -> Numbers:
    """Read what the log tells of; what cannot be read tells nothing."""
    numbers: Numbers = {}
    async for record in _records(log):
        with suppress(NotReadable):
            letter = open_letter(topic=record.topic, key=record.key, value=record.value, headers=record.headers)
            place = (record.topic, letter.key)
            numbers[place] = max(numbers.get(place, 0), read_message(letter).number)
    return numbers


async def _records(log: EventLog) -> AsyncIterator[Record]:
    """Give what stands on the log now."""
    reader = await log.read([topic.name for topic in TOPICS])
    try:
        ends = await reader.ends()
        last = time.monotonic()
        while any(reader.positions[partition] < end for partition, end in ends.items()):
            for batch in (await reader.poll(timeout=0.5, max_records=1_000)).values():
                last = time.monotonic()
                for record in batch:
                    yield record
            if time.monotonic() - last > QUIET_SECONDS:
                raise LogAway(f"nothing came for {QUIET_SECONDS:g} s")
    finally:
        await reader.close()
