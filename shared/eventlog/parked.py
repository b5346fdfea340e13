"""Parked records: listing them, showing one, and sending chosen ones again.

A record is named by its place, ``<parked topic>/<partition>/<offset>``. Nothing is removed from a parked topic but by
age; sending a record again leaves a mark behind it, so that it is listed as done.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from shared.eventlog.parking import PREFIX, without_parking
from shared.eventlog.port import EventLog, Headers, LogAway, Outgoing, Partition, Record

log = structlog.get_logger(__name__)

SUFFIX = ".parked"
REPLAYED_FROM = "replayed-from"
REPLAYED_AT = "replayed-at"
REPLAYED_BY = "replayed-by"
QUIET_SECONDS = 10.0


class NothingParkedThere(Exception):
    """There is no parked record at that place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedRecord:
    """A record that was set aside: where it lies, where it came from, why, and itself, untouched.

    ``timestamp_ms`` is when the original was written, in milliseconds since 1970; ``parked_at`` and ``replayed_at``
    are RFC 3339 in UTC, ``replayed_at`` None while nobody has sent it again.
    """

    place: str
    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    group: str
    error: str
    reason: str
    attempts: int
    parked_at: str
    replayed_at: str | None
    key: bytes | None
    value: bytes | None
    headers: Headers


async def list_parked(
    event_log: EventLog, *, topic: str | None = None, group: str | None = None, replayed: bool = False
) -> list[ParkedRecord]:
    """List what is parked, oldest first.

    Args:
        event_log: the event log.
        topic: only what came from this topic.
        group: only what this group set aside.
        replayed: also what was sent again since.

    Raises:
        LogAway: the log is away.

    """
    wanted = SUFFIX if group is None else f".{group}{SUFFIX}"
    topics = sorted(name for name in await event_log.topics() if name.endswith(wanted))
    found = _parked(await _read_all(event_log, topics)) if topics else []
    return [
        record
        for record in found
        if (topic is None or record.topic == topic)
        and (group is None or record.group == group)
        and (replayed or record.replayed_at is None)
    ]


async def show(event_log: EventLog, place: str) -> ParkedRecord:
    """Find one parked record by its place.

    Raises:
        NothingParkedThere: there is none.
        LogAway: the log is away.

    """
    for record in await list_parked(event_log, replayed=True):
        if record.place == place:
            return record
    raise NothingParkedThere(f"Nothing is parked at {place}; `kalendarium parked list` shows the places.")


async def replay(event_log: EventLog, places: Sequence[str], *, by: str) -> list[ParkedRecord]:
    """Send chosen records to their original topic again, as they were, with where they come from in a header.

    Every group that reads the topic gets them again, which is harmless. A record that was sent again before is passed
    by, so repeating the command changes nothing; each sending is a line in the log.

    Args:
        event_log: the event log.
        places: which ones.
        by: who asks for it, for the audit.

    Returns:
        Those that were sent now.

    Raises:
        NothingParkedThere: one of the places is empty; nothing is sent then.
        RecordRefused: the log will not take one; those before it were sent.
        LogAway: the log is away; those before were sent.

    """
    there = {record.place: record for record in await list_parked(event_log, replayed=True)}
    for place in places:
        if place not in there:
            raise NothingParkedThere(f"Nothing is parked at {place}; `kalendarium parked list` shows the places.")
    chosen = [there[place] for place in dict.fromkeys(places) if there[place].replayed_at is None]
    for record in chosen:
        origin = [(REPLAYED_FROM, record.place.encode())]
        sent = await event_log.send(Outgoing(record.topic, record.key, record.value, [*record.headers, *origin]))
        await event_log.send(_mark(record, by))
        log.warning("parked_record_replayed", place=record.place, topic=record.topic, offset=sent.offset, by=by)
    return chosen


def _mark(record: ParkedRecord, by: str) -> Outgoing:
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    marks = [(REPLAYED_FROM, record.place), (REPLAYED_AT, at), (REPLAYED_BY, by)]
    return Outgoing(record.place.split("/")[0], record.key, None, [(name, text.encode()) for name, text in marks])


async def _read_all(event_log: EventLog, topics: Sequence[str]) -> list[Record]:
    reader = await event_log.read(topics)
    records: list[Record] = []
    try:
        ends = await reader.ends()
        async with asyncio.timeout(QUIET_SECONDS) as quiet:
            while _is_behind(reader.positions, ends):
                for batch in (await reader.poll(timeout=0.5, max_records=1000)).values():
                    records += batch
                    quiet.reschedule(asyncio.get_running_loop().time() + QUIET_SECONDS)
    except TimeoutError:
        raise LogAway(f"nothing came for {QUIET_SECONDS:g} s") from None
    finally:
        await reader.close()
    return records


def _is_behind(positions: Mapping[Partition, int], ends: Mapping[Partition, int]) -> bool:
    return any(positions[partition] < end for partition, end in ends.items())


def _parked(records: Iterable[Record]) -> list[ParkedRecord]:
    replayed: dict[str, str] = {}
    parked: list[ParkedRecord] = []
    for record in records:
        texts = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
        if REPLAYED_AT in texts:
            replayed[texts.get(REPLAYED_FROM, "")] = texts[REPLAYED_AT]
        elif PREFIX + "topic" in texts:
            parked.append(_read(record, texts))
    marked = [dataclasses.replace(record, replayed_at=replayed.get(record.place)) for record in parked]
    return sorted(marked, key=lambda record: (record.parked_at, record.place))


def _read(record: Record, texts: Mapping[str, str]) -> ParkedRecord:
    where = {name.removeprefix(PREFIX): text for name, text in texts.items() if name.startswith(PREFIX)}
    return ParkedRecord(
        place=f"{record.topic}/{record.partition.number}/{record.offset}",
        topic=where["topic"],
        partition=int(where["partition"]),
        offset=int(where["offset"]),
        timestamp_ms=int(where["timestamp_ms"]),
        group=where["group"],
        error=where["error"],
        reason=where["reason"],
        attempts=int(where["attempts"]),
        parked_at=where["at"],
        replayed_at=None,
        key=record.key,
        value=record.value,
        headers=without_parking(record.headers),
    )
