"""Events that repeat mean the same in every reader: the rules of ``tests/support/repeats.py``, and their exceptions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ical.calendar_stream import IcsCalendarStream

from shared.event.model import Dates, parse_part
from shared.event.recurrence import list_occurrences
from shared.messages import EventPublished
from tests.feeds.occurrences import Occurrence, in_words
from tests.feeds.readers import (
    WARSAW,
    Reader,
    by_icalendar,
    by_vobject,
    calcurse_days,
    expand_by_ical_js,
    utc,
)
from tests.services.distribution.builders import make_message
from tests.services.distribution.rendering import render
from tests.support.repeats import RULES

Expand = Callable[[Path, bytes], list[tuple[Occurrence, str]]]
EXCEPTIONS: dict[str, Any] = {
    "rrule": "FREQ=WEEKLY;COUNT=5",
    "rdates": ["2027-10-27T18:00"],
    "exdates": ["2027-11-06T18:00"],
    "exceptions": [
        {"date": "2027-10-23T18:00", "status": "cancelled", "note": {"pl": "Wichura."}},
        {"date": "2027-10-30T18:00", "status": "moved", "start": "2027-10-31T17:00", "end": "2027-10-31T19:00"},
    ],
}


def make_repeating(name: str, start: str, end: str, recurrence: dict[str, Any]) -> EventPublished:
    dates = {"certainty": "exact", "start": start, "end": end, "recurrence": recurrence}
    return make_message(name, title={"pl": name}, dates=dates)


ALL_RULES = [
    make_repeating(f"rule{number}", start, end, {"rrule": rule})
    for number, (start, end, rule, _count, _last) in enumerate(RULES)
]


def leave_out_and_change(message: EventPublished) -> EventPublished:
    """The same rule without its second date, its third cancelled, and its fourth a quarter of an hour later."""
    dates = message.event["dates"]
    planned = list_occurrences(parse_part(dates, Dates))[1:4]
    changes: list[dict[str, Any]] = [{"date": each.start, "status": "cancelled"} for each in planned[1:2]]
    changes += [
        {"date": each.start, "status": "moved", "start": move(each.start), "end": move(each.end)}
        for each in planned[2:]
        if "T" in each.start and "T" in each.end
    ]
    recurrence = dates["recurrence"] | {"exdates": [each.start for each in planned[:1]], "exceptions": changes}
    return make_message(message.event_id, title=message.event["title"], dates=dates | {"recurrence": recurrence})


def move(local: str) -> str:
    return (datetime.fromisoformat(local) + timedelta(minutes=15)).isoformat(timespec="minutes")


ALL_RULES_CHANGED = [leave_out_and_change(each) for each in ALL_RULES]
SERIES = [
    make_repeating("hours", "2027-10-16T18:00", "2027-10-16T20:00", EXCEPTIONS),
    make_repeating(
        "days",
        "2027-07-03",
        "2027-07-04",
        {
            "rrule": "FREQ=WEEKLY;COUNT=3",
            "rdates": ["2027-07-28", "2027-07-29"],
            "exdates": ["2027-07-17", "2027-07-29"],
            "exceptions": [
                {"date": "2027-07-10", "status": "moved", "start": "2027-07-12", "end": "2027-07-12"},
                {"date": "2027-07-28", "status": "cancelled"},
            ],
        },
    ),
    make_repeating("nights", "2027-10-30T22:00", "2027-10-31T04:00", {"rrule": "FREQ=WEEKLY;COUNT=2"}),
]


def expand_by_allenporter(_folder: Path, feed: bytes) -> list[tuple[Occurrence, str]]:
    found = []
    for event in IcsCalendarStream.calendar_from_ics(feed.decode()).timeline:
        start = event.dtstart
        assert start
        assert event.status
        end = start + event.duration if event.duration else event.dtend or start
        found.append((Occurrence(str(event.uid), in_words(utc(start)), in_words(utc(end))), str(event.status.value)))
    return found


def list_meant(message: EventPublished) -> list[tuple[Occurrence, str]]:
    uid = f"{message.event_id}@kalendarium.zrot.pl"
    occurrences = list_occurrences(parse_part(message.event["dates"], Dates))
    return [
        (
            Occurrence(uid, to_reader(each.start), to_reader(each.end, is_end=True)),
            "CANCELLED" if each.status == "cancelled" else "CONFIRMED",
        )
        for each in occurrences
    ]


def to_reader(local: str, *, is_end: bool = False) -> str:
    """Write an instant, or a day with the exclusive end of calendars."""
    if "T" in local:
        return in_words(datetime.fromisoformat(local).replace(tzinfo=WARSAW).astimezone(UTC))
    return (date.fromisoformat(local) + timedelta(days=is_end)).isoformat()


def group(found: Iterable[tuple[Occurrence, str]]) -> dict[str, list[tuple[Occurrence, str]]]:
    by_event = defaultdict(list)
    for each in found:
        by_event[each[0].uid].append(each)
    return {uid: sorted(each) for uid, each in by_event.items()}


@pytest.mark.parametrize("expand", [expand_by_ical_js, expand_by_allenporter])
@pytest.mark.parametrize(
    "messages", [ALL_RULES, ALL_RULES_CHANGED, SERIES], ids=["rules", "rules with exceptions", "exceptions"]
)
def test_a_reader_has_every_occurrence_as_it_is_meant(
    messages: list[EventPublished], expand: Expand, tmp_path: Path
) -> None:
    found = group(expand(tmp_path, render(messages)))

    meant = group(each for message in messages for each in list_meant(message))
    assert {uid: found.get(uid) for uid in meant if found.get(uid) != meant[uid]} == {}
    assert found.keys() == meant.keys()


@pytest.mark.parametrize("read", [by_icalendar, by_vobject])
def test_a_reader_that_expands_nothing_finds_every_entry_valid(read: Reader) -> None:
    assert {each.uid for each in read(render([*ALL_RULES, *SERIES]))} == {
        f"{message.event_id}@kalendarium.zrot.pl" for message in (*ALL_RULES, *SERIES)
    }


def test_calcurse_shows_the_occurrences_of_every_rule_that_it_knows(tmp_path: Path) -> None:
    known = [
        each for each in ALL_RULES if not re.search("BYSETPOS|WKST=SU", each.event["dates"]["recurrence"]["rrule"])
    ]

    found = calcurse_days(tmp_path, render(known))

    meant = {message.event_id: list_touched_days(message) for message in known}
    assert {name: days for name, days in found.items() if days != meant[name]} == {}
    assert found.keys() == meant.keys()


def list_touched_days(message: EventPublished) -> set[str]:
    """The days of each occurrence; of whole days only the first, for calcurse repeats no more."""
    days = set()
    for each in list_occurrences(parse_part(message.event["dates"], Dates)):
        first, last = date.fromisoformat(each.start[:10]), date.fromisoformat(each.end[:10])
        count = (last - first).days + 1 if "T" in each.start else 1
        days |= {(first + timedelta(days=number)).isoformat() for number in range(count)}
    return days


def test_repeats_have_one_entry_with_a_rule_and_one_for_each_exception() -> None:
    feed = re.sub(r"\r\n ", "", render(SERIES[:1]).decode())

    assert feed.count("BEGIN:VEVENT") == 3
    found = re.findall(
        r"^(?:DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID|STATUS|SUMMARY)[^\r]*", feed, re.MULTILINE
    )
    assert [line for line in found if "1970" not in line and "FREQ=YEARLY" not in line] == [
        "SUMMARY;LANGUAGE=pl:hours",
        "DTSTART;TZID=Europe/Warsaw:20271016T180000",
        "DTEND;TZID=Europe/Warsaw:20271016T200000",
        "RRULE:FREQ=WEEKLY;COUNT=5",
        "RDATE;TZID=Europe/Warsaw:20271027T180000",
        "EXDATE;TZID=Europe/Warsaw:20271106T180000",
        "STATUS:CONFIRMED",
        "SUMMARY;LANGUAGE=pl:Odwołane: hours",
        "DTSTART;TZID=Europe/Warsaw:20271023T180000",
        "DTEND;TZID=Europe/Warsaw:20271023T200000",
        "RECURRENCE-ID;TZID=Europe/Warsaw:20271023T180000",
        "STATUS:CANCELLED",
        "SUMMARY;LANGUAGE=pl:Przeniesione: hours",
        "DTSTART;TZID=Europe/Warsaw:20271031T170000",
        "DTEND;TZID=Europe/Warsaw:20271031T190000",
        "RECURRENCE-ID;TZID=Europe/Warsaw:20271030T180000",
        "STATUS:CONFIRMED",
    ]
    assert r"Odwołane: sobota 23 października 2027 (Wichura.)\n\nWięcej: " in feed
