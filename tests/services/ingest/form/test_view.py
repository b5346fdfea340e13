"""What the form offers to choose from."""

from __future__ import annotations

import json
from datetime import date

import pytest

from services.ingest.form.errors import find_input, place_errors
from services.ingest.form.mapping import NAMES, parse_form
from services.ingest.form.view import FormContext, FormView, make_context
from services.ingest.submission.content import read_event
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.submission.view import list_locked
from shared.event.fields import FIELDS
from shared.field_error import FieldError
from shared.i18n.text import _, translate
from shared.region import Region, load_region
from tests.services.ingest.builders import KNOWN, kept_event
from tests.services.ingest.conftest import REGION

TODAY = date(2026, 11, 29)


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region(REGION)


def draw(region: Region, today: date = TODAY, **typed: str) -> FormContext:
    return make_context(FormView({name: [text] for name, text in typed.items()}, (), "en", region, today))


def test_months_begin_with_the_one_that_it_is(region: Region) -> None:
    months = draw(region).months

    assert months[0] == ("2026-11", "November 2026")
    assert months[-1] == ("2028-12", "December 2028")


def test_seasons_begin_with_the_one_that_is_not_over(region: Region) -> None:
    assert draw(region).seasons[0][0] == "2026-autumn"
    assert draw(region, date(2026, 12, 1)).seasons[0][0] == "2026-winter"


@pytest.mark.parametrize("day", ["14.8.2027", "14 sierpnia 2027", "2027-08-14"])
def test_typed_day_chooses_its_month(day: str, region: Region) -> None:
    assert draw(region, start_date=day).values["month"] == "2027-08"


def test_month_that_was_chosen_stays_whatever_day_was_typed(region: Region) -> None:
    assert draw(region, start_date="14.8.2027", month="2027-09").values["month"] == "2027-09"


@pytest.mark.parametrize("day", ["", "sierpień", "14.8."])
def test_day_that_names_no_month_chooses_none(day: str, region: Region) -> None:
    assert draw(region, start_date=day).values["month"] == ""


def test_month_of_an_event_that_is_over_is_still_offered(region: Region) -> None:
    drawn = draw(region, start_date="14.8.2025")

    assert drawn.months[:2] == [("2025-08", "August 2025"), ("2026-11", "November 2026")]


@pytest.mark.parametrize("name", [each.name for each in FIELDS if each.compared and each.name != "images"])
def test_locked_field_is_named_once_and_its_error_has_an_input(region: Region, name: str) -> None:
    locked = list_locked(kept_event(), [name], "en", region)

    drawn = make_context(FormView({}, (), "en", region, TODAY, locked=locked))

    [fact] = [each for part in drawn.parts for each in part.locked]
    assert (fact, bool(fact.lines)) == (locked[name], True)
    assert find_input(name, "exact") in NAMES


def test_locked_dates_show_what_is_in_force(region: Region) -> None:
    assert list_locked(kept_event(), ["dates"], "en", region)["dates"].lines == ["Saturday 14 – Monday 16 August 2027"]


def test_every_locked_field_says_what_is_in_force(region: Region) -> None:
    tickets = {
        "free": False,
        "price": {"pl": "20 zł"},
        "url": "https://bilety.example",
        "availability": "sold_out",
        "registration_url": "https://zapisy.example",
        "registration_until": "2027-08-10T18:00",
    }
    event = kept_event(
        tickets=tickets,
        arrival={"pl": "Drzwi od 18:00"},
        start_place={"name": "Jasne Błonia"},
        audience=["children", "seniors"],
        ages={"min": 3, "max": 12},
        setting=["outdoors"],
        part_of="0193a1f0-0000-7000-8000-000000000000",
        licence="CC0-1.0",
    )
    compared = [each.name for each in FIELDS if each.compared and each.name != "images"]

    locked = list_locked(event, compared, "en", region)
    silent = ["tickets", "audience", "ages", "setting", "licence"]
    unsaid = list_locked(kept_event(tickets={}), silent, "en", region)

    lines = {
        name: [line if isinstance(line, str) else line.text for line in each.lines] for name, each in locked.items()
    }
    texts = {name: [translate(line, "en") for line in each] for name, each in lines.items()}
    assert [name for name, each in texts.items() if each in ([], ["none"])] == []
    assert texts["tickets"] == [
        "Paid",
        "20 zł (pl)",
        "Sold out",
        "https://bilety.example",
        "Registration: until 10 August 2027, 18:00, https://zapisy.example",
    ]
    assert (texts["audience"], texts["ages"]) == (["For children", "For seniors"], ["3–12"])
    assert (texts["setting"], texts["licence"]) == (["Outdoors"], ["CC0 1.0"])
    assert {name: list(each.lines) for name, each in unsaid.items()} == {name: [_("none")] for name in silent}


def test_refused_month_is_not_asked_for_again() -> None:
    error = FieldError("dates", "This does not change.", "field_locked")

    [placed] = place_errors([error], {"certainty": ["month"], "month": ["2027-09"]})

    assert (placed.field, placed.message) == ("month", error.message)


def test_repeats_without_a_first_day_are_no_second_error() -> None:
    fields = {"certainty": ["exact"], "start_date": [""], "recurrence": [carry("FREQ=WEEKLY;COUNT=3")]}

    with pytest.raises(ValidationFailed) as refused:
        read_event(parse_form(fields, kept_event()), KNOWN)

    dates = [each for each in refused.value.errors if each.field.startswith("dates")]
    assert [each.field for each in place_errors(dates, fields)] == ["start_date"]


def carry(rrule: str, *off: str) -> str:
    exceptions = [{"date": day, "status": "cancelled"} for day in off]
    return json.dumps(["2027-07-03", {"rrule": rrule, "exceptions": exceptions}])


def test_repeats_are_said_as_the_dates_are_typed_now(region: Region) -> None:
    carried = carry("FREQ=WEEKLY;COUNT=3", "2027-07-10")
    form = draw(region, certainty="exact", start_date="10.07.2027", recurrence=carried)

    said = "As before: every Saturday, 10–24 July 2027; Cancelled: Saturday 17 July 2027"
    assert form.repeats.kinds[-1] == ("kept", said)
    assert draw(region, certainty="exact", start_date="10.07.2027").repeats.kind == "once"


@pytest.mark.parametrize("recurrence", ["x", carry("FREQ=SECONDLY;COUNT=3"), carry("FREQ=WEEKLY;COUNT=3")])
def test_repeats_that_no_dates_fit_are_kept_as_before(recurrence: str, region: Region) -> None:
    form = draw(region, certainty="exact", start_date="soon", recurrence=recurrence)

    assert form.repeats.kinds[-1] == ("kept", "As before: as before")


def test_many_exceptions_are_said_in_part(region: Region) -> None:
    off = [f"2027-07-{day:02}" for day in range(4, 18)]
    carried = carry("FREQ=DAILY;COUNT=30", *off)
    said = draw(region, certainty="exact", start_date="3.7.2027", recurrence=carried).repeats.kinds[-1][1]

    assert (said.count("Cancelled"), said[-3:]) == (10, "; …")
