"""JSON Feed 1.1: one item an event and language, with the event's own facts in the ``_event`` extension."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from services.distribution.formats.clean import clean
from services.distribution.formats.dates import AllDay
from services.distribution.formats.dates import when as read_when
from services.distribution.formats.imprint import Imprint
from services.distribution.formats.port import Heading
from services.distribution.formats.reading import Reading, Text, read
from shared.messages import Dates, EventPublished, Tickets, Venue

VERSION: Final = "https://jsonfeed.org/version/1.1"
_OPEN: Final = b'"items":[]}'


class JsonFeed:
    """The format of programs."""

    extension = "json"
    content_type = "application/feed+json; charset=utf-8"
    joiner = b",\n"
    newest_first = False

    def __init__(self, imprint: Imprint) -> None:
        self._imprint = imprint

    def head(self, heading: Heading) -> bytes:
        """Write the feed's own members and open its items."""
        asked, imprint = heading.asked, self._imprint
        feed = {
            "version": VERSION,
            "title": imprint.feed_title(asked),
            "description": imprint.feed_description(asked),
            "home_page_url": imprint.selection_page(asked),
            "feed_url": imprint.feed_url(asked, "json"),
            "language": asked.language,
            "authors": [{"name": imprint.region.publisher_label(asked.language), "url": imprint.public_url}],
            "items": [],
        }
        return msgspec.json.encode(feed).removesuffix(_OPEN) + b'"items":[\n'

    def block(self, message: EventPublished, language: str) -> bytes:
        """Write one item."""
        return msgspec.json.encode(_item(read(message, language, self._imprint)))

    def tail(self) -> bytes:
        """Close the items and the feed."""
        return b"\n]}\n"


def _item(reading: Reading) -> dict[str, Any]:
    message = reading.message
    item = {
        "id": f"{reading.imprint.uid(message.event_id)}:{reading.language}",
        "url": reading.page,
        "external_url": reading.website,
        "title": reading.headline,
        "summary": reading.summary and reading.summary.value,
        "content_text": reading.complete(),
        "date_published": message.published_at,
        "date_modified": message.changed_at,
        "language": reading.body_language,
        "authors": [{"name": reading.organiser}],
        "tags": list(reading.categories),
        "_event": event_facts(reading),
    }
    return {name: value for name, value in item.items() if value is not None}


def event_facts(reading: Reading) -> dict[str, Any]:
    """Give the event's own facts: the ``_event`` extension.

    ``start`` and ``end`` are dates, both inclusive, if ``all_day``, else RFC 3339 times; ``end`` is null if it is not
    known. ``texts`` says in which language each text really is.
    """
    event, message = reading.event, reading.message
    previous = reading.previous_dates
    texts = {"title": reading.title, "summary": reading.summary, "description": reading.description}
    return {
        "about": f"{reading.imprint.public_url}/{reading.imprint.page_language(reading.language)}/subscribe#event",
        "uid": reading.imprint.uid(message.event_id),
        "revision": message.revision,
        "status": message.status,
        "certainty": event.dates.certainty,
        **_dates(event.dates, reading),
        "previous": previous and _dates(previous, reading),
        "time_zone": reading.imprint.region.time_zone.key,
        "title": reading.title.value,
        "description": _value(reading.description),
        "texts": {name: text.language for name, text in texts.items() if text},
        "category": event.category,
        "also": event.also,
        "venue": _venue(event.venue),
        "tickets": _tickets(event.tickets, reading),
        "accessibility": event.accessibility,
        "organiser": {"slug": message.organiser.slug, "name": reading.organiser},
    }


def _dates(dates: Dates, reading: Reading) -> dict[str, Any]:
    found = read_when(dates, reading.imprint.region.time_zone)
    if isinstance(found, AllDay):
        return {"all_day": True, "start": found.first.isoformat(), "end": found.last.isoformat()}
    return {"all_day": False, "start": found.start.isoformat(), "end": found.end and found.end.isoformat()}


def _venue(venue: Venue) -> dict[str, Any]:
    texts = {name: getattr(venue, name) for name in ("name", "street", "postcode", "town")}
    found: dict[str, Any] = {name: clean(text) for name, text in texts.items() if text}
    found["county"] = venue.county
    if venue.lat is not None and venue.lon is not None:
        found["geo"] = {"lat": venue.lat, "lon": venue.lon}
    return found


def _tickets(tickets: Tickets, reading: Reading) -> dict[str, Any]:
    return {"free": tickets.free, "price": _value(reading.price), "url": reading.tickets_page}


def _value(text: Text | None) -> str | None:
    return text.value if text else None
