"""iCalendar (RFC 5545, 7986) for subscriptions: one VEVENT block an event, under a constant head and time zone.

No METHOD and no UID at the calendar: see standards.md section 0 for what they break. The library is trusted with
escaping and folding; what it leaves to us is said where it is done.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Final

from icalendar import Calendar, Event, Timezone, vDuration, vText

from services.distribution.formats.dates import AllDay, Timed
from services.distribution.formats.imprint import Imprint
from services.distribution.formats.port import Heading
from services.distribution.formats.reading import Reading, read
from services.distribution.selection import Asked
from shared.messages import EventPublished

ZONE: Final = "Europe/Warsaw"
VTIMEZONE: Final = """\
BEGIN:VTIMEZONE
TZID:Europe/Warsaw
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
""".replace("\n", "\r\n")
"""Right in every client for all dates since 1996, unlike what libraries generate (standards.md 1.4)."""

REFRESH: Final = timedelta(hours=1)
_END: Final = b"END:VCALENDAR\r\n"
_WELL_FORMED = re.compile(rb"BEGIN:VEVENT\r\n(?:[^\x00-\x08\x0a-\x1f\x7f]{1,75}\r\n)+END:VEVENT\r\n")


class BlockNotWellFormed(Exception):
    """A rendered block would make readers refuse the whole feed."""


class ICal:
    """The format of calendars."""

    extension = "ics"
    content_type = "text/calendar; charset=utf-8"
    joiner = b""
    newest_first = False

    def __init__(self, imprint: Imprint) -> None:
        self._imprint = imprint
        # A feed's head is written with each of its changes; only an instant in it differs.
        self._describe = lru_cache(maxsize=256)(partial(_described, imprint))

    def head(self, heading: Heading) -> bytes:
        """Write the calendar's own properties and the time zone."""
        opened = self._describe(heading.asked)
        if heading.newest:
            opened += f"LAST-MODIFIED:{_instant(heading.newest):%Y%m%dT%H%M%SZ}\r\n".encode()
        return opened + _zone(self._imprint)

    def block(self, message: EventPublished, language: str) -> bytes:
        """Write one VEVENT.

        Raises:
            BlockNotWellFormed: if the result has a line over 75 octets, a bare line feed or a control character.

        """
        block: bytes = vevent(read(message, language, self._imprint)).to_ical()
        if not _WELL_FORMED.fullmatch(block):
            raise BlockNotWellFormed(message.event_id)
        return block

    def tail(self) -> bytes:
        """Close the calendar."""
        return _END


def single(message: EventPublished, language: str, imprint: Imprint) -> bytes:
    """Write the file of one event for downloading: METHOD:PUBLISH, and therefore an ORGANIZER (standards.md 1.1)."""
    reading = read(message, language, imprint)
    calendar = _calendar(imprint, language)
    calendar.add("METHOD", "PUBLISH")
    event = vevent(reading)
    event.add("ORGANIZER", reading.website or reading.page, parameters={"CN": reading.organiser})
    return b"".join([_opened(calendar), _zone(imprint), event.to_ical(), _END])


def vevent(reading: Reading) -> Event:
    """Make the VEVENT of an event."""
    message = reading.message
    event = Event()
    changed = _instant(message.changed_at)
    event.add("UID", reading.imprint.uid(message.event_id))
    event.add("DTSTAMP", changed)
    event.add("LAST-MODIFIED", changed)
    event.add("CREATED", _instant(message.published_at))
    event.add("SEQUENCE", message.revision)
    event.add("STATUS", "CANCELLED" if reading.cancelled else "TENTATIVE" if reading.tentative else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT")
    event.add("X-MICROSOFT-CDO-BUSYSTATUS", vText("FREE"))
    _add_dates(event, reading)
    _add_texts(event, reading)
    return event


def _add_dates(event: Event, reading: Reading) -> None:
    found = reading.when
    if isinstance(found, AllDay):
        event.add("DTSTART", found.first)
        event.add("DTEND", found.after)
        return
    event.add("DTSTART", _time(found.start, found, reading))
    if found.end:
        event.add("DTEND", _time(found.end, found, reading))


def _time(time: datetime, times: Timed, reading: Reading) -> datetime:
    """Give a time in the form every reader takes: local with our zone, or UTC where that would be ambiguous."""
    local = reading.imprint.region.time_zone.key == ZONE and not times.needs_utc
    return time if local else time.astimezone(UTC)


def _add_texts(event: Event, reading: Reading) -> None:
    venue = reading.event.venue
    event.add("SUMMARY", vText(reading.headline), parameters={"LANGUAGE": reading.title.language})
    event.add("DESCRIPTION", vText(reading.complete()), parameters={"LANGUAGE": reading.body_language})
    event.add("LOCATION", vText(reading.place))
    event.add("CONTACT", vText(reading.organiser))
    event.add("URL", reading.page)
    if reading.categories:
        event.add("CATEGORIES", list(reading.categories), parameters={"LANGUAGE": reading.language})
    if venue.lat is not None and venue.lon is not None:
        event.add("GEO", (round(venue.lat, 6), round(venue.lon, 6)))


def _calendar(imprint: Imprint, language: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", f"-//{imprint.region.uid_domain}//Kalendarium//{language.upper()}")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    return calendar


def _opened(calendar: Calendar) -> bytes:
    """Write a calendar without its last line, so that components can follow."""
    written: bytes = calendar.to_ical()
    return written.removesuffix(_END)


def _described(imprint: Imprint, asked: Asked) -> bytes:
    """Open a calendar, name it, and say where it is from and how often it is worth a look.

    The library writes NAME and X- properties as they come, hence ``vText``; and RFC 7986's properties have no default
    type, hence their VALUE parameters (standards.md 0.4, 1.1).
    """
    calendar = _calendar(imprint, asked.language)
    language = {"LANGUAGE": asked.language}
    for name in ("NAME", "X-WR-CALNAME"):
        calendar.add(name, vText(imprint.feed_title(asked)), parameters=language)
    for name in ("DESCRIPTION", "X-WR-CALDESC"):
        calendar.add(name, vText(imprint.feed_description(asked)), parameters=language)
    calendar.add("X-WR-TIMEZONE", vText(imprint.region.time_zone.key))
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH))
    calendar.add("SOURCE", imprint.feed_url(asked, "ics"), parameters={"VALUE": "URI"})
    calendar.add("URL", imprint.selection_page(asked))
    return _opened(calendar)


def _zone(imprint: Imprint) -> bytes:
    """Write the time zone. An empty feed needs it too: a calendar must hold at least one component."""
    if imprint.region.time_zone.key == ZONE:
        return VTIMEZONE.encode()
    utc: bytes = Timezone.from_tzid("UTC").to_ical()
    return utc


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
