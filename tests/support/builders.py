"""What the tests of the whole system send in; name what matters to the test, the rest is sensible."""

from __future__ import annotations

from typing import Any


def make_submission(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - an event's fields are of all kinds
    """An event as an organisation submits it."""
    return {
        "external_id": "zagle-2027",
        "title": {"pl": "Żagle", "de": "Żagle – Stettiner Segeltage"},
        "summary": {"pl": "Żaglowce przy Wałach Chrobrego."},
        "category": "maritime",
        "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"},
        "venue": {"name": "Wały Chrobrego", "town": "Szczecin", "county": "3262"},
    } | changes
