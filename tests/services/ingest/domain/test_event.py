from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.import_programme.editions import submission
from services.import_programme.programme import load_programme
from services.ingest.domain.event import read_event
from services.ingest.domain.faults import NotAcceptable
from services.ingest.domain.fields import PLAIN_ADDRESS, leads_to_a_page
from services.ingest.state import codes_of
from shared.messages import read_event as read_by_others
from shared.region import load_region
from tests.services.ingest.builders import KNOWN, make_event
from tests.services.ingest.conftest import REGION
from tests.services.ingest.strategies import events


def faults(event: Any) -> dict[str, str]:  # noqa: ANN401 - whatever somebody sends
    with pytest.raises(NotAcceptable) as caught:
        read_event(json.dumps(event).encode(), KNOWN)
    return {fault.field: fault.code for fault in caught.value.faults}


@settings(max_examples=50, deadline=None)
@given(event=events())
def test_what_is_kept_is_read_again_as_it_is_and_by_the_other_services(event: dict[str, Any]) -> None:
    kept = read_event(json.dumps(event).encode(), KNOWN)

    assert kept == event
    assert read_by_others(kept).title == event["title"]


def test_the_whole_programme_of_the_region_is_taken() -> None:
    region = load_region(REGION)
    for event in load_programme(REGION, region):
        sent = submission(event, 2027, zone=region.time_zone)

        assert read_event(sent, codes_of(region)) == sent


def test_nothing_but_what_is_required_is_required() -> None:
    least = {
        "title": {"pl": "Żagle"},
        "category": "maritime",
        "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-14"},
        "venue": {"town": "Szczecin"},
    }

    assert read_event(least, KNOWN, county="3262") == least | {"venue": {"town": "Szczecin", "county": "3262"}}


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

    assert kept == make_event(summary=None, also=None, tickets=None, contact=None, website=None)


@pytest.mark.parametrize("field", ["rrule", "exdates", "rdates"])
def test_what_repeats_is_refused_with_the_way_out(field: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        read_event(make_event(dates={**make_event()["dates"], field: ["2027-08-21"]}), KNOWN)

    [fault] = caught.value.faults
    assert (fault.field, fault.code) == (f"dates.{field}", "not_yet")
    assert "każdy termin jako osobne zgłoszenie" in fault.text


def test_every_fault_is_told_at_once() -> None:
    assert faults({"title": {"de": "x" * 121}, "category": "nic", "venue": {"lat": "x"}, "foto": 1}) == {
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
    ],
)
def test_only_addresses_of_pages_are_taken(address: str) -> None:
    assert faults(make_event(website=address)) == {"website": "not_an_address"}


@given(address=st.from_regex(PLAIN_ADDRESS, fullmatch=True))
def test_an_address_that_is_taken_at_sight_leads_to_a_page(address: str) -> None:
    assert leads_to_a_page(address)


@pytest.mark.parametrize("number", ["+48 91 123 45 67", "911234567", "(91) 123-45-67", "+49 (0) 3971/123456"])
def test_telephone_numbers_are_taken_as_people_write_them(number: str) -> None:
    assert read_event(make_event(contact={"phone": number}), KNOWN)["contact"] == {"phone": number}


@pytest.mark.parametrize("number", ["zadzwoń", "12345", "+48", "1-1-1-1-1", "91 123 45 67 wewn. 3"])
def test_what_is_no_telephone_number_is_refused(number: str) -> None:
    assert faults(make_event(contact={"phone": number})) == {"contact.phone": "not_a_phone"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"title": {"pl": "\\ud800"}}', b"[" * 1000])
def test_what_is_no_json_is_told_so(body: bytes) -> None:
    with pytest.raises(NotAcceptable) as caught:
        read_event(body, KNOWN)

    assert caught.value.faults[0].code == "not_json"
