"""An event's structured data, by schema.org's vocabulary and by what Google asks for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from services.distribution.formats.json_ld import render_json_ld
from services.distribution.presentation.localized_event import localize
from shared.messages import EventPublished, Organiser
from tests.feeds.schema_org import judge
from tests.services.distribution.builders import make_message, make_site, make_timed

SITE: Final = make_site()
OLD: Final = {"certainty": "exact", "start": "2027-08-07", "end": "2027-08-09"}
AUGUST: Final = {"certainty": "month", "start": "2027-08-01", "end": "2027-08-31"}
PLACE: Final = {
    "town": "Szczecin",
    "county": "3262",
    "street": "Wały 1",
    "postcode": "70-500",
    "lat": 1e-05,
    "lon": 14.5,
}


def thing(message: EventPublished, language: str = "pl") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_json_ld(localize(message, language, SITE)))
    return found


def every_kind() -> list[dict[str, Any]]:
    """One event of each category, and one for each thing that can be said of an event."""
    messages = [make_message(slug, category=slug) for slug in SITE.region.categories]
    messages += [
        make_message("cancelled", status="cancelled"),
        make_message("moved", previous_dates=OLD),
        make_message("longer", dates=OLD | {"end": "2027-08-08"}, previous_dates=OLD),
        make_message("postponed", dates=AUGUST, previous_dates=OLD),
        make_message("unknown-kind", category="no-longer-there"),
        make_message("place", venue=PLACE, website="https://example.org/ż"),
        make_message("month", dates=AUGUST),
        make_timed("hours", "2027-12-14T18:00", "2027-12-14T20:00"),
        make_message("organiser", organiser=Organiser("um-szczecin", "Szczecin")),
    ]
    for availability in ("available", "few_left", "sold_out", "registration_required"):
        tickets = {"url": "https://example.org/t", "availability": availability}
        messages.append(make_message(availability, tickets=tickets))
    messages.append(make_message("free", tickets={"free": True}))
    register = {"registration_url": "https://example.org/r", "registration_until": "2027-08-10T18:00"}
    for_some: dict[str, Any] = {
        "audience": ["families", "children"],
        "ages": {"min": 3, "max": 12},
        "setting": ["indoors"],
    }
    messages.append(make_message("facts", tickets=register, licence="CC-BY-4.0", **for_some))
    return [thing(message, language) for message in messages for language in ("pl", "de")]


def test_everything_that_is_said_is_vocabulary_of_schema_org(tmp_path: Path) -> None:
    assert judge(tmp_path, every_kind()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"eventStatus": "https://schema.org/EventPosponed"},
        {"nmae": "Żagle"},
        {"offers": {"@type": "Offer", "availability": "https://schema.org/Sold"}},
        {"location": {"@type": "Place", "adress": "x"}},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_the_judge_finds_what_is_no_vocabulary(tmp_path: Path, wrong: dict[str, Any]) -> None:
    assert judge(tmp_path, [thing(make_message()) | wrong]) != []


def test_google_finds_what_it_requires() -> None:
    for found in every_kind():
        assert found["name"]
        assert re.fullmatch(r"\d{4}-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2})?)?", found["startDate"])
        assert found["location"]["name"]
        assert found["location"]["address"]["addressLocality"]
        assert ("previousStartDate" in found) == found["eventStatus"].endswith("/EventRescheduled")
        assert found["url"].startswith("https://")
