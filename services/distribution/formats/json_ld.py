"""schema.org JSON-LD of an event's page. End days are inclusive, unlike in iCalendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

import msgspec

from services.distribution.presentation.dates import DayRange, EventTime, TimeToDay, parse_time
from services.distribution.presentation.localized_event import LocalizedEvent
from services.distribution.presentation.pictures import FEED_TYPE, EventPicture
from shared.event.audience_phrases import AUDIENCE
from shared.event.days import get_last_day
from shared.event.model import SPANS, Ages, Dates
from shared.event.opening_hours import DAYS as OPEN_DAYS
from shared.event.recurrence import WEEKDAYS, Occurrence, Rule, list_planned, parse_rule
from shared.i18n.text import load_phrases

_AVAILABILITY: Final = {"available": "InStock", "few_left": "LimitedAvailability", "sold_out": "SoldOut"}
"""There is no word for "only if you register"."""
MAX_PARTS: Final = 60
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ESCAPES: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def render_json_ld(
    event: LocalizedEvent,
    *,
    since: str = "",
    umbrella: LocalizedEvent | None = None,
    parts: Sequence[LocalizedEvent] = (),
) -> str:
    """Render an event as the text of a script element; nothing in it can end that element.

    Of one that repeats the occurrences from the day ``since`` are parts, at most :data:`MAX_PARTS`; so are the events
    that are parts of it.
    """
    times = _build_repeats(event, since) if event.content.dates.recurrence else _build_opening_hours(event)
    document = _build_event(event) | times
    if umbrella:
        document["superEvent"] = _build_related(umbrella)
    if parts:
        document["subEvent"] = [*document.get("subEvent", ()), *map(_build_related, parts[:MAX_PARTS])]
    written = msgspec.json.encode(document).decode()
    return "".join(_ESCAPES.get(character, character) for character in written)


def _build_event(event: LocalizedEvent) -> dict[str, Any]:
    site, message = event.site, event.message
    category = site.region.categories.get(event.content.category)
    default = site.region.languages.default
    about = event.summary or event.description or event.title
    document = {
        "@context": "https://schema.org",
        "@type": category.schema_org if category else "Event",
        "@id": f"{site.build_event_url(message.event_id, default)}#event",
        "identifier": site.build_uid(message.event_id),
        "name": event.title.value,
        "description": "\n".join([about.value, *_list_ways(event)]),
        "url": event.url,
        "sameAs": event.website,
        "image": [_build_image(each) for each in event.pictures] or None,
        "inLanguage": about.language,
        **_build_status_and_dates(event),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": _build_place(event),
        "organizer": _build_organiser(event),
        "isAccessibleForFree": event.content.tickets.free,
        "offers": _build_offer(event),
        "audience": _build_audience(event) or None,
        "typicalAgeRange": _build_age_range(event.content.ages),
        "subjectOf": _build_page(event),
    }
    return {name: value for name, value in document.items() if value is not None}


def _list_ways(event: LocalizedEvent) -> list[str]:
    """Doors and starting point in words: an event has one ``location``, and no property for where it begins."""
    phrases = event.phrases
    ways = {phrases.arrival: event.arrival_text, phrases.start: event.start_text}
    return [f"{label}{phrases.colon}{words}" for label, words in ways.items() if words]


def _build_related(event: LocalizedEvent) -> dict[str, Any]:
    """An umbrella event or a part: what a program needs to know that it is an event, and where there is more."""
    whole = _build_event(event)
    names = ("@type", "@id", "name", "url", "startDate", "endDate", "previousStartDate", "eventStatus", "location")
    return {name: whole[name] for name in names if name in whole}


def _build_repeats(event: LocalizedEvent, since: str) -> dict[str, Any]:
    to_come = [(each, times) for each, times in event.occurrences if get_last_day(each.start, each.end) >= since]
    first, last = map(_build_times, event.span)
    ends = {"startDate": first["startDate"], "endDate": last.get("endDate", last["startDate"])}
    parts = [_build_part(each, times, event) for each, times in to_come[:MAX_PARTS]]
    document = {**ends, "eventSchedule": _build_schedule(event), "subEvent": parts}
    return {name: value for name, value in document.items() if value}


def _build_opening_hours(event: LocalizedEvent) -> dict[str, Any]:
    """An event has no ``openingHoursSpecification`` in schema.org, and its place may be open at other hours."""
    dates = event.content.dates
    schedules = [
        {
            "@type": "Schedule",
            "repeatFrequency": "P1W",
            "byDay": [f"https://schema.org/{_DAYS[OPEN_DAYS.index(day)]}" for day in row.days if day in OPEN_DAYS],
            "startDate": dates.start[:10],
            "endDate": dates.end[:10],
            "startTime": f"{row.opens}:00",
            "endTime": f"{row.closes}:00",
            "scheduleTimezone": event.site.region.time_zone.key,
        }
        for row in dates.opening_hours
    ]
    return {"eventSchedule": schedules} if schedules else {}


def _build_part(occurrence: Occurrence, times: EventTime, event: LocalizedEvent) -> dict[str, Any]:
    part: dict[str, Any] = {"@type": "Event", "name": event.title.value, "url": event.url, **_build_times(times)}
    part["location"] = _build_place(event)
    if event.is_cancelled or occurrence.status == "cancelled":
        return part | _build_status("EventCancelled")
    if event.is_postponed:
        return part | _build_status("EventPostponed")
    if occurrence.status == "planned":
        return part | _build_status("EventScheduled")
    return part | _build_status("EventRescheduled") | {"previousStartDate": _write_start(occurrence.date, event)}


def _write_start(local: str, event: LocalizedEvent) -> str:
    """Write a planned start as schema.org wants it: a day, or a time with seconds and its offset."""
    return _build_times(parse_time(Dates("exact", local, local), event.site.region.time_zone))["startDate"]


def _build_schedule(event: LocalizedEvent) -> dict[str, Any] | None:
    """None for what a schedule cannot say: further dates, or the n-th of several days."""
    dates, recurrence = event.content.dates, event.content.dates.recurrence
    if recurrence is None or recurrence.rrule is None or recurrence.rdates:
        return None
    rule = parse_rule(recurrence.rrule)
    if "BYSETPOS" in rule.parts:
        return None
    planned = list_planned(dates)
    start, end = dates.start.partition("T")[2], dates.end.partition("T")[2]
    left_out = (*recurrence.exdates, *(each.date for each in recurrence.exceptions))
    schedule = {
        "@type": "Schedule",
        "repeatFrequency": f"P{rule.interval}{rule.frequency[0]}",
        "byDay": [_name_day(each) for each in _split_part(rule, "BYDAY")],
        "byMonth": [int(each) for each in _split_part(rule, "BYMONTH")],
        "byMonthDay": [int(each) for each in _split_part(rule, "BYMONTHDAY")],
        "startDate": planned[0][0][:10],
        "endDate": planned[-1][0][:10],
        "startTime": f"{start}:00" if start else "",
        "endTime": f"{end}:00" if end and dates.end != dates.start else "",
        "scheduleTimezone": event.site.region.time_zone.key,
        "exceptDate": [_write_start(each, event) for each in sorted(left_out)],
    }
    return {name: value for name, value in schedule.items() if value}


def _split_part(rule: Rule, name: str) -> list[str]:
    return rule.parts[name].split(",") if name in rule.parts else []


def _name_day(code: str) -> str:
    """Name a day in the words of schema.org; a numbered one (``1SA``) stays as iCalendar writes it."""
    return f"https://schema.org/{_DAYS[WEEKDAYS.index(code)]}" if code in WEEKDAYS else code


def _build_status_and_dates(event: LocalizedEvent) -> dict[str, str]:
    """Say whether and when it takes place.

    It is rescheduled only if it begins at another time than people knew. If they knew a day and there is none now, it
    is postponed, and keeps the dates it had until there is a new one.
    """
    dates, previous = _build_dates(event.content.dates, event), event.previous_dates
    if event.is_cancelled:
        return dates | _build_status("EventCancelled")
    if event.is_postponed:
        return dates | _build_status("EventPostponed")
    if previous is None:
        return dates | _build_status("EventScheduled")
    announced = _build_dates(previous, event)
    if event.content.dates.certainty in SPANS and previous.certainty not in SPANS:
        return announced | _build_status("EventPostponed")
    if announced["startDate"] == dates["startDate"]:
        return dates | _build_status("EventScheduled")
    return dates | _build_status("EventRescheduled") | {"previousStartDate": announced["startDate"]}


def _build_status(word: str) -> dict[str, str]:
    return {"eventStatus": f"https://schema.org/{word}"}


def _build_dates(dates: Dates, event: LocalizedEvent) -> dict[str, str]:
    """A month or season is written by its months alone (ISO 8601 reduced precision)."""
    if dates.certainty in SPANS:
        first, last = dates.start[:7], dates.end[:7]
        return {"startDate": first} if first == last else {"startDate": first, "endDate": last}
    return _build_times(parse_time(dates, event.site.region.time_zone))


def _build_times(found: EventTime) -> dict[str, str]:
    if isinstance(found, DayRange):
        return {"startDate": found.first.isoformat(), "endDate": found.last.isoformat()}
    if isinstance(found, TimeToDay):
        return {"startDate": found.start.isoformat(), "endDate": found.last.isoformat()}
    end = {"endDate": _move_off_midnight(found.end).isoformat()} if found.end else {}
    return {"startDate": found.start.isoformat(), **end}


def _move_off_midnight(end: datetime) -> datetime:
    """Keep an end at midnight from adding a day: search engines show the date."""
    return end - timedelta(seconds=1) if end.time() == time.min else end


def _build_place(event: LocalizedEvent) -> dict[str, Any]:
    venue, region = event.content.venue, event.site.region
    address = {
        "@type": "PostalAddress",
        "streetAddress": venue.street,
        "postalCode": venue.postcode,
        "addressLocality": venue.town,
        "addressRegion": region.get_label(event.language),
        "addressCountry": region.country,
    }
    place = {
        "@type": "Place",
        "name": venue.name or venue.town,
        "address": {name: value for name, value in address.items() if value},
    }
    if venue.lat is not None and venue.lon is not None:
        place["geo"] = {"@type": "GeoCoordinates", "latitude": venue.lat, "longitude": venue.lon}
    return {"@id": f"urn:uuid:{venue.id}"} | place if venue.id else place


def _build_organiser(event: LocalizedEvent) -> dict[str, Any]:
    known = event.site.region.organisations.get(event.message.organiser.slug)
    organiser = {"@type": "Organization", "name": event.organiser}
    return organiser | {"url": known.website} if known and known.verified and known.website else organiser


def _build_image(picture: EventPicture) -> dict[str, str]:
    """As search engines read the rights of a picture; ``license`` is an address, so a permission is only in words."""
    image = {
        "@type": "ImageObject",
        "contentUrl": picture.build_url(),
        "url": picture.build_url(),
        "encodingFormat": FEED_TYPE,
        "caption": picture.alt,
        "creditText": picture.credit,
        "copyrightNotice": picture.rights,
        "license": picture.licence_url,
    }
    return {name: value for name, value in image.items() if value}


def _build_audience(event: LocalizedEvent) -> list[dict[str, Any]]:
    ages = event.content.ages
    limits = {"suggestedMinAge": ages.min, "suggestedMaxAge": ages.max}
    known = {name: age for name, age in limits.items() if age is not None}
    translate = load_phrases(event.language).gettext
    return [
        {"@type": "PeopleAudience", "audienceType": translate(AUDIENCE[code]), **(known if code == "children" else {})}
        for code in event.content.audience
        if code in AUDIENCE
    ]


def _build_age_range(ages: Ages) -> str | None:
    """As schema.org has it: ``3-12``, ``6-``."""
    if ages.min is None and ages.max is None:
        return None
    return f"{ages.min or 0}-{'' if ages.max is None else ages.max}"


def _build_page(event: LocalizedEvent) -> dict[str, str] | None:
    """A licence is a work's in schema.org, not an event's: that of the page about it."""
    return {"@type": "WebPage", "url": event.url, "license": event.licence.url} if event.licence else None


def _build_offer(event: LocalizedEvent) -> dict[str, Any] | None:
    """Build the offer; None where only a price in words is known."""
    tickets = event.content.tickets
    known = _AVAILABILITY.get(tickets.availability or "")
    if not (tickets.free or event.tickets_url or event.registration_url or known):
        return None
    offer: dict[str, Any] = {"@type": "Offer", "url": event.tickets_url or event.registration_url or event.url}
    offer |= {"validThrough": event.registration_until} if event.registration_until else {}
    offer |= {"price": 0, "priceCurrency": "PLN"} if tickets.free else {}
    return offer | ({"availability": f"https://schema.org/{known}"} if known else {})
