"""The API's OpenAPI description, with one public event as its example, serialized by the routes' own code."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from services.distribution.api.events import serialize_event
from services.distribution.formats.json_feed import serialize_licence
from services.distribution.presentation.localized_event import localize
from services.distribution.presentation.site import Site
from shared.messages import EventPublished, Organiser
from shared.web.openapi import LICENCE, ApiDescription, Example

EVENT: Final = EventPublished(
    event_id="0192c1a6-0c00-7c5e-a0ae-3d2f6b1c9e01",
    revision=1,
    status="confirmed",
    organiser=Organiser("um-szczecin", "Urząd Miasta Szczecin"),
    external_id="zagle-2027",
    published_at="2026-11-23T08:30:00.000Z",
    changed_at="2026-11-23T08:30:00.000Z",
    event={
        "title": {"pl": "Żagle", "de": "Żagle – Stettiner Segeltage"},
        "summary": {"pl": "Trzy dni żaglowców, koncertów i jarmarku na Wałach Chrobrego."},
        "category": "maritime",
        "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"},
        "venue": {"name": "Wały Chrobrego", "town": "Szczecin", "county": "3262"},
    },
    previous_dates=None,
)
ICAL: Final = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//EN
BEGIN:VEVENT
UID:0192c1a6-0c00-7c5e-a0ae-3d2f6b1c9e01@example.org
DTSTAMP:20261123T083000Z
DTSTART;VALUE=DATE:20270814
DTEND;VALUE=DATE:20270817
SUMMARY:Żagle
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
RSS: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<rss version="2.0"><channel><title>Programme</title><link>https://example.org/pl/</link>'
    "<description>Events</description><item><title>Żagle</title>"
    "<link>https://example.org/pl/events/0192c1a6-0c00-7c5e-a0ae-3d2f6b1c9e01</link></item></channel></rss>"
)
JSON_FEED: Final = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Programme",
    "items": [
        {
            "id": "https://example.org/pl/events/0192c1a6-0c00-7c5e-a0ae-3d2f6b1c9e01",
            "title": "Żagle",
            "content_text": "14–16 August 2027\nSzczecin",
        }
    ],
}


def describe_api(site: Site) -> ApiDescription:
    event: dict[str, Any] = msgspec.to_builtins(serialize_event(localize(EVENT, "pl", site)))
    stated = {"licence": serialize_licence(site.licence)} if site.licence else {}
    licence = {"name": site.licence.name, "identifier": site.licence.code} if site.licence else LICENCE
    return ApiDescription(
        licence=licence,
        text="""
The public programme: everything that was accepted, open to everybody, without a key. The same filters select events
here and in the feeds: `county`, `category`, `audience` and `setting` may repeat (or), different ones narrow (and),
`from` and `to` take what overlaps. An id and a UID never change; `revision` rises with every public change.
""",
        tags={
            "events": "Public events, in the order of the programme.",
            "feeds": (
                "The same events for calendars and readers. RSS carries the newest items, JSON Feed all of them in "
                "pages (`next_url`); what changes while they are read moves to the front, so read from there again "
                "until an item is known. Readers show no item again that they know, so a cancellation, a move or the "
                "end of one is an item of its own, too: its id is the event's and `#rev` with the revision that "
                "brought it about, and in JSON it has `_notice` instead of `_event`."
            ),
            "media": "Pictures of the events that are public now.",
        },
        examples={
            "GET /api/v1/events": Example(responses={200: {"items": [event], "next": None, **stated}}),
            "GET /api/v1/events/{event_id}": Example(responses={200: event}),
            "GET /feeds/{file}": Example(
                media={"text/calendar": ICAL, "application/rss+xml": RSS, "application/feed+json": JSON_FEED}
            ),
        },
    )
