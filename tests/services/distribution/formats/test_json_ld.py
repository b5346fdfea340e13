"""Rendering of structured data (schema.org in JSON-LD)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.distribution.formats.json_ld import render_json_ld
from services.distribution.presentation.localized_event import localize
from shared.messages import Organiser
from tests.services.distribution.builders import make_evenings, make_message, make_site

SITE = make_site()
OLD = {"certainty": "exact", "start": "2027-08-07", "end": "2027-08-09"}


def event(language: str = "pl", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    found: dict[str, Any] = json.loads(render_json_ld(localize(make_message("a", **fields), language, SITE)))
    return found


def test_an_event_has_what_search_engines_require() -> None:
    found = event("de", tickets={"free": True})

    assert (found["@type"], found["name"], found["inLanguage"]) == ("Event", "Segeltage", "de")
    assert (found["startDate"], found["endDate"]) == ("2027-08-14", "2027-08-16")
    assert found["@id"] == "https://kalendarium.example.org/pl/events/a#event"
    assert found["location"]["address"] == {
        "@type": "PostalAddress",
        "addressLocality": "Szczecin",
        "addressRegion": "Westpommern",
        "addressCountry": "PL",
    }
    assert found["offers"]["price"] == 0
    assert found["organizer"] == {"@type": "Organization", "name": "LOT Szczecin"}


@pytest.mark.parametrize(
    ("fields", "status", "previous"),
    [
        ({}, "EventScheduled", None),
        ({"previous_dates": OLD}, "EventRescheduled", "2027-08-07"),
        ({"status": "cancelled"}, "EventCancelled", None),
        ({"status": "cancelled", "previous_dates": OLD}, "EventCancelled", None),
    ],
)
def test_the_status_is_one_of_schema_org(fields: dict[str, Any], status: str, previous: str | None) -> None:
    found = event(**fields)

    assert (found["eventStatus"], found.get("previousStartDate")) == (f"https://schema.org/{status}", previous)


AUGUST = {"certainty": "month", "start": "2027-08-01", "end": "2027-08-31"}
EVENING = {"certainty": "exact", "start": "2027-08-14T19:00", "end": "2027-08-14T21:00"}


@pytest.mark.parametrize(
    ("dates", "previous"),
    [
        (EVENING | {"end": "2027-08-14T21:30"}, EVENING),
        (EVENING | {"end": "2027-08-14T19:00"}, EVENING),
        (OLD | {"end": "2027-08-08"}, OLD),
    ],
)
def test_what_only_ends_at_another_time_is_not_rescheduled(dates: dict[str, str], previous: dict[str, str]) -> None:
    found = event(dates=dates, previous_dates=previous)

    assert (found["eventStatus"], "previousStartDate" in found) == ("https://schema.org/EventScheduled", False)


@pytest.mark.parametrize("previous", [OLD, EVENING])
def test_what_moved_to_a_day_that_is_not_known_yet_is_postponed_and_keeps_its_old_dates(
    previous: dict[str, str],
) -> None:
    """Search engines want the old date until there is a new one."""
    found, before = event(dates=AUGUST, previous_dates=previous), event(dates=previous)

    assert (found["eventStatus"], "previousStartDate" in found) == ("https://schema.org/EventPostponed", False)
    assert (found["startDate"], found["endDate"]) == (before["startDate"], before["endDate"])


def test_what_moves_from_month_to_month_is_rescheduled() -> None:
    found = event(dates=AUGUST, previous_dates={"certainty": "month", "start": "2027-07-01", "end": "2027-07-31"})

    assert (found["eventStatus"], found["startDate"], found["previousStartDate"]) == (
        "https://schema.org/EventRescheduled",
        "2027-08",
        "2027-07",
    )


def test_what_is_cancelled_keeps_the_dates_it_had_last() -> None:
    found = event(dates=AUGUST, previous_dates=OLD, status="cancelled")

    assert (found["eventStatus"], found["startDate"]) == ("https://schema.org/EventCancelled", "2027-08")


def test_an_open_day_stays_open() -> None:
    found = event(dates={"certainty": "month", "start": "2027-08-01", "end": "2027-08-31"})
    season = event(dates={"certainty": "season", "start": "2027-06-01", "end": "2027-08-31"})

    assert (found["startDate"], "endDate" in found) == ("2027-08", False)
    assert (season["startDate"], season["endDate"]) == ("2027-06", "2027-08")


def test_hours_carry_their_offset() -> None:
    found = event(dates={"certainty": "exact", "start": "2027-12-14T18:00", "end": "2027-12-14T18:00"})

    assert (found["startDate"], "endDate" in found) == ("2027-12-14T18:00:00+01:00", False)


def test_an_end_at_midnight_is_no_second_day() -> None:
    found = event(dates={"certainty": "exact", "start": "2027-08-14T18:00", "end": "2027-08-15T00:00"})

    assert found["endDate"] == "2027-08-14T23:59:59+02:00"


def test_no_text_can_end_the_element_it_stands_in() -> None:
    text = "</script><script>alert(1)</script> & <!--"
    written = render_json_ld(localize(make_message(title={"pl": text}), "pl", SITE))

    assert not {"<", ">", "&"} & set(written)
    assert json.loads(written)["name"] == text


@pytest.mark.parametrize(
    ("fields", "language"),
    [
        ({"summary": {}, "title": {"pl": "Regaty"}}, "pl"),
        ({"summary": {"pl": "Opis"}, "description": {"de": "Beschreibung"}}, "pl"),
        ({"summary": {}, "description": {"de": "Beschreibung"}}, "de"),
    ],
)
def test_the_language_is_that_of_the_text_that_stands_there(fields: dict[str, Any], language: str) -> None:
    assert event("de", **fields)["inLanguage"] == language


@pytest.mark.parametrize(
    ("category", "kind"),
    [("maritime", "Event"), ("fireworks-light", "Event"), ("sport", "SportsEvent"), ("no-longer-there", "Event")],
)
def test_a_type_is_said_only_where_every_event_of_a_kind_is_one(category: str, kind: str) -> None:
    assert event(category=category)["@type"] == kind


@pytest.mark.parametrize(
    ("availability", "said"),
    [
        ("available", "https://schema.org/InStock"),
        ("few_left", "https://schema.org/LimitedAvailability"),
        ("sold_out", "https://schema.org/SoldOut"),
        ("registration_required", None),
        ("of_a_later_release", None),
        (None, None),
    ],
)
def test_whether_there_are_tickets_is_said_when_it_is_known(availability: str | None, said: str | None) -> None:
    offer = event(tickets={"url": "https://example.org/t", "availability": availability})["offers"]

    assert (offer["url"], offer.get("availability")) == ("https://example.org/t", said)


def test_tickets_that_are_gone_are_said_without_an_address_that_sells_them() -> None:
    assert event(tickets={"availability": "sold_out"})["offers"] == {
        "@type": "Offer",
        "url": "https://kalendarium.example.org/pl/events/a",
        "availability": "https://schema.org/SoldOut",
    }


def test_an_organiser_whose_website_is_known_is_named_with_it() -> None:
    known = next(each for each in SITE.region.organisations.values() if each.verified and each.website)

    assert event(organiser=Organiser(known.slug, known.name))["organizer"] == {
        "@type": "Organization",
        "name": known.name,
        "url": known.website,
    }


def evenings(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a recurrence
    message = make_evenings()
    message.event["dates"]["recurrence"] |= changes
    found: dict[str, Any] = json.loads(render_json_ld(localize(message, "pl", SITE), since="2027-10-20"))
    return found


def test_an_event_that_repeats_has_a_schedule_and_the_occurrences_to_come() -> None:
    found = evenings()

    assert (found["startDate"], found["endDate"]) == ("2027-10-16T18:00:00+02:00", "2027-11-06T20:00:00+01:00")
    assert found["eventSchedule"] == {
        "@type": "Schedule",
        "repeatFrequency": "P1W",
        "startDate": "2027-10-16",
        "endDate": "2027-11-06",
        "startTime": "18:00:00",
        "endTime": "20:00:00",
        "scheduleTimezone": "Europe/Warsaw",
        "exceptDate": ["2027-10-23T18:00:00+02:00", "2027-10-30T18:00:00+02:00"],
    }
    assert [(each["startDate"], each["eventStatus"], each.get("previousStartDate")) for each in found["subEvent"]] == [
        ("2027-10-23T18:00:00+02:00", "https://schema.org/EventCancelled", None),
        ("2027-10-31T17:00:00+01:00", "https://schema.org/EventRescheduled", "2027-10-30T18:00:00+02:00"),
        ("2027-11-06T18:00:00+01:00", "https://schema.org/EventScheduled", None),
    ]


def test_the_dates_of_repeats_are_not_those_of_cancelled_ones() -> None:
    found = evenings(exceptions=[{"date": f"2027-{day}T18:00", "status": "cancelled"} for day in ("10-16", "11-06")])

    assert (found["startDate"], found["endDate"]) == ("2027-10-23T18:00:00+02:00", "2027-10-30T20:00:00+02:00")


def test_repeats_whose_last_end_is_not_known_go_on_until_its_start() -> None:
    moved = {"date": "2027-11-06T18:00", "status": "moved", "start": "2027-11-07T18:00", "end": "2027-11-07T18:00"}

    assert evenings(exceptions=[moved])["endDate"] == "2027-11-07T18:00:00+01:00"


@pytest.mark.parametrize(
    ("rrule", "part", "value"),
    [
        ("FREQ=WEEKLY;BYDAY=SA,SU;COUNT=4", "byDay", ["https://schema.org/Saturday", "https://schema.org/Sunday"]),
        ("FREQ=MONTHLY;BYDAY=3SA;COUNT=4", "byDay", ["3SA"]),
        ("FREQ=MONTHLY;BYMONTHDAY=16;COUNT=4", "byMonthDay", [16]),
        ("FREQ=YEARLY;BYMONTH=10;COUNT=2", "byMonth", [10]),
        ("FREQ=DAILY;INTERVAL=3;COUNT=4", "repeatFrequency", "P3D"),
    ],
)
def test_a_schedule_says_the_parts_of_the_rule(rrule: str, part: str, value: object) -> None:
    assert evenings(rrule=rrule, exceptions=[])["eventSchedule"][part] == value


def test_a_schedule_says_what_is_left_out() -> None:
    schedule = evenings(rrule="FREQ=DAILY;COUNT=4", exdates=["2027-10-18T18:00"], exceptions=[])["eventSchedule"]

    assert schedule["exceptDate"] == ["2027-10-18T18:00:00+02:00"]


def test_what_is_left_out_of_days_is_a_day() -> None:
    recurrence = {"rrule": "FREQ=WEEKLY;COUNT=3", "exdates": ["2027-07-10"]}
    dates = {"certainty": "exact", "start": "2027-07-03", "end": "2027-07-04", "recurrence": recurrence}
    found = json.loads(render_json_ld(localize(make_message("a", dates=dates), "pl", SITE)))

    assert found["eventSchedule"]["exceptDate"] == ["2027-07-10"]


def test_what_a_schedule_cannot_say_has_only_its_occurrences() -> None:
    further = evenings(rrule=None, rdates=["2027-10-20T18:00"], exceptions=[])

    assert "eventSchedule" not in further
    assert [each["startDate"] for each in further["subEvent"]] == ["2027-10-20T18:00:00+02:00"]
    assert "eventSchedule" not in evenings(rrule="FREQ=MONTHLY;BYDAY=SA;BYSETPOS=3;COUNT=2", exceptions=[])


def test_the_occurrences_of_a_page_are_bounded() -> None:
    assert len(evenings(rrule="FREQ=DAILY;COUNT=400", exceptions=[])["subEvent"]) == 60
