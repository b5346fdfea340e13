"""The POT offices abroad: each has its feed, in its language, shown as unconfirmed until POT says so."""

from __future__ import annotations

from heapq import nsmallest
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.distribution.formats.reading import Reading, read
from services.distribution.pages.programme import alternates
from services.distribution.pages.reader import Language
from services.distribution.pages.subscribing import addresses, google_link
from services.distribution.programme import Listing, decode
from services.distribution.rows import path_of
from services.distribution.selection import Asked
from services.distribution.state import Opened, State
from shared.languages import language as known_language
from shared.languages import locale
from shared.region import Channel
from shared.web.locale import Text, _, n_
from shared.web.phrases import date_phrase, instant_phrase
from shared.web.problems import NotFound

router = APIRouter()

LAST_CHANGES: Final = 5


@router.get("/{lang}/offices")
async def list_offices(request: Request, state: Opened, lang: Language) -> Response:
    """List the offices with the languages of their feeds."""
    channels = state.imprint.region.channels.values()
    return await state.pages.render(
        request,
        "offices.html",
        title=_("Biura POT"),
        offices=[_row(channel, lang) for channel in channels],
        alternates=alternates(request, state),
    )


@router.get("/{lang}/offices/{slug}")
async def office(request: Request, state: Opened, lang: Language, slug: str) -> Response:
    """Show one office's feed: its addresses, how much of it is translated, and what changed last.

    Raises:
        NotFound: if there is no such office.

    """
    channel = state.imprint.region.channels.get(slug)
    if channel is None:
        raise NotFound(_("Nie ma takiego biura."))
    asked = Asked(state.imprint.whole(slug), channel.feed_language)
    chosen = list(asked.selection.of(state.programme))
    untranslated = sum(asked.language not in each.languages for each in chosen)
    return await state.pages.render(
        request,
        "office.html",
        title=channel.label(lang),
        office=_row(channel, lang),
        count=n_("%(num)s wydarzenie", "%(num)s wydarzeń", len(chosen)),
        missing=n_("%(num)s bez przekładu", "%(num)s bez przekładu", untranslated) if untranslated else "",
        feeds=addresses(state, asked),
        google=google_link(state.imprint.feed_url(asked, "ics")),
        changes=[_change(each, lang, state) for each in _newest(chosen)],
        alternates=alternates(request, state),
    )


def _newest(chosen: list[Listing]) -> list[Listing]:
    return nsmallest(LAST_CHANGES, chosen, key=lambda listing: (-listing.changed, listing.order))


def _row(channel: Channel, language: str) -> dict[str, Any]:
    place = locale(language)
    return {
        "slug": channel.slug,
        "name": channel.label(language),
        "url": f"/{language}/offices/{channel.slug}",
        "markets": ", ".join(place.territories[each] for each in channel.markets),
        "languages": ", ".join(place.languages[each] for each in channel.languages),
        "feed_language": place.languages[channel.feed_language],
        "feed_language_name": known_language(channel.feed_language).own_name,
        "feed_language_code": channel.feed_language,
        "confirmed": channel.confirmed_by_pot,
        "source": channel.source,
    }


def _change(listing: Listing, language: str, state: State) -> dict[str, Any]:
    reading = read(decode(listing), language, state.imprint)
    return {
        "title": reading.title.value,
        "title_lang": reading.title.language if reading.title.language != language else "",
        "url": path_of(reading),
        "when": instant_phrase(reading.message.changed_at, language, state.imprint.region.time_zone),
        "what": _what(reading),
    }


def _what(reading: Reading) -> Text:
    """Say what the last change was, as far as the programme tells."""
    if reading.cancelled:
        return _("odwołane")
    if reading.previous_dates:
        old = date_phrase(reading.previous_dates, reading.language)
        return _("termin: było %(old)s, jest %(new)s", old=old, new=reading.date_words)
    return _("nowe w programie") if reading.message.revision == 1 else _("zmienione")
