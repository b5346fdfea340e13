"""The home page says first what waits for an organisation."""

from __future__ import annotations

from services.ingest.rollover.commands import get_default_year
from services.ingest.submission.model import Review
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import logged_in
from tests.services.ingest.test_way import review

API = "/ingest/api/v1/submissions"


async def test_requested_changes_and_last_years_events_stand_on_top_and_once(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    year = get_default_year(ingest.state.get_today())
    made = (await ingest.lot.post(API, json=make_event())).json()["id"]
    await review(
        ingest, made, state="changes_requested", comment="Podaj <godzinę>.", live_version=None, live_status=None
    )
    dates = {"certainty": "exact", "start": f"{year - 1}-03-14", "end": f"{year - 1}-03-14"}
    old = (await ingest.lot.post(API, json=make_event(title={"pl": "Rejs"}, dates=dates))).json()["id"]
    accepted = Review(2, 1, "accepted", None, None, 1, "2026-01-01T12:00:00Z", 1, "confirmed")
    await ingest.state.submissions.apply_review(old, accepted)

    page = (await browser.get("/ingest/")).text

    assert page.count("Podaj &lt;godzinę&gt;.") == 1
    assert page.index("Do zrobienia") < page.index("Podaj &lt;godzinę&gt;.") < page.index(f"/ingest/rollover/{year}")
    assert page.count(f'href="/ingest/submissions/{made}/edit"') == 1
    assert f"1 wydarzenia z {year - 1} nie ma jeszcze w {year}" in page


async def test_nothing_to_do_is_not_said(ingest: Ingest) -> None:
    browser = await logged_in(ingest)

    assert "Do zrobienia" not in (await browser.get("/ingest/")).text
