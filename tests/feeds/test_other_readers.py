"""The feed means the same in every reader, also around both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services.distribution.feeds.gzip_chunks import ends_chunk
from services.distribution.formats.ical import render_file, render_withdrawn_file
from services.distribution.presentation.localized_event import localize as read_event
from shared.messages import EventPublished, EventWithdrawn
from tests.feeds.occurrences import Occurrence, in_words
from tests.feeds.readers import (
    WARSAW,
    Reader,
    by_allenporter,
    by_icalendar,
    by_vobject,
    calcurse,
    ical_js,
)
from tests.services.distribution.builders import make_message, make_site, make_timed
from tests.services.distribution.rendering import render

YEARS = (2026, 2027, 2028, 2029, 2030, 2031, 2035, 2040)
HOURS = {"before": ("00:30", "01:45"), "across": ("01:30", "03:30"), "after": ("03:00", "23:59")}


def last_sunday(year: int, month: int) -> date:
    last = date(year, month + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def round_the_changes() -> list[EventPublished]:
    """Events before, across and after both clock changes of several years, in both of the doubled hours, all-day."""
    messages = []
    for year in YEARS:
        spring, autumn = last_sunday(year, 3), last_sunday(year, 10)
        for name, day in (("spring", spring), ("autumn", autumn)):
            for hours, start, end in (
                ("before", "00:30", "01:45"),
                ("across", "01:30", "03:30"),
                ("after", "03:00", "23:59"),
            ):
                messages.append(make_timed(f"{name}-{hours}-{year}", f"{day}T{start}", f"{day}T{end}"))
            eve, morrow = day - timedelta(days=1), day + timedelta(days=1)
            messages.append(make_timed(f"{name}-nights-{year}", f"{eve}T18:00", f"{morrow}T02:00"))
            messages.append(make_message(f"{name}-days-{year}", dates=dates(f"{eve}", f"{morrow}")))
            messages.append(make_message(f"{name}-day-{year}", dates=dates(f"{day}", f"{day}")))
        first = make_timed(f"first-{year}", f"{autumn}T02:15", f"{autumn}T02:45", start_fold=0, end_fold=0)
        second = make_timed(f"second-{year}", f"{autumn}T02:15", f"{autumn}T02:45", start_fold=1, end_fold=1)
        both = make_timed(f"both-{year}", f"{autumn}T02:45", f"{autumn}T02:15", start_fold=0, end_fold=1)
        summer = make_timed(f"summer-{year}", f"{year}-07-25T18:30", f"{year}-07-25T18:30")
        messages += [first, second, both, summer]
    return messages


def dates(start: str, end: str) -> dict[str, str]:
    return {"certainty": "exact", "start": start, "end": end}


def meant(message: EventPublished) -> Occurrence:
    """What the database says: instants from IANA's time zone, days with the exclusive end."""
    found = message.event["dates"]
    uid = f"{message.event_id}@kalendarium.zrot.pl"
    if "T" not in found["start"]:
        after = date.fromisoformat(found["end"]) + timedelta(days=1)
        return Occurrence(uid, found["start"], after.isoformat())
    start, end = (
        datetime.fromisoformat(found[side]).replace(tzinfo=WARSAW, fold=found.get(f"{side}_fold", 0)).astimezone(UTC)
        for side in ("start", "end")
    )
    return Occurrence(uid, in_words(start), in_words(end))


@pytest.mark.parametrize("read", [by_icalendar, by_allenporter, by_vobject])
def test_a_reader_has_every_event_at_its_hour_round_both_clock_changes(read: Reader) -> None:
    messages = round_the_changes()

    assert read(render(messages)) == {meant(message) for message in messages}


def test_thunderbirds_parser_has_every_event_at_its_hour(tmp_path: Path) -> None:
    messages = round_the_changes()

    events = ical_js(tmp_path, render(messages))

    found = {Occurrence(event["uid"], event["start"], event["end"]) for event in events}
    assert found == {meant(message) for message in messages}


def test_the_file_of_one_event_means_the_same_to_every_reader(tmp_path: Path) -> None:
    message = make_timed("a", "2027-08-14T18:00", "2027-08-14T20:00")
    file = render_file(read_event(message, "pl", make_site()))

    assert [by(file) for by in (by_icalendar, by_allenporter, by_vobject)] == [{meant(message)}] * 3
    assert [(event["uid"], event["start"]) for event in ical_js(tmp_path, file)] == [
        (meant(message).uid, meant(message).start)
    ]
    assert len(calcurse(tmp_path, file)) == 1


def test_the_file_of_an_event_that_was_withdrawn_holds_none_for_any_reader(tmp_path: Path) -> None:
    gone = EventWithdrawn(event_id="a", revision=2, withdrawn_at="2026-12-01T10:00:00Z")
    file = render_withdrawn_file(gone, "pl", make_site(), name="To wydarzenie wycofano")

    assert [by(file) for by in (by_icalendar, by_allenporter, by_vobject)] == [set(), set(), set()]
    assert (ical_js(tmp_path, file), calcurse(tmp_path, file)) == ([], [])


def test_calcurse_has_every_event_at_its_local_hour(tmp_path: Path) -> None:
    messages = round_the_changes()

    lines = calcurse(tmp_path, render(messages))

    assert sorted(map(without_note, lines)) == sorted(map(in_calcurse, messages))


def without_note(line: str) -> str:
    """Leave out the id of the note, which is its digest, and a repetition that ends on the day on which it begins.

    Calcurse writes the latter for a day of 25 hours.
    """
    if "@" in line:
        when, _, rest = line.rpartition(">")
        return f"{when}|{rest.partition('|')[2]}"
    when, _, rest = line.rpartition(">")
    day = when[:10]
    return f"{when.replace(f' {{1D -> {day}}}', '')}| {rest.partition(' ')[2]}"


def in_calcurse(message: EventPublished) -> str:
    """What calcurse writes for an event: American dates, days inclusive, local hours."""
    found = message.event["dates"]
    title = message.event["title"]["pl"]
    if "T" in found["start"]:
        start, end = (datetime.fromisoformat(found[side]) for side in ("start", "end"))
        return f"{start:%m/%d/%Y @ %H:%M} -> {end:%m/%d/%Y @ %H:%M}|{title}"
    first, last = (date.fromisoformat(found[side]) for side in ("start", "end"))
    span = f" {{1D -> {last:%m/%d/%Y}}}" if last > first else ""
    return f"{first:%m/%d/%Y} [1]{span} | {title}"


def test_the_events_of_this_test_lie_in_more_than_one_chunk() -> None:
    assert any(ends_chunk(message.event_id) for message in round_the_changes())
