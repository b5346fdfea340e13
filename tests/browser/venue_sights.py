"""The pages of the register of venues."""

from __future__ import annotations

from typing import Final

from tests.browser.sight import Sight, one_after_another, press, write

LIST: Final = ("GET /ingest/venues",)
VENUE: Final = ("GET /ingest/venues/{venue_id}",)
VENUE_SENT: Final = (*VENUE, "POST /ingest/venues/{venue_id}")
FORM: Final = ("GET /ingest/submissions/new", "POST /ingest/drafts/{draft_id}", "GET /ingest/drafts/{draft_id}")
FIND: Final = one_after_another(write("Nazwa miejsca", "przystan"), press("Znajdź w rejestrze"))
ADD: Final = one_after_another(
    write("Nazwa miejsca", "Przystań nad Jamnem"),
    write("Miejscowość", "Mielno"),
    write("Szerokość geograficzna", "54,25"),
    write("Długość geograficzna", "16,06"),
)

VENUE_SIGHTS: Final = (
    Sight("venues", "/ingest/venues", LIST, "curator", pictured=True),
    Sight("venues-en", "/ingest/venues?lang=en", LIST, "curator", translated=True),
    Sight("venues-none", "/ingest/venues?q=qqqqq", LIST, "curator"),
    Sight("venue", "/ingest/venues/{venue}?q=jamno", VENUE, "curator", pictured=True),
    Sight("venue-en", "/ingest/venues/{venue}?lang=en", VENUE, "curator", translated=True),
    Sight(
        "venue-refused",
        "/ingest/venues/{venue}",
        VENUE_SENT,
        "curator",
        act=one_after_another(write("Nazwa miejsca", ""), press("Zapisz miejsce")),
        pictured=True,
    ),
    Sight("form-place-found", "/ingest/submissions/new", FORM, "editor", act=FIND, pictured=True),
    Sight(
        "form-place-refused",
        "/ingest/submissions/new",
        FORM[:2],
        "editor",
        act=press("Dodaj to miejsce do rejestru"),
        pictured=True,
    ),
    Sight(
        "form-place-twin",
        "/ingest/submissions/new",
        FORM,
        "editor",
        act=one_after_another(ADD, press("Dodaj to miejsce do rejestru")),
        pictured=True,
    ),
)
