"""iCalendar (RFC 5545, 7986, 9253): one VEVENT an event, under a constant head and time zone.

An event that repeats has one more for each occurrence that is cancelled or moved.

No METHOD and no UID at the calendar: Outlook and Google stop updating a subscription that has them.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from itertools import groupby
from typing import Final

from icalendar import Calendar, Component, Event, Timezone, vDuration, vRecur, vText
from icalendar.prop import vInline

from services.distribution.formats.port import FeedHead
from services.distribution.presentation.clean import clean_line
from services.distribution.presentation.dates import DayRange, EventTime, TimeRange, TimeToDay, write_rrule
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from services.distribution.presentation.pictures import FEED_TYPE
from services.distribution.presentation.site import Site
from services.distribution.programme.selection import Query
from shared.decimals import write_degrees
from shared.event.date_phrases import format_exception
from shared.event.recurrence import Occurrence, list_planned
from shared.event.vocabulary import Licence
from shared.messages import EventPublished, EventWithdrawn

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
"""Right in every client for all dates since 1996, unlike what libraries generate."""

REFRESH: Final = timedelta(hours=1)
BADGE_WIDTH: Final = 800
_END: Final = b"END:VCALENDAR\r\n"
_WELL_FORMED = re.compile(rb"BEGIN:VEVENT\r\n(?:[^\x00-\x08\x0a-\x1f\x7f]{1,75}\r\n)+END:VEVENT\r\n")


class MalformedEvent(Exception):
    """A rendered VEVENT would make readers refuse the whole feed."""


class ICal:
    extension = "ics"
    content_type = "text/calendar; charset=utf-8"
    separator = b""
    window = None

    def __init__(self, site: Site) -> None:
        self._site = site
        # A feed's head is written with each of its changes; only an instant in it differs.
        self._render_calendar = lru_cache(maxsize=256)(partial(_render_calendar, site))

    def render_head(self, heading: FeedHead) -> bytes:
        opened = self._render_calendar(heading.query)
        if heading.newest:
            opened += f"LAST-MODIFIED:{_parse_instant(heading.newest):%Y%m%dT%H%M%SZ}\r\n".encode()
        return opened + _render_zone(self._site)

    def render_event(self, message: EventPublished, language: str) -> bytes:
        """Raises MalformedEvent: a line over 75 octets, a bare line feed or a control character."""
        blocks = [each.to_ical() for each in build_vevents(localize(message, language, self._site))]
        if not all(map(_WELL_FORMED.fullmatch, blocks)):
            raise MalformedEvent(message.event_id)
        return b"".join(blocks)

    def render_notice(self, message: EventPublished, language: str) -> bytes:
        """Calendars learn of changes from the event itself; this is never called."""
        raise NotImplementedError(f"{message.event_id} in {language}")

    def render_tail(self) -> bytes:
        return _END


def render_file(event: LocalizedEvent) -> bytes:
    """Render the file of one event, for one import or to follow by webcal."""
    # METHOD:PUBLISH requires an ORGANIZER (RFC 5546, section 3.2.1).
    site = event.site
    calendar = _create_calendar(site, event.language)
    calendar.add("METHOD", "PUBLISH")
    _add_name(calendar, event.headline, event.title.language)
    _add_source(calendar, site, source=f"{event.url}.ics", page=event.url)
    calendar.add("LAST-MODIFIED", _parse_instant(event.message.changed_at))
    vevents = build_vevents(event)
    for vevent in vevents:
        vevent.add("ORGANIZER", event.website or event.url, parameters={"CN": event.organiser})
    return b"".join([_render_opening(calendar), _render_zone(site), *(each.to_ical() for each in vevents), _END])


def render_withdrawn_file(message: EventWithdrawn, language: str, site: Site, *, name: str) -> bytes:
    """Render the file of a withdrawn event, for calendars that follow it: without any event.

    A calendar copies what the file holds, so the event disappears; a 410 it would request again and again. A cancelled
    event would need a title and dates, and METHOD:PUBLISH needs an event.
    """
    calendar = _create_calendar(site, language)
    page = site.build_event_url(message.event_id, language)
    _add_name(calendar, name, language)
    _add_source(calendar, site, source=f"{page}.ics", page=page)
    calendar.add("LAST-MODIFIED", _parse_instant(message.withdrawn_at))
    return b"".join([_render_opening(calendar), _render_zone(site), _END])


def build_vevents(event: LocalizedEvent) -> list[Event]:
    """An event, and each of its occurrences that its rule does not say."""
    whole = build_vevent(event)
    if event.content.dates.recurrence is None:
        return [whole]
    named = [each for each in event.occurrences if each[0].status != "planned" or _crosses_change(each[1])]
    return [whole, *(_build_occurrence(event, occurrence, times) for occurrence, times in named)]


def build_vevent(event: LocalizedEvent) -> Event:
    vevent = _create_vevent(event, is_cancelled=event.is_off)
    _add_dates(vevent, event.when, event)
    _add_repeats(vevent, event)
    _add_texts(vevent, event)
    return vevent


def _create_vevent(event: LocalizedEvent, *, is_cancelled: bool) -> Event:
    """RFC 5545 has no status for "postponed": on its date nothing takes place, as if it were cancelled."""
    message = event.message
    vevent = Event()
    changed = _parse_instant(message.changed_at)
    vevent.add("UID", event.site.build_uid(message.event_id))
    vevent.add("DTSTAMP", changed)
    vevent.add("LAST-MODIFIED", changed)
    vevent.add("CREATED", _parse_instant(message.published_at))
    vevent.add("SEQUENCE", message.revision)
    vevent.add("STATUS", "CANCELLED" if is_cancelled else "TENTATIVE" if event.is_tentative else "CONFIRMED")
    vevent.add("TRANSP", "TRANSPARENT")
    vevent.add("X-MICROSOFT-CDO-BUSYSTATUS", vText("FREE"))
    return vevent


def _build_occurrence(event: LocalizedEvent, occurrence: Occurrence, times: EventTime) -> Event:
    """One occurrence by its planned start. A cancelled one stays, so marked: a silent EXDATE would tell nobody."""
    dates, phrases, is_planned = event.content.dates, event.phrases, occurrence.status == "planned"
    is_cancelled = event.is_off or occurrence.status == "cancelled"
    vevent = _create_vevent(event, is_cancelled=is_cancelled)
    vevent.add("RECURRENCE-ID", _parse_start(occurrence.date, event))
    _add_dates(vevent, times, event)
    word = phrases.postponed if event.is_postponed else phrases.cancelled if is_cancelled else phrases.moved
    title = f"{word}{phrases.colon}{event.title.value}"
    vevent.add("SUMMARY", vText(event.headline if is_planned else title), parameters={"LANGUAGE": event.title.language})
    said = event.date_text if is_planned else clean_line(format_exception(occurrence, dates, event.language))
    lines = [said, *filter(None, [event.reported_text]), "", f"{phrases.more}{phrases.colon}{event.url}"]
    vevent.add("DESCRIPTION", vText("\n".join(lines)), parameters={"LANGUAGE": event.language})
    _add_facts(vevent, event)
    return vevent


def _crosses_change(times: EventTime) -> bool:
    """Whether clocks change between start and end: hours by the clock and elapsed hours differ, and so do readers."""
    return isinstance(times, TimeRange) and times.end is not None and times.start.utcoffset() != times.end.utcoffset()


def _add_repeats(vevent: Event, event: LocalizedEvent) -> None:
    recurrence = event.content.dates.recurrence
    if recurrence is None:
        return
    if not _is_local(event):  # a rule in UTC would miss the clock changes
        starts = [start for start, _end in list_planned(event.content.dates)[1:]]
    else:
        starts = sorted(set(recurrence.rdates) - set(recurrence.exdates))
        if rule := write_rrule(event.content.dates, event.site.region.time_zone):
            vevent.add("RRULE", vRecur.from_ical(rule))
    left_out = sorted(recurrence.exdates) if "RRULE" in vevent else []
    parameters = {} if isinstance(event.when, TimeRange) else {"VALUE": "DATE"}
    for name, moments in (("RDATE", starts), ("EXDATE", left_out)):
        if moments:
            vevent.add(name, [_parse_start(each, event) for each in moments], parameters=parameters)


def _parse_start(written: str, event: LocalizedEvent) -> date:
    """Read the start of an occurrence as a day, or in the zone of its event."""
    if not isinstance(event.when, TimeRange):
        return date.fromisoformat(written[:10])
    start = datetime.fromisoformat(written).replace(tzinfo=event.site.region.time_zone)
    return start if _is_local(event) else start.astimezone(UTC)


def _add_dates(vevent: Event, found: EventTime, event: LocalizedEvent) -> None:
    """Without an hour of its end an event is whole days: a start alone would be gone on the days that follow."""
    if isinstance(found, TimeToDay):
        found = found.days
    if isinstance(found, DayRange):
        vevent.add("DTSTART", found.first)
        vevent.add("DTEND", found.exclusive_end)
        return
    vevent.add("DTSTART", _choose_zone(found.start, found, event))
    if found.end and event.content.dates.recurrence and "RECURRENCE-ID" not in vevent and _crosses_change(found):
        vevent.add("DURATION", found.end.replace(tzinfo=None) - found.start.replace(tzinfo=None))  # of all others
    elif found.end:
        vevent.add("DTEND", _choose_zone(found.end, found, event))


def _choose_zone(time: datetime, times: TimeRange, event: LocalizedEvent) -> datetime:
    """Local with our zone, or UTC where local time is ambiguous."""
    return time if _is_local(event) and not times.needs_utc else time.astimezone(UTC)


def _is_local(event: LocalizedEvent) -> bool:
    return event.site.region.time_zone.key == ZONE


def _add_texts(vevent: Event, event: LocalizedEvent) -> None:
    vevent.add("SUMMARY", vText(event.headline), parameters={"LANGUAGE": event.title.language})
    vevent.add("DESCRIPTION", vText(event.build_text()), parameters={"LANGUAGE": event.body_language})
    _add_facts(vevent, event)


def _add_facts(vevent: Event, event: LocalizedEvent) -> None:
    """Say what one occurrence must say again: readers take its entry for the whole one, and inherit nothing."""
    venue = event.content.venue
    vevent.add("LOCATION", vText(event.location))
    vevent.add("CONTACT", vText(event.organiser))
    vevent.add("URL", event.url)
    if event.umbrella_id:
        vevent.add("RELATED-TO", event.site.build_uid(event.umbrella_id), parameters={"RELTYPE": "PARENT"})
    for language, categories in groupby(event.category_texts, key=lambda text: text.language):
        vevent.add("CATEGORIES", [text.value for text in categories], parameters={"LANGUAGE": language})
    if event.licence:
        _add_licence(vevent, event.licence)
    _add_picture(vevent, event)
    if venue.lat is not None and venue.lon is not None:
        vevent["GEO"] = vInline(f"{write_degrees(venue.lat)};{write_degrees(venue.lon)}")  # vGeo writes 1e-05


def _add_picture(vevent: Event, event: LocalizedEvent) -> None:
    """Add a picture for lists and details; RFC 7986 (section 5.10) has no default type, hence VALUE."""
    if event.picture:
        parameters = {"VALUE": "URI", "DISPLAY": "BADGE", "FMTTYPE": FEED_TYPE}
        vevent.add("IMAGE", event.picture.build_url(BADGE_WIDTH), parameters=parameters)


def _create_calendar(site: Site, language: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", f"-//{site.region.uid_domain}//Kalendarium//{language.upper()}")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    return calendar


def _render_opening(calendar: Calendar) -> bytes:
    """Render a calendar without its last line, so that components can follow."""
    written: bytes = calendar.to_ical()
    return written.removesuffix(_END)


def _render_calendar(site: Site, query: Query) -> bytes:
    calendar = _create_calendar(site, query.language)
    _add_name(calendar, site.build_feed_title(query), query.language)
    for name in ("DESCRIPTION", "X-WR-CALDESC"):
        calendar.add(name, vText(site.build_feed_description(query)), parameters={"LANGUAGE": query.language})
    _add_source(calendar, site, source=site.build_feed_url(query, "ics"), page=site.build_selection_url(query))
    if site.licence:
        _add_licence(calendar, site.licence)
    return _render_opening(calendar)


def _add_name(calendar: Calendar, title: str, language: str) -> None:
    """The library writes NAME and X- properties unescaped, hence ``vText``."""
    for name in ("NAME", "X-WR-CALNAME"):
        calendar.add(name, vText(title), parameters={"LANGUAGE": language})


def _add_source(calendar: Calendar, site: Site, *, source: str, page: str) -> None:
    """RFC 7986's properties have no default type, hence the VALUE parameters."""
    calendar.add("X-WR-TIMEZONE", vText(site.region.time_zone.key))
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH))
    calendar.add("SOURCE", source, parameters={"VALUE": "URI"})
    calendar.add("URL", page)


def _add_licence(component: Component, licence: Licence) -> None:
    component.add("LINK", licence.url, parameters={"LINKREL": "license", "VALUE": "URI"})


def _render_zone(site: Site) -> bytes:
    """An empty feed needs it too: a calendar must hold at least one component."""
    if site.region.time_zone.key == ZONE:
        return VTIMEZONE.encode()
    utc: bytes = Timezone.from_tzid("UTC").to_ical()
    return utc


def _parse_instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
