"""What the page of an event shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup

from services.distribution.formats.json_ld import render_json_ld
from services.distribution.presentation.dates import DayRange, EventTime, TimeToDay, write_rrule
from services.distribution.presentation.localized_event import LocalizedEvent, LocalizedText
from services.distribution.presentation.pictures import EventPicture
from services.distribution.rows import (
    build_path,
    build_tags,
    describe_untranslated,
    get_foreign_language,
    get_local_language,
    mark_over,
)
from shared.decimals import write_degrees
from shared.event.accessibility_phrases import get_accessibility_label
from shared.event.audience_phrases import list_audience, list_settings
from shared.event.date_phrases import ExceptionLine, Stamp, format_dates, format_dates_in_full, format_day, make_stamp
from shared.event.days import get_last_day, get_span
from shared.event.model import Dates, StartPlace, Venue
from shared.event.recurrence import list_occurrences
from shared.event.ticket_phrases import describe_deadline
from shared.i18n.text import _
from shared.web.pages.layout import Link
from shared.web.pages.parts import Fact, FactLine, Tag
from shared.web_address import format_host

PAGE_WIDTH: Final = 800
"""Of the file for browsers that choose none of the others."""
MAX_NEXT: Final = 10
"""Of an event that repeats so many dates to come are listed."""


@dataclass(frozen=True, slots=True)
class CalendarLinks:
    """``google`` is empty where its link cannot say all dates."""

    file: str
    open: str
    google: str
    subscribe: str


@dataclass(frozen=True, slots=True)
class UmbrellaHeading:
    """``lang`` is empty where it is the page's."""

    title: str
    url: str
    lang: str


@dataclass(frozen=True, slots=True)
class ExceptionView:
    """``note_lang`` is empty where it is the page's."""

    said: str
    note: str
    note_lang: str


@dataclass(frozen=True, slots=True)
class PictureView:
    """For ``parts/picture.html``."""

    src: str
    srcset: str
    alt: str
    alt_lang: str
    credit: str
    licence: str
    licence_url: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """Languages are empty where they are the page's; ``description`` is for search engines.

    ``preview`` is the address of the picture that other sites show with a link.
    """

    title: str
    title_lang: str
    stamp: Stamp
    when: str
    next_dates: Sequence[str]
    exceptions: Sequence[ExceptionView]
    tags: Sequence[Tag]
    over: bool
    certainty: str
    cancelled: bool
    postponed: bool
    previous: str
    end_unknown: bool
    reported: str
    confirmed: str
    edition: int | None
    fallback: Sequence[str]
    summary: LocalizedText | None
    summary_lang: str
    paragraphs: Sequence[str]
    paragraphs_lang: str
    facts: Sequence[Fact]
    calendar: CalendarLinks
    licence_url: str
    pictures: Sequence[PictureView]
    preview: str
    preview_alt: str
    jsonld: Markup
    description: str
    umbrella: UmbrellaHeading | None = None


def build_event_page(
    event: LocalizedEvent,
    *,
    today: str,
    umbrella: LocalizedEvent | None = None,
    parts: Sequence[LocalizedEvent] = (),
) -> EventPage:
    """``umbrella`` is the event that this one is part of, if it is public; ``parts`` are its own public parts."""
    over = get_span(event.content.dates)[1] < today
    content, previous, description = event.content, event.previous_dates, event.description
    return EventPage(
        title=event.title.value,
        title_lang=get_foreign_language(event.title.language, event),
        stamp=make_stamp(content.dates, event.language, "cancelled" if event.is_off else "confirmed", large=True),
        when=format_dates_in_full(content.dates, event.language),
        next_dates=[] if event.is_off else _list_next_dates(content.dates, event.language, today),
        exceptions=[_build_exception(each, event) for each in event.exceptions],
        tags=mark_over(build_tags(event)) if over else build_tags(event),
        over=over,
        certainty=content.dates.certainty,
        cancelled=event.is_cancelled,
        postponed=event.is_postponed,
        previous=format_dates(previous, event.language) if previous else "",
        reported="" if over else event.reported_text,
        confirmed=_format_confirmation(event) if not over and not event.is_off else "",
        end_unknown=event.lacks_end,
        edition=content.provenance.edition if content.provenance else None,
        fallback=event.fallback_notes,
        summary=event.summary,
        summary_lang=get_foreign_language(event.summary.language, event) if event.summary else "",
        paragraphs=[each for each in description.value.split("\n\n") if each.strip()] if description else [],
        paragraphs_lang=get_foreign_language(description.language, event) if description else "",
        facts=_build_facts(event, on_sale=not over and not event.is_off),
        calendar=_build_calendar_links(event),
        licence_url=event.licence.url if event.licence else "",
        jsonld=Markup(render_json_ld(event, since=today, umbrella=umbrella, parts=parts)),  # noqa: S704 - every character that could end the element is escaped
        pictures=[_build_picture(each, event) for each in event.pictures],
        preview=event.picture.build_url() if event.picture else _build_card_url(event),
        preview_alt=event.picture.alt if event.picture else f"{event.title.value}, {event.date_text}",
        description=_build_description(event),
        umbrella=_build_umbrella(umbrella) if umbrella else None,
    )


