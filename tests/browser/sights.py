"""All pages of the three services, each in the states that it can show: what is judged by axe and by eye.

A page's route that stands in none of them fails ``test_every_page.py``.
"""

from __future__ import annotations

from typing import Final

from tests.browser.account_sights import ACCOUNTS
from tests.browser.public_sights import PUBLIC
from tests.browser.staff_sights import STAFF
from tests.browser.venue_sights import VENUE_SIGHTS

SIGHTS: Final = (*PUBLIC, *STAFF, *ACCOUNTS, *VENUE_SIGHTS)

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
        "GET /{lang}/events/{event_id}/card.png",
        "GET /ingest",
        "GET /ingest/venues/suggestions",
        "POST /ingest/submissions/{submission_id}/venue",  # for a place that was merged: tests/browser/test_venues.py
        "GET /ingest/rollover",
        "GET /calendar",
        "GET /calendar/board",
        "GET /calendar/programme",
        "GET /calendar/media/{file}",
        "POST /ingest/drafts/{draft_id}/pictures",  # the form again: tests/browser/test_pictures.py
        "POST /ingest/hat",
        "POST /calendar/hat",
        "POST /ingest/password",  # without a mail server there is no form for it
        "GET /ingest/profile/{part:str}",
        "GET /ingest/invitation/{token}/again",
        "POST /ingest/profile/sessions",
        "POST /ingest/profile/keys/{key_id}/revoke",
        "POST /ingest/colleagues/{invitation_id}",
        "POST /ingest/administration/people/invitations/{invitation_id}",
        "POST /ingest/administration/keys/{key_id}/revoke",
        "POST /ingest/still-right/{token}",
        "POST /ingest/submissions/{submission_id}/availability",
        "POST /ingest/submissions/{submission_id}/still-right",
        "POST /calendar/entries/{entry_id}/settled",
        "POST /ingest/logout",
        "POST /calendar/logout",
    }
)
"""Routes that answer with a file, or lead on to a page."""
