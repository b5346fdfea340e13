"""Rendering of iCalendar (RFC 5545, 7986)."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from msgspec.structs import replace

from services.distribution.formats import create_formats
from services.distribution.formats.ical import VTIMEZONE, ICal, MalformedEvent, build_vevent, render_file
from services.distribution.formats.port import FeedHead
from services.distribution.presentation.localized_event import localize
from services.distribution.programme.selection import Query, Selection
from shared.messages import Organiser
from tests.services.distribution.builders import make_evenings, make_message, make_region, make_site, make_timed
from tests.services.distribution.rendering import render

SITE = make_site()


def unfolded(feed: bytes) -> list[str]:
    return feed.decode().replace("\r\n ", "").split("\r\n")


def properties(feed: bytes, component: str = "VEVENT") -> dict[str, str]:
    """The lines of the first component of a kind: name with parameters → value."""
    lines = unfolded(feed)
    start = lines.index(f"BEGIN:{component}")
    end = lines.index(f"END:{component}", start)
    return dict(re.split(r":", line, maxsplit=1) for line in lines[start + 1 : end])


def event(**fields: Any) -> dict[str, str]:  # noqa: ANN401 - any field
    return properties(render([make_message("0198a", **fields)]))


def test_an_event_says_everything_that_clients_need() -> None:
    found = event(
        revision=3,
        organiser=Organiser("lot", "LOT, Szczecin"),
        also=["family"],
        website="https://żagle.example.org/ą b",
        tickets={"free": True},
        accessibility=["step_free"],
    )

    assert found == {
        "UID": "0198a@kalendarium.zrot.pl",
        "DTSTAMP": "20261102T100300Z",
        "LAST-MODIFIED": "20261102T100300Z",
        "CREATED": "20261101T100000Z",
        "SEQUENCE": "3",
        "STATUS": "CONFIRMED",
        "TRANSP": "TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS": "FREE",
        "DTSTART;VALUE=DATE": "20270814",
        "DTEND;VALUE=DATE": "20270817",
        "SUMMARY;LANGUAGE=pl": "Żagle",
        "DESCRIPTION;LANGUAGE=pl": (
            r"14–16 sierpnia 2027\n\nWielkie żaglowce.\n\nMiejsce: Wały Chrobrego\, Szczecin\nBilety: wstęp wolny\n"
            r"Dostępność: wejście bez schodów\nOrganizator: LOT\, Szczecin\n\n"
            r"Strona wydarzenia: https://xn--agle-99a.example.org/%C4%85%20b\n"
            r"Więcej: https://kalendarium.example.org/pl/events/0198a"
        ),
        "LOCATION": r"Wały Chrobrego\, Szczecin",
        "CONTACT": r"LOT\, Szczecin",
        "URL": "https://kalendarium.example.org/pl/events/0198a",
        "CATEGORIES;LANGUAGE=pl": "Wydarzenia morskie i żeglarskie,Dla dzieci i rodzin",
        "GEO": "53.43;14.565",
    }


def test_the_calendar_describes_itself_and_has_neither_uid_nor_method() -> None:
    asked = Query(Selection(counties=("3262",)), "de")
    lines = unfolded(ICal(SITE).render_head(FeedHead(asked, "2026-11-02T10:00:00.5Z")))

    head = lines[: lines.index("BEGIN:VTIMEZONE")]
    assert head[0:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    found = dict(re.split(":", line, maxsplit=1) for line in head[1:])
    title = f"Veranstaltungsprogramm – Westpommern · {SITE.region.counties['3262'].get_label('de')}"
    about = "Das gemeinsame Jahresprogramm der Veranstaltungen: Westpommern. Herausgeber: "
    about += "Regionale Tourismusorganisation Westpommern."
    assert found == {
        "VERSION": "2.0",
        "PRODID": "-//kalendarium.zrot.pl//Kalendarium//DE",
        "CALSCALE": "GREGORIAN",
        "NAME;LANGUAGE=de": title,
        "X-WR-CALNAME;LANGUAGE=de": title,
        "DESCRIPTION;LANGUAGE=de": about,
        "X-WR-CALDESC;LANGUAGE=de": about,
        "X-WR-TIMEZONE": "Europe/Warsaw",
        "REFRESH-INTERVAL;VALUE=DURATION": "PT1H",
        "X-PUBLISHED-TTL": "PT1H",
        "SOURCE;VALUE=URI": "https://kalendarium.example.org/feeds/programme.ics?lang=de&county=3262",
        "URL": "https://kalendarium.example.org/de/?county=3262",
        "LAST-MODIFIED": "20261102T100000Z",
    }


def test_an_empty_calendar_holds_the_time_zone() -> None:
    feed = render([])

    assert [each.name for each in icalendar.Calendar.from_ical(feed).subcomponents] == ["VTIMEZONE"]
    assert "LAST-MODIFIED" not in feed.decode()


def test_the_time_zone_is_the_constant_one() -> None:
    feed = render([make_timed("a", "2027-03-28T01:00", "2027-10-31T04:00")])

    assert feed.count(b"BEGIN:VTIMEZONE") == 1
    assert VTIMEZONE.encode() in feed


@pytest.mark.parametrize(
    ("start", "end", "folds", "expected"),
    [
        ("2027-06-27", "2027-06-28", {}, ["DTSTART;VALUE=DATE:20270627", "DTEND;VALUE=DATE:20270629"]),
        ("2027-06-27", "2027-06-27", {}, ["DTSTART;VALUE=DATE:20270627", "DTEND;VALUE=DATE:20270628"]),
        (
            "2027-08-14T18:00",
            "2027-08-15T02:00",
            {},
            ["DTSTART;TZID=Europe/Warsaw:20270814T180000", "DTEND;TZID=Europe/Warsaw:20270815T020000"],
        ),
        ("2027-08-14T18:00", "2027-08-14T18:00", {}, ["DTSTART;TZID=Europe/Warsaw:20270814T180000"]),
        (
            "2027-10-31T02:30",
            "2027-10-31T03:30",
            {"start_fold": 1},
            ["DTSTART:20271031T013000Z", "DTEND:20271031T023000Z"],
        ),
        (
            "2027-10-31T02:30",
            "2027-10-31T03:30",
            {"start_fold": 0},
            ["DTSTART:20271031T003000Z", "DTEND:20271031T023000Z"],
        ),
        (
            "2027-10-31T02:30",
            "2027-10-31T02:30",
            {"start_fold": 0, "end_fold": 1},
            ["DTSTART:20271031T003000Z", "DTEND:20271031T013000Z"],
        ),
    ],
)
def test_days_end_exclusively_and_hours_carry_the_zone_or_utc(
    start: str, end: str, folds: dict[str, int], expected: list[str]
) -> None:
    """An unknown end is left out, and a doubled hour is written in UTC."""
    found = properties(render([make_timed("a", start, end, **folds)]))

    assert [f"{name}:{value}" for name, value in found.items() if name.startswith(("DTSTART", "DTEND"))] == expected


def test_an_unknown_end_is_said() -> None:
    feed = render([make_timed("a", "2027-08-14T18:00", "2027-08-14T18:00")])

    assert properties(feed)["DESCRIPTION;LANGUAGE=pl"].startswith(
        r"sobota 14 sierpnia 2027\, 18:00\nGodzina zakończenia nie jest znana."
    )


def test_each_address_says_what_it_is_and_stands_there_once() -> None:
    site, sold = "https://zagle.example.org/", "https://bilety.example.org/"

    several = event(website=site, tickets={"url": sold})["DESCRIPTION;LANGUAGE=pl"]
    same = event(website=site, tickets={"url": site})["DESCRIPTION;LANGUAGE=pl"]

    assert several.partition(r"\n\nStrona")[2].split(r"\n") == [
        f" wydarzenia: {site}",
        f"Bilety: {sold}",
        "Więcej: https://kalendarium.example.org/pl/events/0198a",
    ]
    assert same.count(site) == 1


@pytest.mark.parametrize(
    ("certainty", "status", "summary"),
    [
        ("exact", "CONFIRMED", "Segeltage"),
        ("provisional", "TENTATIVE", "Segeltage (vorläufiger Termin)"),
        ("month", "TENTATIVE", "Segeltage (Tag noch offen)"),
        ("season", "TENTATIVE", "Segeltage (Termin noch offen)"),
    ],
)
def test_an_open_date_is_tentative_and_says_so(certainty: str, status: str, summary: str) -> None:
    dates = {"certainty": certainty, "start": "2027-08-01", "end": "2027-08-31"}

    found = properties(render([make_message(dates=dates)], language="de"))

    assert (found["STATUS"], found["SUMMARY;LANGUAGE=de"]) == (status, summary)


def test_a_cancelled_event_stays_and_says_so() -> None:
    dates = {"certainty": "provisional", "start": "2027-08-01", "end": "2027-08-31"}

    found = event(revision=4, status="cancelled", dates=dates)

    assert (found["STATUS"], found["SEQUENCE"]) == ("CANCELLED", "4")
    assert found["SUMMARY;LANGUAGE=pl"] == "Odwołane: Żagle"
    assert found["DESCRIPTION;LANGUAGE=pl"].startswith(r"Wydarzenie odwołane.\n")


def test_a_moved_event_states_the_old_date_first() -> None:
    found = event(previous_dates={"certainty": "exact", "start": "2027-08-07", "end": "2027-08-09"})

    assert found["SUMMARY;LANGUAGE=pl"] == "Przeniesione: Żagle"
    assert found["DESCRIPTION;LANGUAGE=pl"].startswith(
        r"Zmiana terminu\; poprzedni termin: 7–9 sierpnia 2027.\n14–16 sierpnia 2027\n"
    )


@pytest.mark.parametrize(
    "previous",
    [
        {"certainty": "provisional", "start": "2027-08-14", "end": "2027-08-16"},
        {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-15"},
        {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-14"},
    ],
)
def test_an_earlier_message_whose_dates_still_hold_claims_no_move(previous: dict[str, str]) -> None:
    found = event(previous_dates=previous)

    assert found["SUMMARY;LANGUAGE=pl"] == "Żagle"
    assert found["DESCRIPTION;LANGUAGE=pl"].startswith(r"14–16 sierpnia 2027\n")


@pytest.mark.parametrize("certainty", ["month", "season"])
def test_a_day_found_within_its_month_is_no_move(certainty: str) -> None:
    found = event(previous_dates={"certainty": certainty, "start": "2027-08-01", "end": "2027-08-31"})

    assert found["SUMMARY;LANGUAGE=pl"] == "Żagle"


def test_a_text_that_is_not_translated_says_so_and_names_its_language() -> None:
    message = make_message(
        title={"pl": "Żagle", "en": "Sails"}, summary={"pl": "Wielkie żaglowce."}, description={}, price={}
    )

    found = properties(render([message], language="de"))

    assert found["SUMMARY;LANGUAGE=en"] == "Sails"
    assert found["CATEGORIES;LANGUAGE=de"] == "Maritime Feste und Segelveranstaltungen"
    assert (
        r"\nTitel nur auf Englisch verfügbar.\nBeschreibung nur auf Polnisch verfügbar.\n"
        in found["DESCRIPTION;LANGUAGE=pl"]
    )


@pytest.mark.parametrize("language", ["pl", "en", "de", "cs", "uk", "es", "fr", "hu", "it", "ja", "nl", "sv", "zh"])
def test_every_language_of_a_feed_can_be_read(language: str) -> None:
    messages = [
        make_message("a", previous_dates={"certainty": "exact", "start": "2027-08-07", "end": "2027-08-09"}),
        make_message("b", status="cancelled", accessibility=["step_free", "lift", "unknown"]),
        make_message("c", dates={"certainty": "month", "start": "2027-08-01", "end": "2027-08-31"}),
        make_timed("d", "2027-08-14T18:00", "2027-08-14T20:00"),
    ]

    calendar = icalendar.Calendar.from_ical(render(messages, language=language))

    assert len(calendar.events) == 4
    assert [error for each in calendar.walk() for error in each.errors] == []


def test_the_file_of_one_event_is_published_by_its_organiser() -> None:
    calendar = icalendar.Calendar.from_ical(render_file(localize(make_message("a"), "pl", SITE)))

    found = calendar.events[0]
    assert (calendar["METHOD"], len(calendar.events)) == ("PUBLISH", 1)
    assert found["ORGANIZER"].params["CN"] == "LOT Szczecin"
    assert "ATTENDEE" not in found


def test_the_file_of_one_event_can_be_followed_like_a_feed() -> None:
    message = make_message("a", 2, status="cancelled", title={"pl": "Żagle, finał"})
    lines = unfolded(render_file(localize(message, "en", SITE)))

    found = dict(re.split(":", line, maxsplit=1) for line in lines[1 : lines.index("BEGIN:VTIMEZONE")])
    assert found == {
        "VERSION": "2.0",
        "PRODID": "-//kalendarium.zrot.pl//Kalendarium//EN",
        "CALSCALE": "GREGORIAN",
        "METHOD": "PUBLISH",
        "NAME;LANGUAGE=pl": r"Cancelled: Żagle\, finał",
        "X-WR-CALNAME;LANGUAGE=pl": r"Cancelled: Żagle\, finał",
        "X-WR-TIMEZONE": "Europe/Warsaw",
        "REFRESH-INTERVAL;VALUE=DURATION": "PT1H",
        "X-PUBLISHED-TTL": "PT1H",
        "SOURCE;VALUE=URI": "https://kalendarium.example.org/en/events/a.ics",
        "URL": "https://kalendarium.example.org/en/events/a",
        "LAST-MODIFIED": "20261102T100200Z",
    }


def test_blocks_joined_are_the_calendar_that_the_library_would_write() -> None:
    messages = [make_message(f"e{number}") for number in range(5)]

    whole = icalendar.Calendar()
    for message in messages:
        whole.add_component(build_vevent(localize(message, "pl", SITE)))
    written = icalendar.Calendar.from_ical(whole.to_ical())
    joined = icalendar.Calendar.from_ical(render(messages))

    assert [event.to_ical() for event in joined.events] == [event.to_ical() for event in written.events]


def test_a_block_that_would_break_the_feed_is_refused() -> None:
    with pytest.raises(MalformedEvent):
        ICal(SITE).render_event(make_message("a\x00b"), "pl")


def test_formats_are_found_by_their_extension() -> None:
    assert {name: form.extension for name, form in create_formats(SITE).items()} == {
        "ics": "ics",
        "rss": "rss",
        "json": "json",
    }


def test_a_place_near_the_equator_is_written_without_an_exponent() -> None:
    venue = {"town": "Szczecin", "county": "3262", "lat": 1e-05, "lon": -2e-05}

    assert event(venue=venue)["GEO"] == "0.00001;-0.00002"


def test_a_description_made_of_our_own_words_is_in_their_language() -> None:
    message = make_message(title={"pl": "Żagle"}, summary={}, description={})

    found = properties(render([message], language="en"))

    assert found["SUMMARY;LANGUAGE=pl"] == "Żagle"
    assert found["DESCRIPTION;LANGUAGE=en"].startswith(
        r"14–16 August 2027\n\nTitle available in Polish only.\n\nPlace: Wały Chrobrego"
    )


def test_a_category_that_is_not_translated_names_its_language() -> None:
    found = properties(render([make_message(also=["family"])], language="hu"))

    assert found["CATEGORIES;LANGUAGE=en"] == "Maritime and sailing events,Children and families"


def test_a_rule_ends_in_utc_next_to_hours_and_on_a_day_next_to_days() -> None:
    hours = {"start": "2027-10-16T18:00", "end": "2027-10-16T20:00"}
    days = {"start": "2027-10-16", "end": "2027-10-16"}

    found = [
        properties(render([make_message(dates={"certainty": "exact", **when, "recurrence": {"rrule": rule}})]))["RRULE"]
        for when, rule in (
            (hours, "FREQ=WEEKLY;UNTIL=20271106T180000"),
            (hours, "FREQ=WEEKLY;UNTIL=20271023T180000"),
            (days, "FREQ=WEEKLY;UNTIL=20271106"),
        )
    ]

    assert found == [
        "FREQ=WEEKLY;UNTIL=20271106T170000Z",
        "FREQ=WEEKLY;UNTIL=20271023T160000Z",
        "FREQ=WEEKLY;UNTIL=20271106",
    ]


def test_a_night_that_is_longer_than_others_is_an_occurrence_of_its_own() -> None:
    """Readers count its hours by the clock or as they pass; one that says both ends means the same to all."""
    dates = {"certainty": "exact", "start": "2027-10-30T22:00", "end": "2027-10-31T04:00"}
    feed = unfolded(render([make_message(dates=dates | {"recurrence": {"rrule": "FREQ=WEEKLY;COUNT=3"}})]))

    times = [line for line in feed if line.startswith(("DTSTART;", "DTEND", "DURATION", "RECURRENCE-ID"))]
    assert times == [
        "DTSTART;TZID=Europe/Warsaw:20271030T220000",
        "DURATION:PT6H",
        "DTSTART;TZID=Europe/Warsaw:20271030T220000",
        "DTEND;TZID=Europe/Warsaw:20271031T040000",
        "RECURRENCE-ID;TZID=Europe/Warsaw:20271030T220000",
    ]


def test_a_cancelled_series_has_no_occurrence_that_takes_place() -> None:
    calendar = icalendar.Calendar.from_ical(render([make_evenings(status="cancelled")]))

    assert [event["STATUS"] for event in calendar.events] == ["CANCELLED"] * 3


def test_repeats_of_a_region_in_another_zone_are_instants() -> None:
    region = replace(make_region(), time_zone=ZoneInfo("Europe/Lisbon"))

    feed = unfolded(render_file(localize(make_evenings(), "pl", make_site(region))))

    assert "RDATE:20271023T170000Z,20271030T170000Z,20271106T180000Z" in feed
    assert not any(line.startswith("RRULE:FREQ=WEEKLY") for line in feed)
