"""The page of one event, and its calendar file."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from services.distribution.feeds.responses import CACHE_CONTROL
from services.distribution.formats.file_names import build_disposition
from services.distribution.formats.ical import ICal, render_file, render_withdrawn_file
from services.distribution.formats.json_ld import render_json_ld
from services.distribution.pages.back_link import format_month, read_back_link
from services.distribution.pages.page_parameters import Language
from services.distribution.presentation.dates import DayRange, EventTime
from services.distribution.presentation.feed_phrases import get_accessibility_label
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from services.distribution.presentation.quarantine import Variant
from services.distribution.problems import NoLongerPublic
from services.distribution.programme.months import get_month
from services.distribution.public import find_public_event, render_public_event
from services.distribution.rows import (
    build_path,
    build_tags,
    foreign_language,
    get_local_language,
    mark_over,
    untranslated_label,
)
from services.distribution.state import OpenState, State
from shared.decimals import write_degrees
from shared.event.date_phrases import format_dates, format_dates_in_full, make_stamp
from shared.event.model import Venue
from shared.i18n.text import _, translate
from shared.messages import EventPublished
from shared.web.caching import set_last_modified
from shared.web.pages.layout import Link, PageAddress
from shared.web_address import format_host

router = APIRouter()


@router.get("/{lang}/events/{event_id}.ics")
async def download_event(request: Request, state: OpenState, lang: Language, event_id: str) -> Response:
    """For one import or to follow; a withdrawn event is no longer in it."""

    def write(message: EventPublished) -> tuple[bytes, str]:
        event = localize(message, lang, state.site)
        return render_file(event), build_disposition(event, "ics")

    withdrawal = state.programme.get_withdrawal(event_id)
    if withdrawal:
        title = translate(NoLongerPublic.title, lang)
        body = render_withdrawn_file(withdrawal, lang, state.site, name=title)
        name = 'attachment; filename="event.ics"'
    else:
        body, name = render_public_event(state, Variant("file", lang), event_id, write)
    set_last_modified(request, state.resolver.feeds.version)
    headers = {"Content-Disposition": name, "Cache-Control": CACHE_CONTROL.decode()}
    media_type = ICal.content_type if withdrawal else f"{ICal.content_type}; method=PUBLISH"
    return Response(body, media_type=media_type, headers=headers)


@router.get("/{lang}/events/{event_id}")
async def show_event(request: Request, state: OpenState, lang: Language, event_id: str) -> Response:
    """Whether an event is over depends on the day; caches keep a page for a minute."""
    event = find_public_event(state.programme, event_id)
    month, over = get_month(event), event.last_day < state.get_today().isoformat()

    def build(message: EventPublished) -> dict[str, Any]:
        return _build_context(localize(message, lang, state.site), state, over=over)

    context = render_public_event(state, Variant("event", lang), event_id, build)
    back, kept = read_back_link(request, state, lang)
    return await state.pages.render(
        request,
        "event.html",
        back=back or Link(f"{format_month(month, lang)} {month.year}", f"/{lang}/{month.path}"),
        address=PageAddress(f"events/{event_id}", kept=kept),
        **context,
    )


def _build_context(event: LocalizedEvent, state: State, *, over: bool) -> dict[str, Any]:
    return {
        "title": event.title.value,
        "event": _build_event(event, over=over),
        "facts": _build_facts(event, on_sale=not over and not event.is_cancelled),
        "calendar": _build_calendar_links(event, state),
        "jsonld": Markup(render_json_ld(event)),  # noqa: S704 - every character that could end the element is escaped
        "description": _build_description(event),
    }


def _build_description(event: LocalizedEvent) -> str:
    said = [each.rstrip(".") for each in event.status_lines] + [event.location]
    return ". ".join(said + ([event.summary.value] if event.summary else []))


def _build_event(event: LocalizedEvent, *, over: bool) -> dict[str, Any]:
    content, previous = event.content, event.previous_dates
    provenance = content.provenance
    description = event.description
    return {
        "title": event.title.value,
        "title_lang": foreign_language(event.title.language, event),
        "stamp": make_stamp(content.dates, event.language, event.message.status, large=True),
        "when": format_dates_in_full(content.dates, event.language),
        "tags": mark_over(build_tags(event)) if over else build_tags(event),
        "over": over,
        "certainty": content.dates.certainty,
        "cancelled": event.is_cancelled,
        "previous": format_dates(previous, event.language) if previous else "",
        "end_unknown": not isinstance(event.when, DayRange) and event.when.end is None,
        "edition": provenance.edition if provenance else None,
        "fallback": event.fallback_notes,
        "summary": event.summary,
        "paragraphs": [each for each in description.value.split("\n\n") if each.strip()] if description else [],
        "description_lang": foreign_language(description.language, event) if description else "",
        "summary_lang": foreign_language(event.summary.language, event) if event.summary else "",
    }


def _build_facts(event: LocalizedEvent, *, on_sale: bool) -> list[dict[str, Any]]:
    facts = [
        _build_location(event),
        _build_tickets(event, on_sale=on_sale),
        _build_accessibility(event),
        _build_organiser(event),
    ]
    facts.append({"label": _("Kind"), "lines": list(event.category_names)})
    shown = {link["url"] for fact in facts for link in fact.get("links", ())}
    if event.website and event.website not in shown:
        facts.append(
            {
                "label": _("Event website"),
                "lines": [],
                "links": [_build_link(format_host(event.website), event.website)],
            }
        )
    return [fact for fact in facts if fact and (fact["lines"] or fact.get("links"))]


def _build_location(event: LocalizedEvent) -> dict[str, Any]:
    venue, region = event.content.venue, event.site.region
    county = region.counties.get(venue.county)
    named = (venue.name, venue.street, f"{venue.postcode or ''} {venue.town}".strip())
    lines: list[Any] = [{"text": each, "lang": get_local_language(event)} for each in named if each]
    if county and county.kind == "county":
        lines.append(county.label(event.language))
    return {
        "label": _("Where"),
        "lines": lines,
        "links": [_build_link(_("Map (OpenStreetMap)"), each) for each in _list_maps(venue)],
    }


def _list_maps(venue: Venue) -> list[str]:
    if venue.lat is None or venue.lon is None:
        return []
    latitude, longitude = write_degrees(venue.lat), write_degrees(venue.lon)
    place = f"{latitude}/{longitude}"
    pin = urlencode({"mlat": latitude, "mlon": longitude})
    return [f"https://www.openstreetmap.org/?{pin}#map=16/{place}"]


def _build_tickets(event: LocalizedEvent, *, on_sale: bool) -> dict[str, Any]:
    words, price = event.tickets_text, event.price
    lines: list[Any] = [words[:1].upper() + words[1:]] if words else []
    if price and (lang := foreign_language(price.language, event)):
        lines = [{"text": price.value, "lang": lang}, untranslated_label(lang)]
    links = [_build_link(_("Buy a ticket"), event.tickets_url)] if on_sale and event.tickets_url else []
    return {"label": _("Tickets"), "lines": lines, "links": links}


def _build_accessibility(event: LocalizedEvent) -> dict[str, Any]:
    said = [get_accessibility_label(each, event.language) for each in event.content.accessibility]
    return {"label": _("Accessibility"), "lines": [each for each in said if each]}


def _build_organiser(event: LocalizedEvent) -> dict[str, Any]:
    known = event.site.region.organisations.get(event.message.organiser.slug)
    website = known.website if known and known.verified else None
    links = [_build_link(format_host(website), website)] if website else []
    return {
        "label": _("Organiser"),
        "lines": [{"text": event.organiser, "lang": get_local_language(event)}],
        "links": links,
    }


def _build_link(label: str, url: str) -> dict[str, str]:
    return {"label": label, "url": url}


def _build_calendar_links(event: LocalizedEvent, state: State) -> dict[str, str]:
    path = build_path(event)
    host = state.site.public_url.split("://", 1)[1]
    return {
        "file": f"{path}.ics",
        "open": f"webcal://{host}{path}.ics",
        "google": f"https://calendar.google.com/calendar/render?{urlencode(_build_google_parameters(event))}",
        "subscribe": f"/{event.language}/subscribe",
    }


def _build_google_parameters(event: LocalizedEvent) -> dict[str, str]:
    zone = event.site.region.time_zone.key
    return {
        "action": "TEMPLATE",
        "text": event.headline,
        "dates": "/".join(_format_google_dates(event.when)),
        "ctz": zone,
        "location": event.location,
        "details": event.url,
    }


def _format_google_dates(found: EventTime) -> list[str]:
    """Days, local times, or UTC where local time is ambiguous."""
    if isinstance(found, DayRange):
        return [f"{day:%Y%m%d}" for day in (found.first, found.exclusive_end)]
    ends = (found.start, found.end or found.start)
    if found.needs_utc:
        return [f"{each.astimezone(UTC):%Y%m%dT%H%M%SZ}" for each in ends]
    return [f"{each:%Y%m%dT%H%M%S}" for each in ends]
