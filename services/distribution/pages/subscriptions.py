"""The page that gives the address of a selection in each format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.distribution.pages.page_parameters import (
    Language,
    build_filter_fields,
    list_active_filters,
    list_hidden_values,
    read_filters,
)
from services.distribution.programme.indexed_event import IndexedEvent
from services.distribution.programme.selection import Query
from services.distribution.state import OpenState, State
from shared.i18n.languages import get_base_language
from shared.i18n.languages import get_language as known_language
from shared.i18n.text import Text, _, n_
from shared.web.pages.renderer import PageAddress

router = APIRouter()

ABOUT: Final = _(
    "Choose a part of the programme and take its address. Your calendar or reader fetches every change by itself."
)
GOOGLE_ADDRESS: Final = 256
"""Google takes no longer addresses of calendars, and does not say so."""

GOOGLE_EVENTS: Final = 1_000
"""About as many events as Google takes in one calendar (1 MB)."""

DELAYS: Final = (
    (_("Google Calendar"), _("4–24 hours; cancelled events disappear")),
    (_("Outlook on the web and the new Outlook"), _("about 3 hours, sometimes a day")),
    (_("Outlook on the desktop"), _("every hour, if its settings say so")),
    (_("Apple: Mac"), _("from 5 minutes to a week, as the calendar is set")),
    (_("Apple: iPhone and iPad"), _("15 minutes at best; usually only while charging and on Wi-Fi")),
    (_("Thunderbird"), _("every 30 minutes, unless set otherwise")),
    (_("Nextcloud"), _("every week, unless set otherwise")),
)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed's address for ``parts/feeds.html``."""

    id: str
    name: str
    format: str
    words: str
    url: str
    open_url: str = ""
    download_url: str = ""


@dataclass(frozen=True, slots=True)
class AlternateFeed:
    """A feed for a page's head; ``type`` is its media type."""

    type: str
    title: str
    url: str


@router.get("/{lang}/subscribe")
async def show_subscriptions(request: Request, state: OpenState, lang: Language) -> Response:
    filters = read_filters(request, state, lang)
    page = filters.query
    feed_language, language_error = _read_feed_language(request, state, lang)
    query = Query(page.selection, feed_language)
    chosen = list(query.selection.filter(state.programme))
    return await state.pages.render(
        request,
        "subscribe.html",
        title=_("Subscriptions"),
        count=n_("%(num)s event", "%(num)s events", len(chosen)),
        title_of_feed=state.site.build_feed_title(query),
        missing=describe_untranslated(query, chosen),
        feeds=list_feed_links(state, query),
        warnings=_list_warnings(state, query, len(chosen)),
        google=build_google_url(state.site.build_feed_url(query, "ics")),
        delays=DELAYS,
        feed_language=query.language,
        languages=[(each, known_language(each).own_name) for each in state.site.region.languages.feeds],
        fields=build_filter_fields(filters, state),
        language_error=language_error,
        wrong=bool(filters.errors or language_error),
        carried=list_hidden_values(page),
        active=list_active_filters(page, state, request.scope["path"]),
        action=f"/{lang}/subscribe",
        offices_url=f"/{lang}/offices",
        address=PageAddress("subscribe", _build_parameters(query, lang)),
        description=ABOUT,
        about=ABOUT,
    )


def list_feed_links(state: State, query: Query) -> list[FeedLink]:
    calendar, news, data = (state.site.build_feed_url(query, each) for each in ("ics", "rss", "json"))
    return [
        FeedLink(
            id="feed-ics",
            name=_("Calendar"),
            format="iCal",
            words=_("For the calendar on a phone, on a computer and in the browser."),
            url=calendar,
            open_url=build_webcal_url(calendar),
            download_url=calendar,
        ),
        FeedLink(
            id="feed-rss",
            name=_("News"),
            format="RSS 2.0",
            words=_("For news readers: up to the 200 newest items, with cancellations and changes of date."),
            url=news,
        ),
        FeedLink(
            id="feed-json",
            name=_("Data"),
            format="JSON Feed 1.1",
            words=_("For programs; the field _event has the dates, place and state of an event."),
            url=data,
        ),
    ]


def list_alternates(state: State, query: Query) -> list[AlternateFeed]:
    title = state.site.build_feed_title(query)
    return [
        AlternateFeed(format_.content_type.partition(";")[0], title, state.site.build_feed_url(query, extension))
        for extension, format_ in state.formats.items()
    ]


def build_webcal_url(url: str) -> str:
    return f"webcal://{url.split('://', 1)[1]}"


def build_google_url(url: str) -> str:
    return f"https://calendar.google.com/calendar/r?cid={quote(build_webcal_url(url), safe='')}"


def describe_untranslated(query: Query, chosen: Sequence[IndexedEvent]) -> str:
    untranslated = sum(query.language not in each.languages for each in chosen)
    return n_("%(num)s not translated", "%(num)s not translated", untranslated) if untranslated else ""


def _list_warnings(state: State, query: Query, count: int) -> list[str]:
    warnings: list[str] = []
    if len(state.site.build_feed_url(query, "ics")) > GOOGLE_ADDRESS:
        warnings.append(
            _("The address has more than 256 characters, which Google Calendar does not take. Choose fewer filters.")
        )
    if count > GOOGLE_EVENTS:
        warnings.append(_("Google Calendar takes about 1,000 events. Choose a county or a kind."))
    return warnings


def _build_parameters(query: Query, page_language: str) -> list[tuple[str, str]]:
    """The feed's language is a parameter only where it differs from the page's."""
    language = [] if query.language == page_language else [("lang", query.language)]
    return language + query.selection.pairs()


def _read_feed_language(request: Request, state: State, page_language: str) -> tuple[str, Text | str]:
    """Return the page's language and an error if there is no such feed."""
    chosen = get_base_language(request.query_params.get("lang") or page_language)
    if chosen in state.site.region.languages.feeds:
        return chosen, ""
    return page_language, _("There is no feed in this language. Choose from the list.")
