"""Dead letters: list, find, replay.

The place of one is ``<dead-letter topic>/<partition>/<offset>``. They are removed by age only; a replay appends a mark.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from shared.clock import utc_now, write_instant
from shared.eventlog.dead_letters.publish import PREFIX, strip_dead_letter_headers
from shared.eventlog.port import EventLog, Headers, Outgoing, Record
from shared.eventlog.read_to_end import read_to_end
from shared.eventlog.topics import DEAD_LETTER_SUFFIX

log = structlog.get_logger(__name__)

REPLAYED_FROM = "replayed-from"
REPLAYED_AT = "replayed-at"
REPLAYED_BY = "replayed-by"


class NoSuchDeadLetter(Exception):
    def __init__(self, place: str) -> None:
        super().__init__(f"There is no dead letter at {place}; `kalendarium dead-letters list` shows the places.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """The record, untouched, with place, origin and error; ``timestamp_ms`` is the original's, the rest RFC 3339."""

    place: str
    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    group: str
    error: str
    reason: str
    attempts: int
    dead_lettered_at: str
    replayed_at: str | None
    key: bytes | None
    value: bytes | None
    headers: Headers


async def list_dead_letters(
    event_log: EventLog, *, topic: str | None = None, group: str | None = None, replayed: bool = False
) -> list[DeadLetter]:
    """Oldest first; ``topic`` is the original's. Raises LogUnavailable."""
    wanted = DEAD_LETTER_SUFFIX if group is None else f".{group}{DEAD_LETTER_SUFFIX}"
    topics = sorted(name for name in await event_log.list_topics() if name.endswith(wanted))
    letters = _parse_all([each async for each in read_to_end(event_log, topics)]) if topics else []
    return [
        record
        for record in letters
        if (topic is None or record.topic == topic)
        and (group is None or record.group == group)
        and (replayed or record.replayed_at is None)
    ]


async def find_dead_letter(event_log: EventLog, place: str) -> DeadLetter:
    """Raises NoSuchDeadLetter, LogUnavailable."""
    for record in await list_dead_letters(event_log, replayed=True):
        if record.place == place:
            return record
    raise NoSuchDeadLetter(place)


async def replay(event_log: EventLog, places: Sequence[str], *, by: str) -> list[DeadLetter]:
    """Send dead letters to their original topic again, unchanged but for a header; returns those sent now.

    Every group that reads the topic gets them again, which is harmless; one that was replayed before is skipped. ``by``
    is for the audit log. Raises NoSuchDeadLetter before anything is sent, and RecordRefused or LogUnavailable after
    those before were sent.
    """
    by_place = {record.place: record for record in await list_dead_letters(event_log, replayed=True)}
    for place in places:
        if place not in by_place:
            raise NoSuchDeadLetter(place)
    chosen = [by_place[place] for place in dict.fromkeys(places) if by_place[place].replayed_at is None]
    for record in chosen:
        origin = [(REPLAYED_FROM, record.place.encode())]
        sent = await event_log.send(Outgoing(record.topic, record.key, record.value, [*record.headers, *origin]))
        await event_log.send(_build_mark(record, by))
        log.warning("dead_letter_replayed", place=record.place, topic=record.topic, offset=sent.offset, by=by)
    return chosen


def _build_mark(record: DeadLetter, by: str) -> Outgoing:
    at = write_instant(utc_now(), timespec="seconds")
    marks = [(REPLAYED_FROM, record.place), (REPLAYED_AT, at), (REPLAYED_BY, by)]
    return Outgoing(record.place.split("/")[0], record.key, None, [(name, text.encode()) for name, text in marks])


def _parse_all(records: Iterable[Record]) -> list[DeadLetter]:
    replayed: dict[str, str] = {}
    found: list[DeadLetter] = []
    for record in records:
        texts = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
        if REPLAYED_AT in texts:
            replayed[texts.get(REPLAYED_FROM, "")] = texts[REPLAYED_AT]
        elif PREFIX + "topic" in texts:
            found.append(_parse(record, texts))
    marked = [dataclasses.replace(record, replayed_at=replayed.get(record.place)) for record in found]
    return sorted(marked, key=lambda record: (record.dead_lettered_at, record.place))


def _parse(record: Record, texts: Mapping[str, str]) -> DeadLetter:
    where = {name.removeprefix(PREFIX): text for name, text in texts.items() if name.startswith(PREFIX)}
    return DeadLetter(
        place=f"{record.topic}/{record.partition.number}/{record.offset}",
        topic=where["topic"],
        partition=int(where["partition"]),
        offset=int(where["offset"]),
        timestamp_ms=int(where["timestamp_ms"]),
        group=where["group"],
        error=where["error"],
        reason=where["reason"],
        attempts=int(where["attempts"]),
        dead_lettered_at=where["at"],
        replayed_at=None,
        key=record.key,
        value=record.value,
        headers=strip_dead_letter_headers(record.headers),
    )
