"""JSON Feed 1.1 in pages: one item an event and language; the event's facts are in the extension ``_event``.

A cancellation or move is an additional item, because readers never show a known id again; it has the extension
``_notice`` instead.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from services.distribution.formats.notices import build_notice_id, get_notice
from services.distribution.formats.port import MAX_BYTES, FeedHead, Window
from services.distribution.presentation.clean import clean, clean_line
from services.distribution.presentation.dates import DayRange, EventTime, TimeToDay
from services.distribution.presentation.dates import parse_time as read_when
from services.distribution.presentation.localized_event import LocalizedEvent, LocalizedText, localize
from services.distribution.presentation.site import Site
from shared.event.model import Event, StartPlace, Tickets, Venue, serialize_part
from shared.event.vocabulary import Licence
from shared.i18n.languages import choose_text
from shared.messages import EventPublished

VERSION: Final = "https://jsonfeed.org/version/1.1"
_OPEN: Final = b'"items":[]}'


class JsonFeed:
    extension = "json"
    content_type = "application/feed+json; charset=utf-8"
    separator = b",\n"
    window = Window(items=200, bytes=MAX_BYTES, is_paged=True)

    def __init__(self, site: Site) -> None:
        self._site = site

    def render_head(self, heading: FeedHead) -> bytes:
        query, site = heading.query, self._site
        feed = {
            "version": VERSION,
            "title": site.build_feed_title(query),
            "description": site.build_feed_description(query),
            "home_page_url": site.build_selection_url(query),
            "feed_url": site.build_feed_url(query, "json"),
            **(
                {"next_url": site.build_feed_url(query, "json", after=heading.next_page_after)}
                if heading.next_page_after
                else {}
            ),
            "language": query.language,
            "authors": [{"name": site.region.get_publisher_label(query.language), "url": site.public_url}],
            **({"_licence": serialize_licence(site.licence)} if site.licence else {}),
            "items": [],
        }
        return msgspec.json.encode(feed).removesuffix(_OPEN) + b'"items":[\n'

    def render_event(self, message: EventPublished, language: str) -> bytes:
        return msgspec.json.encode(_build_item(localize(message, language, self._site)))

    def render_notice(self, message: EventPublished, language: str) -> bytes:
        """Raises NoticeMissing: the event has no notice."""
        return msgspec.json.encode(_build_notice(localize(message, language, self._site)))

    def render_tail(self) -> bytes:
        return b"\n]}\n"


def _build_item(event: LocalizedEvent) -> dict[str, Any]:
    message = event.message
    item = {
        "id": _build_id(event),
        "url": event.url,
        "external_url": event.website,
        "title": event.headline,
        "summary": event.summary and event.summary.value,
        "content_text": event.build_text(),
        "image": event.picture and event.picture.build_url(),
        "date_published": message.published_at,
        "date_modified": message.changed_at,
        "language": event.body_language,
        "authors": [{"name": event.organiser}],
        "tags": list(event.category_names),
        "_event": build_event_extension(event),
    }
    return {name: value for name, value in item.items() if value is not None}


def _build_notice(event: LocalizedEvent) -> dict[str, Any]:
    notice = get_notice(event)
    lines = [*event.build_notice_lines(), "", f"{event.phrases.more}{event.phrases.colon}{event.url}"]
    return {
        "id": build_notice_id(_build_id(event), notice),
        "url": event.url,
        "title": event.notice_headline,
        "content_text": "\n".join(lines),
        "date_published": notice.at,
        "language": event.language,
        "authors": [{"name": event.organiser}],
        "tags": list(event.category_names),
        "_notice": {
            "about": _build_about_url(event),
            "uid": event.site.build_uid(event.message.event_id),
            "kind": notice.kind,
            "revision": notice.revision,
        },
    }


def _build_id(event: LocalizedEvent) -> str:
    return f"{event.site.build_uid(event.message.event_id)}:{event.language}"


def _build_about_url(event: LocalizedEvent) -> str:
    return f"{event.site.public_url}/{event.site.choose_page_language(event.language)}/subscribe#event"


def build_event_extension(event: LocalizedEvent) -> dict[str, Any]:
    """``start`` and ``end`` are inclusive dates if ``all_day``, else RFC 3339 times; ``end`` is null if unknown.

    ``last_day`` is the day of an unknown end, where that is known.
    Of an event that repeats they are the first of its ``occurrences``.
    """
    # ``texts`` holds the actual language of each text.
    content, message = event.content, event.message
    previous = event.previous_dates
    texts = {"title": event.title, "summary": event.summary, "description": event.description}
    texts |= {"arrival": event.arrival} if event.arrival else {}
    return {
        "about": _build_about_url(event),
        "uid": event.site.build_uid(message.event_id),
        "revision": message.revision,
        "status": event.status,
        "certainty": content.dates.certainty,
        **_build_times(event.when),
        **({"occurrences": build_occurrences(event)} if content.dates.recurrence else {}),
        **({"reported": message.reported} if message.reported else {}),
        **({"opening_hours": _build_opening_hours(content)} if content.dates.opening_hours else {}),
        "previous": previous and _build_times(read_when(previous, event.site.region.time_zone)),
        "time_zone": event.site.region.time_zone.key,
        "title": event.title.value,
        "description": _get_value(event.description),
        "texts": {name: text.language for name, text in texts.items() if text},
        "category": content.category,
        "also": content.also,
        **({"arrival": event.arrival.value} if event.arrival else {}),
        "venue": {**_build_place(content.venue), "county": content.venue.county, **_build_geo(content.venue)},
        **_build_start(content.start_place),
        "tickets": _build_tickets(content.tickets, event),
        "accessibility": content.accessibility,
        "organiser": {"slug": message.organiser.slug, "name": event.organiser},
        **serialize_umbrella(event),
        **_build_audience(content),
        **({"images": pictures} if (pictures := build_pictures(event)) else {}),
        **({"licence": serialize_licence(event.licence)} if event.licence else {}),
    }


def serialize_umbrella(event: LocalizedEvent) -> dict[str, Any]:
    """Name the umbrella event by what follows from its id: its own state changes nothing here."""
    if event.umbrella_id is None:
        return {}
    named = {"id": event.umbrella_id, "uid": event.site.build_uid(event.umbrella_id), "url": event.umbrella_url}
    return {"part_of": named}


def serialize_licence(licence: Licence) -> dict[str, str]:
    return {"id": licence.code, "url": licence.url}


def build_pictures(event: LocalizedEvent) -> list[dict[str, Any]]:
    """Each in its largest size as JPEG; ``language`` is that of ``alt``."""
    return [
        {
            "url": each.build_url(),
            "alt": each.alt,
            "language": each.alt_language,
            "credit": each.credit,
            "licence": {"name": each.licence, "url": each.licence_url or None},
        }
        for each in event.pictures
    ]


def _build_opening_hours(content: Event) -> list[dict[str, Any]]:
    return [{"days": each.days, "opens": each.opens, "closes": each.closes} for each in content.dates.opening_hours]


def build_occurrences(event: LocalizedEvent) -> list[dict[str, Any]]:
    """All of them, past ones too: what is next depends on the day, and a feed does not."""
    return [
        {
            **_build_times(times),
            "status": occurrence.status,
            **({"planned": occurrence.date} if occurrence.status == "moved" else {}),
            **({"note": clean_line(note[0])} if (note := choose_text(occurrence.note, event.language)) else {}),
        }
        for occurrence, times in event.occurrences
    ]


def _build_times(found: EventTime) -> dict[str, Any]:
    if isinstance(found, DayRange):
        return {"all_day": True, "start": found.first.isoformat(), "end": found.last.isoformat()}
    if isinstance(found, TimeToDay):
        return {"all_day": False, "start": found.start.isoformat(), "end": None, "last_day": found.last.isoformat()}
    return {"all_day": False, "start": found.start.isoformat(), "end": found.end and found.end.isoformat()}


def _build_start(place: StartPlace | None) -> dict[str, Any]:
    return {"start_place": {**_build_place(place), **_build_geo(place)}} if place else {}


def _build_place(place: Venue | StartPlace) -> dict[str, str]:
    texts = {name: getattr(place, name) for name in ("id", "name", "street", "postcode", "town")}
    return {name: clean(text) for name, text in texts.items() if text}


def _build_geo(place: Venue | StartPlace) -> dict[str, Any]:
    known = place.lat is not None and place.lon is not None
    return {"geo": {"lat": place.lat, "lon": place.lon}} if known else {}


def _build_tickets(tickets: Tickets, event: LocalizedEvent) -> dict[str, Any]:
    found = {"free": tickets.free, "price": _get_value(event.price), "url": event.tickets_url}
    stated = {
        "availability": tickets.availability,
        "registration_url": event.registration_url,
        "registration_until": event.registration_until,
    }
    return found | {name: value for name, value in stated.items() if value}


def _build_audience(content: Event) -> dict[str, Any]:
    """Only what is stated: an event that states none is written as before."""
    found = {"audience": content.audience, "ages": serialize_part(content.ages), "setting": content.setting}
    return {name: value for name, value in found.items() if value}


def _get_value(text: LocalizedText | None) -> str | None:
    return text.value if text else None
