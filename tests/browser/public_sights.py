"""The public pages, in every language of the site and every state of an event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tests.browser.sight import Sight


def in_each_language(name: str, path: str, route: str, *, pictured: bool = False) -> Iterable[Sight]:
    """Give the sights of a public page in the languages of the site."""
    for lang in ("pl", "en", "de"):
        first = lang == "pl"
        yield Sight(f"{name}-{lang}", f"/{lang}{path}", (route,), pictured=pictured and first, translated=not first)


EVENT: Final = "GET /{lang}/events/{event_id}"
MONTH: Final = "GET /{lang}/{year:year}/{number:month}"

PUBLIC: Final = (
    *in_each_language("programme", "/", "GET /{lang}/", pictured=True),
    *in_each_language("year", "/{year}", "GET /{lang}/{year:year}"),
    *in_each_language("month", "/{year}/08", MONTH, pictured=True),
    Sight("month-filtered", "/pl/{year}/08?county=3209&category=maritime", (MONTH,), pictured=True),
    Sight("month-empty", "/pl/{year}/02?county=3209&category=maritime", (MONTH,), pictured=True),
    Sight("year-to-come", "/pl/2090", ("GET /{lang}/{year:year}",)),
    *in_each_language("event", "/events/{public}", EVENT, pictured=True),
    *in_each_language("event-cancelled", "/events/{cancelled}", EVENT, pictured=True),
    *in_each_language("event-provisional", "/events/{provisional}", EVENT, pictured=True),
    Sight("event-month", "/pl/events/{month}", (EVENT,), pictured=True),
    Sight("event-season", "/pl/events/{season}", (EVENT,), pictured=True),
    Sight("event-long", "/pl/events/{longest}", (EVENT,), pictured=True),
    Sight("event-withdrawn", "/pl/events/{withdrawn}", (EVENT,), status=410, pictured=True),
    Sight("event-unknown", "/pl/events/{waiting}", (EVENT,), status=404, pictured=True),
    *in_each_language("subscribe", "/subscribe", "GET /{lang}/subscribe", pictured=True),
    Sight("subscribe-filtered", "/pl/subscribe?lang=de&county=3262&category=maritime", ("GET /{lang}/subscribe",)),
    *in_each_language("offices", "/offices", "GET /{lang}/offices", pictured=True),
    *in_each_language("office", "/offices/pot-berlin", "GET /{lang}/offices/{slug}", pictured=True),
    Sight("office-unknown", "/pl/offices/pot-atlantyda", ("GET /{lang}/offices/{slug}",), status=404),
    *in_each_language("organisers", "/organisers", "GET /{lang}/organisers", pictured=True),
    *in_each_language("accessibility", "/accessibility", "GET /{lang}/accessibility", pictured=True),
    Sight("filter-wrong", "/pl/?from={year}-08-20&to={year}-08-10&county=9999", ("GET /{lang}/",), pictured=True),
    Sight("subscribe-wrong", "/pl/subscribe?lang=xx&from=soon", ("GET /{lang}/subscribe",), pictured=True),
    Sight("nothing-here", "/pl/nic", (), status=404, pictured=True),
    Sight("styleguide", "{style_guide}/styleguide", (), pictured=True),
)
