"""Sitemaps (sitemaps.org): an index, the pages, and the events in parts.

Files stay far below the protocol's limits. Every address is listed in each language with its alternates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from fastapi import APIRouter
from starlette.responses import Response

from services.distribution.programme.indexed_event import IndexedEvent
from services.distribution.programme.selection import Selection
from services.distribution.state import OpenState, State
from shared.web.caching import DOCUMENT
from shared.web.pages.layout import PageAddress
from shared.web.problems import NotFound

router = APIRouter()

EVENTS: Final = 500
"""In one file, each in all languages of the site: about a megabyte before it is compressed."""
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_LINKS: Final = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


class SitemapEntry(NamedTuple):
    """``changed`` is in microseconds since 1970; 0 if unknown."""

    address: PageAddress
    changed: int = 0


@router.get("/sitemap.xml")
async def show_index(state: OpenState) -> Response:
    events = _list_public_events(state)
    files = [("pages", max((each.changed_at for each in events), default=0))]
    for number, first in enumerate(range(0, len(events), EVENTS), 1):
        files.append((f"events-{number}", max(each.changed_at for each in events[first : first + EVENTS])))
    base = escape(state.site.public_url)
    entries = (
        f"<sitemap><loc>{base}/sitemap-{name}.xml</loc>{_render_last_modified(when)}</sitemap>" for name, when in files
    )
    return _respond(f"<sitemapindex {_NAMESPACE}>\n" + "\n".join(entries) + "\n</sitemapindex>\n")


@router.get("/sitemap-pages.xml")
async def show_pages(state: OpenState) -> Response:
    return _render_url_set(state, _iterate_pages(state))


@router.get("/sitemap-events-{number}.xml")
async def show_events(state: OpenState, number: str) -> Response:
    events = _list_public_events(state)
    parts = [str(each) for each in range(1, -(-len(events) // EVENTS) + 1)]
    if number not in parts:
        raise NotFound
    part = islice(events, parts.index(number) * EVENTS, int(number) * EVENTS)
    return _render_url_set(state, (SitemapEntry(PageAddress(f"events/{each.id}"), each.changed_at) for each in part))


def _list_public_events(state: State) -> Sequence[IndexedEvent]:
    return state.months.get(Selection()).events


def _iterate_pages(state: State) -> Iterator[SitemapEntry]:
    months, region = state.months.get(Selection()), state.site.region
    newest = max((each.changed_at for each in months.events), default=0)
    yield SitemapEntry(PageAddress(""), newest)
    for year in months.years:
        found = months.get_year(year)
        filled = {month: max(each.changed_at for each in stretch) for month, stretch in found.items() if len(stretch)}
        yield SitemapEntry(PageAddress(str(year)), max(filled.values(), default=0))
        yield from (SitemapEntry(PageAddress(month.path), changed) for month, changed in filled.items())
    yield SitemapEntry(PageAddress("organisers"), newest)
    paths = ["subscribe", "offices", *(f"offices/{slug}" for slug in region.channels)]
    yield from (SitemapEntry(PageAddress(each)) for each in paths)
    if state.pages.has_statement:
        yield SitemapEntry(PageAddress("accessibility"))


def _render_url_set(state: State, places: Iterable[SitemapEntry]) -> Response:
    entries = (entry for place in places for entry in _render_entry(state, place))
    return _respond(f"<urlset {_NAMESPACE} {_LINKS}>\n" + "\n".join(entries) + "\n</urlset>\n")


def _render_entry(state: State, place: SitemapEntry) -> Iterator[str]:
    languages, base = state.site.region.languages, state.site.public_url
    urls = {code: escape(base + place.address.canonical(code), {'"': "&quot;"}) for code in languages.site}
    alternates = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{url}"/>'
        for code, url in [*urls.items(), ("x-default", urls[languages.default])]
    )
    for url in urls.values():
        yield f"<url><loc>{url}</loc>{_render_last_modified(place.changed)}{alternates}</url>"


def _render_last_modified(microseconds: int) -> str:
    if not microseconds:
        return ""
    return f"<lastmod>{datetime.fromtimestamp(microseconds // 1_000_000, UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>"


def _respond(body: str) -> Response:
    return Response(_HEAD + body, media_type="application/xml", headers={"Cache-Control": DOCUMENT})
