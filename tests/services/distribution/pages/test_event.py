"""An event's own page: what it says of a date that is not sure."""

from __future__ import annotations

from typing import Any

import pytest

from services.distribution.pages.event_view import build_event_page
from services.distribution.presentation.localized_event import localize
from tests.services.distribution.builders import make_message, make_site
from tests.services.distribution.serving import serve

OPEN = ("provisional", "month", "season")


@pytest.mark.parametrize("certainty", OPEN)
@pytest.mark.parametrize(
    ("language", "with_edition", "without"),
    [
        (
            "pl",
            "Termin wynika z edycji 2024; organizator jeszcze go nie potwierdził.",
            "Organizator jeszcze nie potwierdził terminu.",
        ),
        (
            "de",
            "Der Termin ergibt sich aus der Ausgabe 2024; der Veranstalter hat ihn noch nicht bestätigt.",
            "Der Veranstalter hat den Termin noch nicht bestätigt.",
        ),
        (
            "en",
            "The date follows from the edition of 2024; the organiser has not confirmed it yet.",
            "The organiser has not confirmed the date yet.",
        ),
    ],
)
async def test_what_is_not_confirmed_is_the_date_and_neither_the_month_nor_the_season(
    certainty: str, language: str, with_edition: str, without: str
) -> None:
    dates = {"certainty": certainty, "start": "2099-06-01", "end": "2099-06-30"}
    rolled = make_message("a", dates=dates, provenance={"edition": 2024})
    async with serve(rolled, make_message("b", dates=dates)) as served:
        pages = [(await served.client.get(f"/{language}/events/{name}")).text for name in ("a", "b")]

    assert [with_edition in pages[0], without in pages[1]] == [True, True]


async def test_a_confirmed_event_with_a_provisional_date_is_not_said_to_be_unconfirmed() -> None:
    dates = {"certainty": "provisional", "start": "2099-06-01", "end": "2099-06-30"}
    fields: dict[str, Any] = {"dates": dates, "confirmed_at": "2026-11-20T10:00:00.000Z"}
    rolled = make_message("a", provenance={"edition": 2022}, **fields)
    async with serve(rolled, make_message("b", **fields)) as served:
        pages = [(await served.client.get(f"/en/events/{name}")).text for name in ("a", "b")]

    assert "The date follows from the edition of 2022; it is not certain yet." in pages[0]
    assert "The date is not certain yet." in pages[1]
    for page in pages:
        assert "Confirmed by the organiser on" in page
        assert "has not confirmed" not in page


EVENINGS: dict[str, Any] = {
    "certainty": "exact",
    "start": "2099-06-06T18:00",
    "end": "2099-06-06T20:00",
    "recurrence": {
        "rrule": "FREQ=WEEKLY;COUNT=15",
        "exceptions": [{"date": "2099-06-13T18:00", "status": "cancelled", "note": {"en": "heat"}}],
    },
}


async def test_an_event_that_repeats_lists_its_next_dates_and_exceptions() -> None:
    async with serve(make_message("a", dates=EVENINGS)) as served:
        page = (await served.client.get("/en/events/a")).text

    assert "every Saturday, 6 June – 12 September 2099, 18:00–20:00" in page
    assert page.count("<li>Saturday") == 10
    assert "<li>Saturday 6 June 2099, 18:00–20:00</li>" in page
    assert "<li>Saturday 13 June 2099" not in page
    assert "<p>Cancelled: Saturday 13 June 2099 (heat)</p>" in page
    assert ["calendar.google.com" in page, 'href="/en/events/a.ics"' in page] == [False, True]


async def test_a_note_in_another_language_says_so_to_screen_readers() -> None:
    async with serve(make_message("a", dates=EVENINGS)) as served:
        page = (await served.client.get("/pl/events/a")).text

    assert '<p>Odwołane: sobota 13 czerwca 2099 (<span lang="en">heat</span>)</p>' in page


def test_the_exceptions_of_a_page_are_those_of_the_feeds() -> None:
    days = [f"2099-06-{day:02}T18:00" for day in range(7, 31)] + [f"2099-07-{day:02}T18:00" for day in range(1, 32)]
    days += [f"2099-08-{day:02}T18:00" for day in range(1, 32)]
    exceptions = [{"date": day, "status": "cancelled", "note": {"en": "heat"}} for day in days]
    recurrence = {"rrule": "FREQ=DAILY;COUNT=200", "exdates": ["2099-10-01T18:00"], "exceptions": exceptions}
    for language in ("en", "pl"):
        event = localize(make_message("a", dates=EVENINGS | {"recurrence": recurrence}), language, make_site())
        shown = [f"{each.said} ({each.note})" if each.note else each.said for each in event.exceptions]

        assert shown == event.repeat_lines[1:]
        assert shown[-1] == "…"


@pytest.mark.parametrize(
    ("recurrence", "offered"),
    [
        ({"rrule": "FREQ=WEEKLY;COUNT=15"}, True),
        (EVENINGS["recurrence"], False),
        ({"rrule": "FREQ=WEEKLY;COUNT=15", "rdates": ["2099-06-07T18:00"]}, False),
        ({"rrule": "FREQ=WEEKLY;COUNT=15", "exdates": ["2099-06-13T18:00"]}, False),
        ({"rdates": ["2099-06-07T18:00"]}, False),
    ],
)
def test_google_is_offered_only_repeats_that_a_rule_alone_says(
    recurrence: dict[str, Any],
    offered: bool,  # noqa: FBT001 - a case
) -> None:
    event = localize(make_message("a", dates=EVENINGS | {"recurrence": recurrence}), "en", make_site())

    google = build_event_page(event, today="2099-01-01").calendar.google

    assert [bool(google), "recur=RRULE%3AFREQ%3DWEEKLY%3BCOUNT%3D15" in google] == [offered, offered]


async def test_a_list_shows_an_event_that_repeats_where_it_takes_place() -> None:
    async with serve(make_message("a", dates=EVENINGS)) as served:
        pages = [
            (await served.client.get(address)).text
            for address in (
                "/en/2099/07",
                "/en/2099/10",
                "/en/?from=2099-06-12&to=2099-06-14",
                "/en/?from=2099-06-19&to=2099-06-21",
            )
        ]

    assert ["/en/events/a" in page for page in pages] == [True, False, False, True]
    assert "every Saturday" in pages[0]
