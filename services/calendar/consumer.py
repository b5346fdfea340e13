"""Calendar's consumer: submissions from ingest, and repair of its own topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from functools import partial

import msgspec
import structlog

from services.calendar.board.repository import KnownActivities
from services.calendar.call.repository import CallsPending, YearCalls
from services.calendar.entry.arrival import receive
from services.calendar.entry.model import Entry
from services.calendar.entry.publication import EntryChange, hide_lapsed_in
from services.calendar.entry.repository import Entries, OutboxFull
from services.calendar.request.answers import close_request
from services.calendar.request.repository import EventRequests
from shared.database.client import Collection
from shared.database.versioned import write_versioned
from shared.event.days import get_local_day
from shared.event.facts_at_once import FIELDS, Fact
from shared.event.model import Event, StartPlace, Venue, parse_event
from shared.eventlog import transient
from shared.eventlog.consumer.loop import Consumer, ConsumerSettings, Handler, Rejected
from shared.eventlog.envelope import Envelope
from shared.eventlog.port import EventLog
from shared.messages import (
    CallAnnounced,
    ContributionRequested,
    EventPublished,
    EventWithdrawn,
    Message,
    OrganisationActivity,
    RequestAnswered,
    SubmissionCancelled,
    SubmissionMessage,
    SubmissionReceived,
    SubmissionWithdrawn,
)

GROUP = "calendar"
log = structlog.get_logger(__name__)


async def on_submission(
    entries: Entries,
    message: SubmissionMessage,
    *,
    now: Callable[[], str],
    zone: tzinfo = UTC,
    calls: YearCalls | None = None,
    facts_at_once: frozenset[Fact] = frozenset(),
) -> None:
    """``zone`` and ``facts_at_once`` are the region's; without facts nothing passes the curators. Raises Rejected."""
    try:
        event = parse_event(message.event)
    except msgspec.ValidationError as error:
        raise Rejected(f"the event cannot be read: {error}") from error
    at_once = await _choose_facts(entries, calls, message, event, facts_at_once)

    def apply(before: Entry | None) -> tuple[EntryChange, str]:
        at = now()
        day = get_local_day(at, zone).isoformat()
        return hide_lapsed_in(before, receive(before, message, now=at, at_once=at_once), day, now=at), at

    async def save(before: Entry | None, change: tuple[EntryChange, str]) -> bool | None:
        (after, messages), at = change
        return not messages or await entries.save(before, after, messages, at=at) or None

    await write_versioned(partial(entries.find, message.submission_id), apply, save)


async def _choose_facts(
    entries: Entries, calls: YearCalls | None, message: SubmissionMessage, event: Event, listed: frozenset[Fact]
) -> frozenset[Fact]:
    """Return the facts that this message may show at once.

    After the deadline of its year a locked field changes only with a late code, or as a curator asked: neither is a
    reason to pass the curators. The words of a place are people's, until a curator has accepted them once.
    """
    if not listed:
        return listed
    call = await calls.find(int(event.dates.start[:4])) if calls and message.late else None
    locked = call.terms.locked_fields if call else ()
    found = frozenset(fact for fact in listed if FIELDS[fact] not in locked)
    places: list[Venue | StartPlace] = [event.venue, *([event.start_place] if event.start_place else [])]
    if "venue" in found and ("start_place" in locked or not await _are_accepted(entries, places, message)):
        return found - {"venue"}
    return found


async def _are_accepted(entries: Entries, places: Sequence[Venue | StartPlace], message: SubmissionMessage) -> bool:
    return all([await entries.is_place_accepted(each, message.submission_id) for each in places])


async def on_own_record(entries: Entries, message: EventPublished | EventWithdrawn, *, now: Callable[[], str]) -> None:
    """Publish the public state again if this record is older: a relay that stalled may have written it last."""
    if await entries.repair(message.event_id, message.revision, at=now()):
        log.warning("programme_repaired", event_id=message.event_id, revision_seen=message.revision)


def is_transient(error: BaseException) -> bool:
    """An outage, or an outbox that is full because of one."""
    return isinstance(error, OutboxFull | CallsPending) or transient.is_transient(error)


def make_consumer(
    log: EventLog,
    entries: Entries,
    calls: YearCalls,
    activities: KnownActivities,
    requests: EventRequests,
    *,
    now: Callable[[], str],
    zone: tzinfo = UTC,
    facts_at_once: frozenset[Fact] = frozenset(),
    crash_records: Collection | None = None,
    settings: ConsumerSettings | None = None,
) -> Consumer:
    table = make_handlers(entries, calls, activities, requests, now=now, zone=zone, facts_at_once=facts_at_once)
    return Consumer(
        log, group=GROUP, handlers=table, is_transient=is_transient, crash_records=crash_records, settings=settings
    )


def make_handlers(
    entries: Entries,
    calls: YearCalls,
    activities: KnownActivities,
    requests: EventRequests,
    *,
    now: Callable[[], str],
    zone: tzinfo = UTC,
    facts_at_once: frozenset[Fact] = frozenset(),
) -> Mapping[type[Message], Handler]:
    async def handle_submission(message: SubmissionMessage, _: Envelope) -> None:
        await on_submission(entries, message, now=now, zone=zone, calls=calls, facts_at_once=facts_at_once)

    async def handle_own_record(message: EventPublished | EventWithdrawn, _: Envelope) -> None:
        await on_own_record(entries, message, now=now)

    async def handle_own_call(message: CallAnnounced, _: Envelope) -> None:
        if await calls.repair(message.year, message.number, at=now()):
            log.warning("call_repaired", year=message.year, number_seen=message.number)

    async def handle_activity(message: OrganisationActivity, _: Envelope) -> None:
        await activities.apply(message)

    async def handle_answer(message: RequestAnswered, _: Envelope) -> None:
        await close_request(requests, message, now=now())

    async def handle_own_request(message: ContributionRequested, _: Envelope) -> None:
        if await requests.repair(message.request_id, message.number, at=now()):
            log.warning("request_repaired", request_id=message.request_id, number_seen=message.number)

    return {
        SubmissionReceived: handle_submission,
        SubmissionCancelled: handle_submission,
        SubmissionWithdrawn: handle_submission,
        EventPublished: handle_own_record,
        EventWithdrawn: handle_own_record,
        CallAnnounced: handle_own_call,
        OrganisationActivity: handle_activity,
        RequestAnswered: handle_answer,
        ContributionRequested: handle_own_request,
    }
