"""How to subscribe: choose a part of the programme, get its address in each format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.distribution.pages.programme import alternates
from services.distribution.pages.reader import Language, active_filters, carried, filter_fields, filters_of
from services.distribution.programme import Listing
from services.distribution.refusals import refused_filter
from services.distribution.selection import Asked, FilterRefused
from services.distribution.state import Opened, State
from shared.languages import language as known_language
from shared.web.locale import _, n_

router = APIRouter()

GOOGLE_ADDRESS: Final = 256
"""Google takes no longer addresses of calendars, and does not say so."""

GOOGLE_EVENTS: Final = 1_000
"""About as many events as Google takes in one calendar (1 MB)."""

DELAYS: Final = (
    (_("Kalendarz Google"), _("4–24 godziny; odwołane wydarzenia znikają")),
    (_("Outlook w przeglądarce i nowy Outlook"), _("około 3 godzin, czasem dobę")),
    (_("Outlook na komputerze"), _("co godzinę, jeśli ma to włączone w ustawieniach")),
    (_("Apple: Mac"), _("od 5 minut do tygodnia, według ustawień kalendarza")),
    (_("Apple: iPhone i iPad"), _("od 15 minut; zwykle tylko przy ładowaniu i w sieci Wi-Fi")),
    (_("Thunderbird"), _("co 30 minut, o ile nie ustawiono inaczej")),
    (_("Nextcloud"), _("co tydzień, o ile nie ustawiono inaczej")),
)


@router.get("/{lang}/subscribe")
async def subscribe(request: Request, state: Opened, lang: Language) -> Response:
    """Show the addresses of a selection in each format.

    Raises:
        BadRequest: if a filter or the feed's language means nothing.

    """
    page = filters_of(request, state, lang)
    asked = Asked(page.selection, _feed_language(request, state, lang))
    chosen = list(asked.selection.of(state.programme))
    return await state.pages.render(
        request,
        "subscribe.html",
        title=_("Subskrypcje"),
        count=n_("%(num)s wydarzenie", "%(num)s wydarzeń", len(chosen)),
        title_of_feed=state.imprint.feed_title(asked),
        missing=_missing(asked, chosen),
        feeds=addresses(state, asked),
        warnings=_warnings(state, asked, len(chosen)),
        google=google_link(state.imprint.feed_url(asked, "ics")),
        delays=DELAYS,
        feed_language=asked.language,
        languages=[(each, known_language(each).own_name) for each in state.imprint.region.languages.feeds],
        fields=filter_fields(page, state),
        carried=carried(page),
        active=active_filters(page, state, request.url.path),
        action=f"/{lang}/subscribe",
        offices_url=f"/{lang}/offices",
        alternates=alternates(request, state),
    )


def addresses(state: State, asked: Asked) -> list[dict[str, str]]:
    """Give the addresses of a feed in each format, in the shape that ``parts/feeds.html`` takes."""
    calendar, news, data = (state.imprint.feed_url(asked, each) for each in ("ics", "rss", "json"))
    return [
        {
            "id": "feed-ics",
            "name": _("Kalendarz"),
            "format": "iCal",
            "words": _("Dla kalendarza w telefonie, na komputerze i w przeglądarce."),
            "url": calendar,
            "open_url": webcal(calendar),
            "download_url": calendar,
        },
        {
            "id": "feed-rss",
            "name": _("Wiadomości"),
            "format": "RSS 2.0",
            "words": _("Dla czytników wiadomości; ostatnio zmienione na początku."),
            "url": news,
            "open_url": "",
            "download_url": "",
        },
        {
            "id": "feed-json",
            "name": _("Dane"),
            "format": "JSON Feed 1.1",
            "words": _("Dla programów; pole _event ma daty, miejsce i stan wydarzenia."),
            "url": data,
            "open_url": "",
            "download_url": "",
        },
    ]


def webcal(url: str) -> str:
    """Give the address by which calendars subscribe at a click."""
    return f"webcal://{url.split('://', 1)[1]}"


def google_link(url: str) -> str:
    """Give the address by which Google's calendar subscribes."""
    return f"https://calendar.google.com/calendar/r?cid={quote(webcal(url), safe='')}"


def _missing(asked: Asked, chosen: Sequence[Listing]) -> Any:  # noqa: ANN401 - a text or nothing
    """Count the events that are not translated into the feed's language."""
    untranslated = sum(asked.language not in each.languages for each in chosen)
    return n_("%(num)s bez przekładu", "%(num)s bez przekładu", untranslated) if untranslated else ""


def _warnings(state: State, asked: Asked, count: int) -> list[str]:
    warnings: list[str] = []
    if len(state.imprint.feed_url(asked, "ics")) > GOOGLE_ADDRESS:
        warnings.append(_("Adres ma ponad 256 znaków i Kalendarz Google go nie przyjmie. Wybierz mniej filtrów."))
    if count > GOOGLE_EVENTS:
        warnings.append(_("Kalendarz Google przyjmuje około 1000 wydarzeń. Wybierz powiat lub rodzaj."))
    return warnings


def _feed_language(request: Request, state: State, page_language: str) -> str:
    chosen = request.query_params.get("lang") or page_language
    known = state.imprint.region.languages.feeds
    if chosen not in known:
        raise refused_filter(FilterRefused("lang", chosen, "unknown_value", known))
    return chosen
