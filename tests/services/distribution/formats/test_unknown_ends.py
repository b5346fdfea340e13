"""An event that begins at an hour and ends on a later day, in every format."""

from __future__ import annotations

import json
from typing import Any

from services.distribution.formats.json_ld import render_json_ld
from services.distribution.presentation.localized_event import localize
from shared.messages import EventPublished
from tests.services.distribution.builders import make_message, make_site, make_timed
from tests.services.distribution.rendering import render

WEEKEND = make_timed("a", "2027-08-13T18:00", "2027-08-15")


def repeating(**changes: Any) -> EventPublished:  # noqa: ANN401 - any field of a recurrence
    """Every second Friday from 18:00 until Sunday, four times."""
    recurrence = {"rrule": "FREQ=WEEKLY;INTERVAL=2;UNTIL=20270924T180000", **changes}
    dates = {"certainty": "exact", "start": "2027-08-13T18:00", "end": "2027-08-15", "recurrence": recurrence}
    return make_message("a", dates=dates)


def list_lines(message: EventPublished) -> list[str]:
    calendar = render([message]).decode().replace("\r\n ", "").split("\r\n")
    return [line for line in calendar if line.startswith(("DTSTART;", "DTEND", "RRULE:FREQ=W", "RDATE", "RECURRENCE"))]


def test_calendars_have_it_on_all_its_days_and_read_its_hours() -> None:
    feed = render([WEEKEND]).decode().replace("\r\n ", "")

    assert list_lines(WEEKEND) == ["DTSTART;VALUE=DATE:20270813", "DTEND;VALUE=DATE:20270816"]
    assert (
        r"DESCRIPTION;LANGUAGE=pl:piątek 13 sierpnia 2027\, 18:00 – niedziela 15 sierpnia 2027\n"
        r"Godzina zakończenia nie jest znana."
    ) in feed


def test_repeats_are_days_in_calendars() -> None:
    moved = {"date": "2027-08-27T18:00", "status": "moved", "start": "2027-08-28T10:00", "end": "2027-08-29"}

    assert list_lines(repeating(rdates=["2027-10-01T18:00"], exceptions=[moved])) == [
        "DTSTART;VALUE=DATE:20270813",
        "DTEND;VALUE=DATE:20270816",
        "RRULE:FREQ=WEEKLY;UNTIL=20270924;INTERVAL=2",
        "RDATE;VALUE=DATE:20271001",
        "DTSTART;VALUE=DATE:20270828",
        "DTEND;VALUE=DATE:20270830",
        "RECURRENCE-ID;VALUE=DATE:20270827",
    ]


def test_json_has_its_last_day_next_to_an_unknown_end() -> None:
    [item] = json.loads(render([WEEKEND], "json"))["items"]

    assert {name: item["_event"].get(name) for name in ("all_day", "start", "end", "last_day")} == {
        "all_day": False,
        "start": "2027-08-13T18:00:00+02:00",
        "end": None,
        "last_day": "2027-08-15",
    }


def test_rss_and_search_engines_have_its_last_day() -> None:
    found = json.loads(render_json_ld(localize(WEEKEND, "pl", make_site())))

    assert b"<ev:enddate>2027-08-15</ev:enddate>" in render([WEEKEND], "rss")
    assert (found["startDate"], found["endDate"]) == ("2027-08-13T18:00:00+02:00", "2027-08-15")


def test_search_engines_have_the_last_day_of_each_repeat() -> None:
    found = json.loads(render_json_ld(localize(repeating(), "pl", make_site())))

    assert [each["endDate"] for each in found["subEvent"]] == ["2027-08-15", "2027-08-29", "2027-09-12", "2027-09-26"]
    assert found["endDate"] == "2027-09-26"
    assert "endTime" not in found["eventSchedule"]
