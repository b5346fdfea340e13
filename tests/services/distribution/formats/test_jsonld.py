"""The rules of structured data: standards.md section 2.8."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.distribution.formats.jsonld import jsonld
from services.distribution.formats.reading import read
from tests.services.distribution.builders import make_imprint, make_message

IMPRINT = make_imprint()
OLD = {"certainty": "exact", "start": "2027-08-07", "end": "2027-08-09"}


def event(language: str = "pl", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    found: dict[str, Any] = json.loads(jsonld(read(make_message("a", **fields), language, IMPRINT)))
    return found


def test_an_event_has_what_search_engines_require() -> None:
    found = event("de", tickets={"free": True})

    assert (found["@type"], found["name"], found["inLanguage"]) == ("Festival", "Segeltage", "de")
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


def test_an_open_day_stays_open() -> None:
    found = event(dates={"certainty": "month", "start": "2027-08-01", "end": "2027-08-31"})
    season = event(dates={"certainty": "season", "start": "2027-06-01", "end": "2027-08-31"})

    assert (found["startDate"], "endDate" in found) == ("2027-08", False)
    assert (season["startDate"], season["endDate"]) == ("2027-06", "2027-08")


def test_hours_carry_their_offset() -> None:
    found = event(dates={"certainty": "exact", "start": "2027-12-14T18:00", "end": "2027-12-14T18:00"})

    assert (found["startDate"], "endDate" in found) == ("2027-12-14T18:00:00+01:00", False)


def test_no_text_can_end_the_element_it_stands_in() -> None:
    text = "</script><script>alert(1)</script> & <!--"
    written = jsonld(read(make_message(title={"pl": text}), "pl", IMPRINT))

    assert not {"<", ">", "&"} & set(written)
    assert json.loads(written)["name"] == text