def _build_umbrella(umbrella: LocalizedEvent) -> UmbrellaHeading:
    lang = get_foreign_language(umbrella.title.language, umbrella)
    return UmbrellaHeading(umbrella.title.value, build_path(umbrella), lang)


def _build_card_url(event: LocalizedEvent) -> str:
    """With the revision: other sites fetch a picture again only under another address."""
    return f"{event.site.public_url}{build_path(event)}/card.png?v={event.message.revision}"


def _build_picture(picture: EventPicture, event: LocalizedEvent) -> PictureView:
    return PictureView(
        src=picture.build_path(PAGE_WIDTH),
        srcset=picture.srcset,
        alt=picture.alt,
        alt_lang=get_foreign_language(picture.alt_language, event),
        credit=picture.credit,
        licence=picture.licence,
        licence_url=picture.licence_url,
    )


def _list_next_dates(dates: Dates, language: str, today: str) -> list[str]:
    if dates.recurrence is None:
        return []
    held = [each for each in list_occurrences(dates) if each.status != "cancelled"]
    to_come = [each for each in held if get_last_day(each.start, each.end) >= today][:MAX_NEXT]
    return [format_dates(Dates(dates.certainty, each.start, each.end), language) for each in to_come]


def _build_exception(line: ExceptionLine, event: LocalizedEvent) -> ExceptionView:
    return ExceptionView(line.said, line.note, get_foreign_language(line.note_language, event))


def _format_confirmation(event: LocalizedEvent) -> str:
    at = event.message.confirmed_at
    if at is None:
        return ""
    day = datetime.fromisoformat(at).astimezone(event.site.region.time_zone).date()
    return format_day(day, event.language)


def _build_description(event: LocalizedEvent) -> str:
    repeats = event.repeat_lines
    said = [each.rstrip(".") for each in event.status_lines if each not in repeats] + event.place_lines
    return ". ".join(said + ([event.summary.value] if event.summary else []))


def _build_facts(event: LocalizedEvent, *, on_sale: bool) -> list[Fact]:
    facts = [
        Fact(_("Opening hours"), event.opening_hours),
        _build_arrival(event),
        _build_location(event),
        _build_start(event),
        _build_tickets(event, on_sale=on_sale),
        _build_registration(event) if on_sale else Fact(_("Registration")),
        _build_accessibility(event),
        Fact(_("Audience"), list_audience(event.content, event.language)),
        Fact(_("Indoors or outdoors"), list_settings(event.content, event.language)),
        _build_organiser(event),
        Fact(_("Kind"), event.category_names),
    ]
    shown = {link.url for fact in facts for link in fact.links}
    if event.website and event.website not in shown:
        facts.append(Fact(_("Event website"), links=[_build_host_link(event.website)]))
    if event.licence:
        facts.append(Fact(_("Licence"), links=[Link(event.licence.name, event.licence.url)]))
    return [fact for fact in facts if fact.lines or fact.links]


def _build_location(event: LocalizedEvent) -> Fact:
    venue, county = event.content.venue, event.site.region.counties.get(event.content.venue.county)
    around = [county.get_label(event.language)] if county and county.kind == "county" else []
    return Fact(_("Where"), [*_list_words(venue, event), *around], links=_list_maps(venue))


def _build_start(event: LocalizedEvent) -> Fact:
    start = event.content.start_place
    return Fact(_("Starting point"), _list_words(start, event), links=_list_maps(start)) if start else Fact("")


