"""One event: its page, and its file for a calendar."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from services.distribution.formats.dates import AllDay
from services.distribution.formats.ical import single
from services.distribution.formats.jsonld import jsonld
from services.distribution.formats.reading import Reading, read
from services.distribution.formats.words import accessibility_word
from services.distribution.months import month_of
from services.distribution.pages.programme import alternates, month_name
from services.distribution.pages.reader import Language
from services.distribution.programme import decode
from services.distribution.public import public_event
from services.distribution.rows import foreign, path_of, tags_of
from services.distribution.state import Opened, State
from shared.messages import Venue
from shared.web.locale import _
from shared.web.phrases import date_phrase, long_date_phrase, stamp

router = APIRouter()


@router.get("/{lang}/events/{event_id}.ics")
async def event_file(state: Opened, lang: Language, event_id: str) -> Response:
    """Give an event as a file to put into a calendar once."""
    message = decode(public_event(state.programme, event_id))
    headers = {"Content-Disposition": f'attachment; filename="{event_id}.ics"'}
    body = single(message, lang, state.imprint)
    return Response(body, media_type="text/calendar; charset=utf-8; method=PUBLISH", headers=headers)


@router.get("/{lang}/events/{event_id}")
async def event_page(request: Request, state: Opened, lang: Language, event_id: str) -> Response:
    """Show an event."""
    listing = public_event(state.programme, event_id)
    reading = read(decode(listing), lang, state.imprint)
    month = month_of(listing)
    return await state.pages.render(
        request,
        "event.html",
        title=reading.title.value,
        event=_shown(reading),
        facts=_facts(reading),
        back={"label": f"{month_name(month, lang)} {month.year}", "url": f"/{lang}/{month.path}"},
        calendar=_calendar(reading, state),
        jsonld=Markup(jsonld(reading)),  # noqa: S704 - every character that could end the element is escaped
        alternates=alternates(request, state),
    )


def _shown(reading: Reading) -> dict[str, Any]:
    event, previous = reading.event, reading.previous_dates
    provenance = event.provenance
    description = reading.description
    return {
        "title": reading.title.value,
        "title_lang": foreign(reading.title.language, reading),
        "stamp": stamp(event.dates, reading.language, reading.message.status, large=True),
        "when": long_date_phrase(event.dates, reading.language),
        "tags": tags_of(reading),
        "certainty": event.dates.certainty,
        "cancelled": reading.cancelled,
        "previous": date_phrase(previous, reading.language) if previous else "",
        "end_unknown": not isinstance(reading.when, AllDay) and reading.when.end is None,
        "edition": provenance.edition if provenance else None,
        "fallback": reading.fallback_notes,
        "summary": reading.summary,
        "paragraphs": [each for each in description.value.split("\n\n") if each.strip()] if description else [],
        "description_lang": foreign(description.language, reading) if description else "",
        "summary_lang": foreign(reading.summary.language, reading) if reading.summary else "",
    }


def _facts(reading: Reading) -> list[dict[str, Any]]:
    facts = [_where(reading), _tickets(reading), _access(reading), _organiser(reading)]
    facts.append({"label": _("Rodzaj"), "lines": list(reading.categories)})
    shown = {link["url"] for fact in facts for link in fact.get("links", ())}
    if reading.website and reading.website not in shown:
        facts.append({"label": _("Więcej"), "lines": [], "links": [_link(_site(reading.website), reading.website)]})
    return [fact for fact in facts if fact and (fact["lines"] or fact.get("links"))]


def _where(reading: Reading) -> dict[str, Any]:
    venue, region = reading.event.venue, reading.imprint.region
    county = region.counties.get(venue.county)
    lines = [venue.name, venue.street, f"{venue.postcode or ''} {venue.town}".strip()]
    lines.append(county.label(reading.language) if county and county.kind == "county" else None)
    return {
        "label": _("Gdzie"),
        "lines": [line for line in lines if line],
        "links": [_link(_("Mapa (OpenStreetMap)"), each) for each in _maps(venue)],
    }


def _maps(venue: Venue) -> list[str]:
    if venue.lat is None or venue.lon is None:
        return []
    place = f"{round(venue.lat, 6)}/{round(venue.lon, 6)}"
    pin = urlencode({"mlat": round(venue.lat, 6), "mlon": round(venue.lon, 6)})
    return [f"https://www.openstreetmap.org/?{pin}#map=16/{place}"]


def _tickets(reading: Reading) -> dict[str, Any]:
    words, price = reading.tickets_words, reading.price
    links = [_link(_("Kup bilet"), reading.tickets_page)] if reading.tickets_page else []
    said = [words] if words else []
    return {"label": _("Bilety"), "lines": [each[:1].upper() + each[1:] for each in said], "links": links} | (
        {"lang": foreign(price.language, reading)} if price else {}
    )


def _access(reading: Reading) -> dict[str, Any]:
    said = [accessibility_word(each, reading.language) for each in reading.event.accessibility]
    return {"label": _("Dostępność"), "lines": [each for each in said if each]}


def _organiser(reading: Reading) -> dict[str, Any]:
    known = reading.imprint.region.organisations.get(reading.message.organiser.slug)
    website = known.website if known and known.verified else None
    links = [_link(_site(website), website)] if website else []
    return {"label": _("Organizator"), "lines": [reading.organiser], "links": links}


def _link(label: str, url: str) -> dict[str, str]:
    return {"label": label, "url": url}


def _site(url: str) -> str:
    """Name a web address by its host, as people say it."""
    return url.split("/")[2].removeprefix("www.")


def _calendar(reading: Reading, state: State) -> dict[str, str]:
    path = path_of(reading)
    host = state.imprint.public_url.split("://", 1)[1]
    return {
        "file": f"{path}.ics",
        "open": f"webcal://{host}{path}.ics",
        "google": f"https://calendar.google.com/calendar/render?{urlencode(_google(reading))}",
        "subscribe": f"/{reading.language}/subscribe",
    }


def _google(reading: Reading) -> dict[str, str]:
    found = reading.when
    if isinstance(found, AllDay):
        days = f"{found.first:%Y%m%d}/{found.after:%Y%m%d}"
    else:
        days = f"{found.start:%Y%m%dT%H%M%S}/{found.end or found.start:%Y%m%dT%H%M%S}"
    zone = reading.imprint.region.time_zone.key
    return {
        "action": "TEMPLATE",
        "text": reading.headline,
        "dates": days,
        "ctz": zone,
        "location": reading.place,
        "details": reading.page,
    }
