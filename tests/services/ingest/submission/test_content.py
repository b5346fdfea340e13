from __future__ import annotations

import json
import unicodedata
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from uuid_utils import uuid7

from services.demo.editions import build_submission
from services.demo.programme import load_programme
from services.ingest.state import make_vocabulary
from services.ingest.submission.content import Contact, read_event, read_external_id, write_event
from services.ingest.submission.field_errors import MAX_ERRORS, ValidationFailed
from shared.event.model import parse_event as read_by_others
from shared.i18n.text import translate
from shared.region import load_region
from tests.services.ingest.builders import KNOWN, kept_event, make_event
from tests.services.ingest.conftest import REGION
from tests.services.ingest.strategies import MOMENTS, events, repeats_as_sent


def errors(event: Any) -> dict[str, str]:  # noqa: ANN401 - whatever somebody sends
    with pytest.raises(ValidationFailed) as caught:
        read_event(json.dumps(event).encode(), KNOWN)
    return {error.field: error.code for error in caught.value.errors}


@settings(max_examples=50)
@given(event=events())
def test_what_is_kept_is_read_again_as_it_is_and_by_the_other_services(event: dict[str, Any]) -> None:
    kept = read_event(json.dumps(event).encode(), KNOWN)

    assert write_event(kept) == event
    assert read_by_others(write_event(kept)).title == event["title"]


def test_the_whole_programme_of_the_region_is_taken() -> None:
    region = load_region(REGION)
    for event in load_programme(REGION, region):
        sent = build_submission(event, 2027, zone=region.time_zone)
        if "part_of" in sent:  # the demo puts there the id that ingest gave the umbrella event
            sent["part_of"] = str(uuid7())

        assert write_event(read_event(sent, make_vocabulary(region))) == sent


def test_nothing_but_what_is_required_is_required() -> None:
    least = {
        "title": {"pl": "Żagle"},
        "category": "maritime",
        "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-14"},
        "venue": {"town": "Szczecin"},
    }

    assert write_event(read_event(least, KNOWN, county="3262")) == least | {
        "venue": {"town": "Szczecin", "county": "3262"}
    }


def test_empty_fields_are_as_if_they_were_not_there() -> None:
    empty: dict[str, Any] = {
        "summary": {},
        "also": [],
        "tickets": {"price": {}},
        "contact": {},
        "images": [],
        "website": None,
    }

    kept = read_event(make_event() | empty, KNOWN)

    assert kept == kept_event(summary=None, also=None, tickets=None, contact=None, website=None)


