"""Events as an organisation would send them; name what matters to the test, the rest is sensible."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from services.ingest.submission.content import SubmittedEvent, Vocabulary, parse_event

KNOWN = Vocabulary(
    categories=frozenset({"maritime", "family", "music-popular"}),
    counties=frozenset({"3262", "3201"}),
    zone=ZoneInfo("Europe/Warsaw"),
)


def make_event(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - an event's fields are of all kinds
    """An event with every field but images; a field given as None is left out."""
    event = {
        "title": {"pl": "Żagle", "de": "Żagle – Stettiner Segeltage"},
        "summary": {"pl": "Żaglowce przy Wałach Chrobrego."},
        "description": {"pl": "Trzy dni na Odrze.\n\nWstęp na pokłady od rana."},
        "category": "maritime",
        "also": ["family"],
        "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"},
        "venue": {
            "name": "Wały Chrobrego",
            "street": "Wały Chrobrego 1",
            "postcode": "70-500",
            "town": "Szczecin",
            "county": "3262",
            "lat": 53.43,
            "lon": 14.565,
        },
        "website": "https://zagle.example.pl/2027",
        "tickets": {"free": True},
        "accessibility": ["step_free", "accessible_toilet"],
        "contact": {"name": "Anna Żak", "email": "biuro@example.pl", "phone": "+48 91 123 45 67"},
    } | changes
    return {name: value for name, value in event.items() if value is not None}


def kept_event(**changes: Any) -> SubmittedEvent:  # noqa: ANN401 - an event's fields are of all kinds
    """The same event as it is kept."""
    return parse_event(make_event(**changes))
