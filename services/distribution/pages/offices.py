"""Pages of the POT offices abroad and their feeds, marked as unconfirmed until POT confirms them."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.distribution.pages.page_parameters import Language
from services.distribution.pages.subscriptions import (
    build_google_url,
    describe_untranslated,
    list_alternates,
    list_feed_links,
)
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from services.distribution.presentation.quarantine import Variant
from services.distribution.programme.indexed_event import IndexedEvent
from services.distribution.programme.selection import Query
from services.distribution.rows import build_path, get_foreign_language
from services.distribution.state import OpenState, State
from shared.event.date_phrases import format_dates, format_local_time
from shared.i18n.languages import get_language as known_language
from shared.i18n.languages import get_locale
from shared.i18n.text import Text, _, n_
from shared.region import Channel
from shared.web.pages.renderer import PageAddress
from shared.web.problems import NotFound

router = APIRouter()

LAST_CHANGES: Final = 5
ABOUT: Final = _(
    "Each office of the Polish Tourism Organisation abroad has a feed here with the programme in its language."
)


@dataclass(frozen=True, slots=True)
class OfficeView:
    """``feed_language`` is named in the reader's language, ``feed_language_name`` in its own."""

    name: str
    url: str
    markets: str
    feed_language: str
    feed_language_name: str
    feed_language_code: str
    confirmed: bool
    source: str


@dataclass(frozen=True, slots=True)
class LatestChange:
    """``title_lang`` is empty where it is the page's."""

    title: str
    title_lang: str
    url: str
    when: str
    what: str


@router.get("/{lang}/offices")
async def list_offices(request: Request, state: OpenState, lang: Language) -> Response:
    channels = state.site.region.channels.values()
    return await state.pages.render(
        request,
        "offices.html",
        title=_("POT offices"),
        about=ABOUT,
        offices=[_build_office(channel, lang) for channel in channels],
        address=PageAddress("offices"),
        description=ABOUT,
    )


@router.get("/{lang}/offices/{slug}")
async def show_office(request: Request, state: OpenState, lang: Language, slug: str) -> Response:
    channel = state.site.region.channels.get(slug)
    if channel is None:
        raise NotFound(_("There is no such office."))
    query = Query(state.site.get_base_selection(slug), channel.feed_language)
    chosen = list(query.selection.filter(state.programme))
    return await state.pages.render(
        request,
        "office.html",
        title=channel.get_label(lang),
        office=_build_office(channel, lang),
        count=n_("%(num)s event", "%(num)s events", len(chosen)),
        missing=describe_untranslated(query, chosen),
        feeds=list_feed_links(state, query),
        alternates=list_alternates(state, query),
        google=build_google_url(state.site.build_feed_url(query, "ics")),
        changes=[change for each in _list_newest(chosen) if (change := _render_change(each, lang, state))],
        address=PageAddress(f"offices/{slug}"),
        description=state.site.build_feed_description(Query(query.selection, state.site.choose_page_language(lang))),
    )


def _list_newest(chosen: list[IndexedEvent]) -> list[IndexedEvent]:
    return nsmallest(LAST_CHANGES, chosen, key=lambda event: (-event.changed_at, event.sort_key))


def _build_office(channel: Channel, language: str) -> OfficeView:
    place = get_locale(language)
    return OfficeView(
        name=channel.get_label(language),
        url=f"/{language}/offices/{channel.slug}",
        markets=", ".join(place.territories[each] for each in channel.markets),
        feed_language=place.languages[channel.feed_language],
        feed_language_name=known_language(channel.feed_language).own_name,
        feed_language_code=channel.feed_language,
        confirmed=channel.confirmed_by_pot,
        source=channel.source,
    )


def _render_change(event: IndexedEvent, language: str, state: State) -> LatestChange | None:
    return state.quarantine.render(
        Variant("office", language), event, lambda message: _build_change(localize(message, language, state.site))
    )


def _build_change(event: LocalizedEvent) -> LatestChange:
    language = event.language
    return LatestChange(
        title=event.title.value,
        title_lang=get_foreign_language(event.title.language, event),
        url=build_path(event),
        when=format_local_time(event.message.changed_at, language, event.site.region.time_zone),
        what=_describe_change(event),
    )


def _describe_change(event: LocalizedEvent) -> Text:
    if event.is_cancelled:
        return _("cancelled")
    if event.is_postponed:
        return _("postponed, the new date is not known")
    if event.previous_dates:
        old = format_dates(event.previous_dates, event.language)
        return _("date: was %(old)s, is %(new)s", old=old, new=event.date_text)
    return _("new in the programme") if event.message.revision == 1 else _("changed")
