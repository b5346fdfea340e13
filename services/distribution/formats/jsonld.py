"""schema.org JSON-LD for an event's page (standards.md 2.8). Days are inclusive here, unlike in iCalendar."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from services.distribution.formats.dates import AllDay, when
from services.distribution.formats.reading import Reading
from shared.messages import Dates

_ESCAPES: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def jsonld(reading: Reading) -> str:
    """Write an event as the text of a script element; nothing in it can end that element."""
    written = msgspec.json.encode(_event(reading)).decode()
    return "".join(_ESCAPES.get(character, character) for character in written)


def _event(reading: Reading) -> dict[str, Any]:
    imprint, message = reading.imprint, reading.message
    category = imprint.region.categories.get(reading.event.category)
    default = imprint.region.languages.default
    event = {
        "@context": "https://schema.org",
        "@type": category.schema_org if category else "Event",
        "@id": f"{imprint.event_page(message.event_id, default)}#event",
        "identifier": imprint.uid(message.event_id),
        "name": reading.title.value,
        "description": (reading.summary or reading.description or reading.title).value,
        "url": reading.page,
        "sameAs": reading.website,
        "inLanguage": reading.body_language,
        **_days(reading.event.dates, reading),
        "eventStatus": f"https://schema.org/{_status(reading)}",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": _place(reading),
        "organizer": _organiser(reading),
        "isAccessibleForFree": reading.event.tickets.free,
        "offers": _offer(reading),
    }
    previous = reading.previous_dates
    if previous and not reading.cancelled:
        event["previousStartDate"] = _days(previous, reading)["startDate"]
    return {name: value for name, value in event.items() if value is not None}


def _status(reading: Reading) -> str:
    if reading.cancelled:
        return "EventCancelled"
    return "EventRescheduled" if reading.previous_dates else "EventScheduled"


def _days(dates: Dates, reading: Reading) -> dict[str, str]:
    """Say when; an open day is left open, by the month alone (ISO 8601 reduced precision)."""
    if dates.certainty in {"month", "season"}:
        first, last = dates.start[:7], dates.end[:7]
        return {"startDate": first} if first == last else {"startDate": first, "endDate": last}
    found = when(dates, reading.imprint.region.time_zone)
    if isinstance(found, AllDay):
        return {"startDate": found.first.isoformat(), "endDate": found.last.isoformat()}
    end = {"endDate": found.end.isoformat()} if found.end else {}
    return {"startDate": found.start.isoformat(), **end}


def _place(reading: Reading) -> dict[str, Any]:
    venue, region = reading.event.venue, reading.imprint.region
    address = {
        "@type": "PostalAddress",
        "streetAddress": venue.street,
        "postalCode": venue.postcode,
        "addressLocality": venue.town,
        "addressRegion": region.label(reading.language),
        "addressCountry": region.country,
    }
    place = {
        "@type": "Place",
        "name": venue.name or venue.town,
        "address": {name: value for name, value in address.items() if value},
    }
    if venue.lat is not None and venue.lon is not None:
        place["geo"] = {"@type": "GeoCoordinates", "latitude": venue.lat, "longitude": venue.lon}
    return place


def _organiser(reading: Reading) -> dict[str, Any]:
    known = reading.imprint.region.organisations.get(reading.message.organiser.slug)
    organiser = {"@type": "Organization", "name": reading.organiser}
    return organiser | {"url": known.website} if known and known.verified and known.website else organiser


def _offer(reading: Reading) -> dict[str, Any] | None:
    offer = {"@type": "Offer"}
    if reading.event.tickets.free:
        return offer | {"price": 0, "priceCurrency": "PLN", "url": reading.page}
    return offer | {"url": reading.tickets_page} if reading.tickets_page else None
