"""All pages of the three services, each in the states that it can show: what is judged by axe and by eye.

A page's route that stands in none of them fails ``test_every_page.py``.
"""

from __future__ import annotations

from typing import Final

from tests.browser.public_sights import PUBLIC
from tests.browser.staff_sights import STAFF

SIGHTS: Final = (*PUBLIC, *STAFF)

NO_PAGES: Final = frozenset(
    {
        "GET /",
        "GET /robots.txt",
        "GET /sitemap.xml",
        "GET /sitemap-pages.xml",
        "GET /sitemap-events-{number}.xml",
        "GET /static/{path:path}",
        "GET /theme/{theme}",
        "GET /{lang}/events/{event_id}.ics",
        "GET /ingest",
        "GET /ingest/rollover",
        "GET /calendar",
        "GET /calendar/programme",
        "POST /ingest/hat",
        "POST /calendar/hat",
        "POST /ingest/logout",
        "POST /calendar/logout",
    }
)
"""Routes that answer with a file, or lead on to a page."""