@pytest.mark.parametrize("field", ["rrule", "exdates", "rdates"])
def test_what_repeats_is_refused_with_the_way_out(field: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        read_event(make_event(dates={**make_event()["dates"], field: ["2027-08-21"]}), KNOWN)

    [error] = caught.value.errors
    assert (error.field, error.code) == (f"dates.{field}", "not_yet")
    assert "dates.recurrence" in translate(error.message, "en")


HOURS = {"certainty": "exact", "start": "2027-07-03T18:00", "end": "2027-07-03T20:00"}
DAYS = {"certainty": "exact", "start": "2027-07-03", "end": "2027-07-03"}


def repeating(dates: dict[str, Any], **recurrence: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever somebody sends
    return make_event(dates=dates | {"recurrence": recurrence})


def test_repeats_are_kept_with_their_end_in_local_time() -> None:
    off = {"date": "2027-07-10T18:00", "status": "cancelled", "note": {"pl": " Upał. "}}
    moved = {"date": "2027-07-17T18:00", "status": "moved", "start": "2027-07-18T17:00", "end": "2027-07-18T19:00"}

    kept = read_event(
        repeating(
            HOURS,
            rrule="RRULE:freq=weekly;until=20270807T160000Z",
            rdates=["2027-07-07T18:00"],
            exceptions=[off, moved],
        ),
        KNOWN,
    )

    assert write_event(kept)["dates"] == HOURS | {
        "recurrence": {
            "rrule": "FREQ=WEEKLY;UNTIL=20270807T180000",
            "rdates": ["2027-07-07T18:00"],
            "exceptions": [off | {"note": {"pl": "Upał."}}, moved],
        }
    }


def test_empty_repeats_are_as_if_they_were_not_there() -> None:
    assert write_event(read_event(repeating(DAYS), KNOWN))["dates"] == DAYS
    assert write_event(read_event(repeating(DAYS, rrule=None, rdates=None), KNOWN))["dates"] == DAYS


REPEATS = "dates.recurrence"


@pytest.mark.parametrize(
    ("dates", "recurrence", "field", "code"),
    [
        (DAYS, {"rrule": "FREQ=SECONDLY;COUNT=3"}, f"{REPEATS}.rrule", "unknown_value"),
        (DAYS, {"rrule": "FREQ=WEEKLY"}, f"{REPEATS}.rrule", "no_end"),
        (HOURS, {"rrule": "FREQ=WEEKLY;UNTIL=20270807"}, f"{REPEATS}.rrule", "other_form"),
        (DAYS, {"rrule": "FREQ=WEEKLY;UNTIL=20270807T160000Z"}, f"{REPEATS}.rrule", "other_form"),
        (HOURS, {"rrule": "FREQ=WEEKLY;UNTIL=99991231T235959Z"}, f"{REPEATS}.rrule", "too_far"),
        (DAYS, {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2"}, f"{REPEATS}.rrule", "not_first"),
        (DAYS, {"rrule": ["FREQ=WEEKLY"]}, f"{REPEATS}.rrule", "wrong_type"),
        (DAYS, {"rule": "FREQ=WEEKLY;COUNT=3"}, f"{REPEATS}.rule", "unknown_field"),
        (DAYS, {"rdates": ["2027-07-04", "2027-W30-1"]}, f"{REPEATS}.rdates.1", "not_a_date"),
        (DAYS, {"rdates": ["2127-07-04"]}, f"{REPEATS}.rdates.0", "out_of_range"),
        (DAYS, {"rdates": ["2027-07-04"] * 401}, f"{REPEATS}.rdates", "too_many"),
        (
            DAYS,
            {"rrule": "FREQ=WEEKLY;COUNT=3", "exceptions": [{"date": "2027-07-04", "status": "cancelled"}]},
            f"{REPEATS}.exceptions.0.date",
            "no_occurrence",
        ),
        (
            DAYS,
            {"rrule": "FREQ=WEEKLY;COUNT=3", "exceptions": [{"date": "2027-07-10", "status": "cancelled"}] * 5_000},
            f"{REPEATS}.exceptions",
            "too_many",
        ),
        (
            DAYS,
            {"rrule": "FREQ=WEEKLY;COUNT=3", "exceptions": [{"date": "2027-07-10", "status": "postponed"}]},
            f"{REPEATS}.exceptions.0.status",
            "unknown_value",
        ),
        (
            HOURS | {"start": "2027-10-24T02:30", "end": "2027-10-24T03:30"},
            {"rrule": "FREQ=WEEKLY;COUNT=3"},
            REPEATS,
            "clock_change",
        ),
        (
            HOURS | {"start": "2027-03-21T02:30", "end": "2027-03-21T03:30"},
            {"rrule": "FREQ=WEEKLY;COUNT=3"},
            REPEATS,
            "clock_change",
        ),
        (
            HOURS | {"start": "2027-10-31T01:00", "end": "2027-10-31T02:30", "end_fold": 1},
            {"rrule": "FREQ=WEEKLY;COUNT=3"},
            REPEATS,
            "clock_change",
        ),
        (
            HOURS,
            {
                "rrule": "FREQ=WEEKLY;COUNT=30",
                "exceptions": [
                    {
                        "date": "2027-07-10T18:00",
                        "status": "moved",
                        "start": "2027-10-31T01:00",
                        "end": "2027-10-31T02:30",
                    }
                ],
            },
            f"{REPEATS}.exceptions.0.end",
            "clock_change",
        ),
        (
            {"certainty": "month", "start": "2027-07-01", "end": "2027-07-31"},
            {"rrule": "FREQ=WEEKLY;COUNT=3"},
            REPEATS,
            "span_repeats",
        ),
    ],
)
def test_repeats_that_cannot_be_are_refused_where_they_are(
    dates: dict[str, Any], recurrence: dict[str, Any], field: str, code: str
) -> None:
    assert errors(repeating(dates, **recurrence)) == {field: code}


def test_repeats_of_dates_that_are_wrong_say_nothing_of_their_own() -> None:
    assert errors(repeating(DAYS | {"end": "2027-07-01"}, rrule="FREQ=WEEKLY")) == {"dates.end": "before_start"}


@pytest.mark.parametrize(("field", "hour"), [("start", "02:30"), ("end", "02:00")])
@pytest.mark.parametrize("day", ["2027-10-31", "2028-03-26"])
def test_a_move_to_an_hour_that_the_clocks_change_is_answered_with_what_can_be_done(
    day: str, field: str, hour: str
) -> None:
    times = {"start": f"{day}T01:00", "end": f"{day}T04:00"} | {field: f"{day}T{hour}"}
    moved = {"date": "2027-07-10T18:00", "status": "moved", **times}

    with pytest.raises(ValidationFailed) as caught:
        read_event(repeating(HOURS, rrule="FREQ=WEEKLY;COUNT=2", exceptions=[moved]), KNOWN)

    [error] = caught.value.errors
    assert (error.field, error.code) == (f"{REPEATS}.exceptions.0.{field}", "clock_change")
    assert "Give another hour" in translate(error.message, "en")


@settings(max_examples=200, deadline=None)
@given(sent=repeats_as_sent(), start=MOMENTS, end=MOMENTS)
def test_whatever_repeats_are_sent_they_are_taken_or_refused(sent: dict[str, Any], start: str, end: str) -> None:
    for dates in ({"start": start, "end": end}, DAYS, HOURS):
        with suppress(ValidationFailed):
            read_event(repeating({"certainty": "exact", **dates}, **sent), KNOWN)


def test_a_refused_rule_says_what_to_do() -> None:
    with pytest.raises(ValidationFailed) as caught:
        read_event(repeating(DAYS, rrule="FREQ=DAILY;COUNT=900"), KNOWN)

    assert [translate(each.message, "en") for each in caught.value.errors] == [
        "That makes more than 400 occurrences. Let the repeats end earlier."
    ]


def test_every_fault_is_told_at_once() -> None:
    assert errors({"title": {"de": "x" * 121}, "category": "nic", "venue": {"lat": "x"}, "foto": 1}) == {
        "title.de": "too_long",
        "category": "unknown_category",
        "dates": "required",
        "venue.town": "required",
        "venue.county": "required",
        "venue.lat": "wrong_type",
        "foto": "unknown_field",
    }


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "ftp://a.pl",
        "https://",
        "https://a b.pl",
        "//a.pl",
        "https://u:p@a.pl",
        "https://a.pl:x/",
        "a.pl",
        "https://www..example.pl/",
        f"https://{'a' * 64}.example.pl/",
        "https://a.pl/" + "ż" * 400,
    ],
)
def test_only_addresses_of_pages_are_taken(address: str) -> None:
    assert errors(make_event(website=address)) == {"website": "not_an_address"}


def test_a_percent_sign_that_stands_for_nothing_is_named() -> None:
    with pytest.raises(ValidationFailed) as refused:
        read_event(make_event(website="https://example.pl/100%-zabawy"), KNOWN)

    [error] = refused.value.errors
    assert (error.field, error.code) == ("website", "not_an_address")
    assert "stoi „-z”" in error.message
    assert "znak %, zapisz go jako %25" in error.message


@pytest.mark.parametrize("number", ["+48 91 123 45 67", "911234567", "(91) 123-45-67", "+49 (0) 3971/123456"])
def test_telephone_numbers_are_taken_as_people_write_them(number: str) -> None:
    assert read_event(make_event(contact={"phone": number}), KNOWN).contact == Contact(phone=number)


@pytest.mark.parametrize(
    "number",
    [
        "+48\u00a091\u00a0123 45 67",
        "\u202a+48 91 123 45 67\u202c",
        "+48 91 123\t45\u200667",
        "\u200e+48 91 123 45\u202867",
    ],
)
def test_blanks_and_marks_pasted_with_a_telephone_number_become_plain(number: str) -> None:
    assert read_event(make_event(contact={"phone": number}), KNOWN).contact == Contact(phone="+48 91 123 45 67")


@pytest.mark.parametrize("dash", ["‐", "‑", "‒", "–", "—", "−", "－"])
def test_dashes_pasted_with_a_number_or_postcode_become_plain(dash: str) -> None:
    event = make_event(contact={"phone": f"91{dash}123{dash}4567"})
    event["venue"]["postcode"] = f"\u202a70{dash}500\u202c"

    kept = read_event(event, KNOWN)

    assert (kept.contact, kept.venue.postcode) == (Contact(phone="91-123-4567"), "70-500")


def test_an_address_and_a_name_are_kept_without_what_nobody_sees() -> None:
    kept = read_event(make_event(website="\ufeffhttps://example.pl/\u200b", external_id="zagle\u200d-1\u200e"), KNOWN)

    assert (kept.website, kept.external_id) == ("https://example.pl/", "zagle-1")


MANY: dict[str, dict[str, Any]] = {
    "accessibility": {"accessibility": [f"x{number}" for number in range(4_000)]},
    "languages": {"title": {f"x{number}": "\ue000" for number in range(2_000)}},
    "unknown": {f"x{number}": 1 for number in range(4_000)},
}


@pytest.mark.parametrize("field", MANY)
def test_very_many_faults_are_told_in_part_and_counted(field: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        read_event(json.dumps(make_event() | MANY[field]).encode(), KNOWN)

    told = len(refused.value.errors)
    assert told <= MAX_ERRORS
    assert (told == MAX_ERRORS) == (refused.value.more > 0)


@pytest.mark.parametrize("number", ["zadzwoń", "12345", "+48", "1-1-1-1-1", "91 123 45 67 wewn. 3"])
def test_what_is_no_telephone_number_is_refused(number: str) -> None:
    assert errors(make_event(contact={"phone": number})) == {"contact.phone": "not_a_phone"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"title": {"pl": "\\ud800"}}', b"[" * 1000])
def test_what_is_no_json_is_told_so(body: bytes) -> None:
    with pytest.raises(ValidationFailed) as caught:
        read_event(body, KNOWN)

    assert caught.value.errors[0].code == "not_json"


@given(
    name=st.text(
        # what shows nothing, marks alone included, is refused as empty
        st.characters(
            exclude_categories=("C", "Z", "M"),
            exclude_characters="/?#%\\\ufffd\u115f\u1160\u2800\u3164\uffa0\ufffc",
        ),
        min_size=1,
        max_size=40,
    )
)
def test_a_name_is_the_same_in_each_of_its_spellings(name: str) -> None:
    assume(set(name) != {"."})
    clean = read_external_id(name)

    spellings = [clean, f" {name}\u00a0", unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name)]

    assert {read_external_id(each) for each in spellings} == {clean}
