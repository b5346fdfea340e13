"""Sensible messages of the programme and everything to render them with; override by keyword."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from services.distribution.formats import Site
from services.distribution.programme.model import Programme
from shared.messages import EventFacets, EventPublished, EventWithdrawn, Organiser
from shared.region import Region, load_region

PACK = Path(__file__).parents[3] / "deploy" / "region"
ADDRESS = "https://kalendarium.example.org"
LOT = Organiser("lot-szczecin", "LOT Szczecin")


class Clock:
    """A clock that stands until it is set, at half past a second."""

    def __init__(self) -> None:
        self.now = 1_793_613_600.5

    def __call__(self) -> float:
        return self.now


def make_event(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Make an event's public content: an exact festival of three days, in Polish and German."""
    return {
        "title": {"pl": "Żagle", "de": "Segeltage"},
        "summary": {"pl": "Wielkie żaglowce.", "de": "Große Segelschiffe."},
        "category": "maritime",
        "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"},
        "venue": {"town": "Szczecin", "county": "3262", "name": "Wały Chrobrego", "lat": 53.43, "lon": 14.565},
    } | fields


def make_message(event_id: str = "0198a", revision: int = 1, **fields: Any) -> EventPublished:  # noqa: ANN401 - any field
    """Make the message about a public event; what is no field of the message goes into its event."""
    known = {name: fields.pop(name) for name in EventPublished.__struct_fields__ if name in fields}
    defaults: dict[str, Any] = {
        "status": "confirmed",
        "organiser": LOT,
        "external_id": event_id,
        "published_at": "2026-11-01T10:00:00.123Z",
        "changed_at": f"2026-11-02T10:{revision % 60:02d}:00.456Z",
        "event": make_event(**fields),
    }
    return EventPublished(event_id=event_id, revision=revision, **(defaults | known))


def make_timed(event_id: str, start: str, end: str, **folds: int) -> EventPublished:
    """Make an event with hours, local to the region."""
    return make_message(event_id, dates={"certainty": "exact", "start": start, "end": end, **folds})


def make_evenings(event_id: str = "a", **fields: Any) -> EventPublished:  # noqa: ANN401 - any field
    """Make an event that repeats four times round a clock change; one evening is off and one moves."""
    recurrence = {
        "rrule": "FREQ=WEEKLY;COUNT=4",
        "exceptions": [
            {"date": "2027-10-23T18:00", "status": "cancelled", "note": {"pl": "Wichura.", "de": "Sturm."}},
            {"date": "2027-10-30T18:00", "status": "moved", "start": "2027-10-31T17:00", "end": "2027-10-31T19:00"},
        ],
    }
    dates = {"certainty": "exact", "start": "2027-10-16T18:00", "end": "2027-10-16T20:00", "recurrence": recurrence}
    return make_message(event_id, dates=dates, **fields)


def make_withdrawal(
    event_id: str = "0198a",
    revision: int = 2,
    withdrawn_at: str = "2026-11-03T10:00:00Z",
    facets: EventFacets | None = None,
) -> bytes:
    """Make the message that an event is no longer public, as it stands on the log."""
    return encode(EventWithdrawn(event_id=event_id, revision=revision, withdrawn_at=withdrawn_at, facets=facets))


def encode(message: EventPublished | EventWithdrawn) -> bytes:
    """Write a message as it stands on the log."""
    return msgspec.json.encode(message)


def make_programme(messages: Iterable[EventPublished]) -> Programme:
    """Make a programme that holds these events."""
    programme = Programme()
    for message in messages:
        programme.publish(encode(message))
    return programme


def make_region() -> Region:
    """Read the region pack of this repository."""
    return load_region(PACK)


def make_site(region: Region | None = None) -> Site:
    """Make an imprint at an address of the examples."""
    return Site(region or make_region(), ADDRESS)