def _build_arrival(event: LocalizedEvent) -> Fact:
    """Of what is cancelled or postponed nobody needs to know."""
    arrival = event.arrival
    if arrival is None or event.is_off:
        return Fact(_("Doors and meeting point"))
    lang = get_foreign_language(arrival.language, event)
    named: list[str | FactLine] = (
        [FactLine(arrival.value, lang), describe_untranslated(lang)] if lang else [arrival.value]
    )
    return Fact(_("Doors and meeting point"), named)


def _list_words(place: Venue | StartPlace, event: LocalizedEvent) -> list[FactLine]:
    named = (place.name, place.street, f"{place.postcode or ''} {place.town or ''}".strip())
    return [FactLine(each, get_local_language(event)) for each in named if each]


def _list_maps(place: Venue | StartPlace) -> list[Link]:
    if place.lat is None or place.lon is None:
        return []
    latitude, longitude = write_degrees(place.lat), write_degrees(place.lon)
    pin = urlencode({"mlat": latitude, "mlon": longitude})
    return [Link(_("Map (OpenStreetMap)"), f"https://www.openstreetmap.org/?{pin}#map=16/{latitude}/{longitude}")]


def _build_tickets(event: LocalizedEvent, *, on_sale: bool) -> Fact:
    words, price = event.tickets_text, event.price
    lines: list[str | FactLine] = [words[:1].upper() + words[1:]] if words else []
    if price and (lang := get_foreign_language(price.language, event)):
        lines = [FactLine(price.value, lang), describe_untranslated(lang)]
    left = [event.availability_text] if on_sale and event.availability_text else []
    on_sale = on_sale and event.content.tickets.availability != "sold_out"
    links = [Link(_("Buy a ticket"), event.tickets_url)] if on_sale and event.tickets_url else []
    return Fact(_("Tickets"), [*left, *lines], links=links)


def _build_registration(event: LocalizedEvent) -> Fact:
    deadline = describe_deadline(event.content.tickets, event.language)
    links = [Link(_("Register"), event.registration_url)] if event.registration_url else []
    return Fact(_("Registration"), [deadline] if deadline else [], links=links)


def _build_accessibility(event: LocalizedEvent) -> Fact:
    said = [get_accessibility_label(each, event.language) for each in event.content.accessibility]
    return Fact(_("Accessibility"), [each for each in said if each])


def _build_organiser(event: LocalizedEvent) -> Fact:
    known = event.site.region.organisations.get(event.message.organiser.slug)
    website = known.website if known and known.verified else None
    lines = [FactLine(event.organiser, get_local_language(event))]
    return Fact(_("Organiser"), lines, links=[_build_host_link(website)] if website else [])


def _build_host_link(url: str) -> Link:
    return Link(format_host(url), url)


def _build_calendar_links(event: LocalizedEvent) -> CalendarLinks:
    path = build_path(event)
    host = event.site.public_url.split("://", 1)[1]
    return CalendarLinks(
        file=f"{path}.ics",
        open=f"webcal://{host}{path}.ics",
        google=_build_google_url(event),
        subscribe=f"/{event.language}/subscribe",
    )


def _build_google_url(event: LocalizedEvent) -> str:
    """The link has room for a rule alone: with it Google would show cancelled dates and miss further ones."""
    dates, zone = event.content.dates, event.site.region.time_zone
    recurrence = dates.recurrence
    if recurrence and (recurrence.rdates or recurrence.exdates or recurrence.exceptions):
        return ""
    rule = write_rrule(dates, zone)
    parameters = {
        "action": "TEMPLATE",
        "text": event.headline,
        "dates": "/".join(_format_google_dates(event.when)),
        "ctz": zone.key,
        "location": event.location,
        "details": event.url,
        **({"recur": f"RRULE:{rule}"} if rule else {}),
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(parameters)}"


def _format_google_dates(found: EventTime) -> list[str]:
    """Days, local times, or UTC where local time is ambiguous."""
    if isinstance(found, TimeToDay):
        found = found.days
    if isinstance(found, DayRange):
        return [f"{day:%Y%m%d}" for day in (found.first, found.exclusive_end)]
    ends = (found.start, found.end or found.start)
    if found.needs_utc:
        return [f"{each.astimezone(UTC):%Y%m%dT%H%M%SZ}" for each in ends]
    return [f"{each:%Y%m%dT%H%M%S}" for each in ends]
