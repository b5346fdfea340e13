"""What the pages of an organisation lead with: what became of its event, before what a curator once decided."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from services.ingest.submission import view
from services.ingest.submission.model import Submission, apply_review, cancel, edit, withdraw
from shared.region import load_region
from shared.web.pages.parts import Tag
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import REGION, Ingest
from tests.services.ingest.forms import logged_in
from tests.services.ingest.submission.test_model import LATER, accepted, make_review, make_submission
from tests.services.ingest.test_way import review

API: Final = "/ingest/api/v1/submissions"
TODAY: Final = date(2026, 11, 29)
NEXT_YEAR: Final = date(2027, 8, 17)
PUBLIC: Final = accepted(make_submission())


def changed(submission: Submission, title: str = "Żagle nocą") -> Submission:
    return edit(submission, replace(submission.event, title={"pl": title}), at=LATER)[0]


def told(submission: Submission, **changes: Any) -> Submission:  # noqa: ANN401 - a review's fields are of all kinds
    number = submission.review.number + 1 if submission.review else 2
    return apply_review(submission, make_review(submission, number=number, **changes))


CANCELLED: Final = cancel(PUBLIC, at=LATER)[0]
STOPPED: Final = told(PUBLIC, live_status="cancelled", stopped_by_curator=True)
TAKEN_AWAY: Final = told(PUBLIC, state="withdrawn", live_status="withdrawn", stopped_by_curator=True)
REFUSED: Final = told(changed(PUBLIC), state="rejected", reason="incomplete", live_version=1)
ASKED: Final = told(changed(PUBLIC), state="changes_requested", comment="Gdzie?", live_version=1)
STANDINGS: Final = [
    ("accepted", PUBLIC, TODAY, ["accepted"], "accepted"),
    ("the organisation cancelled it", CANCELLED, TODAY, ["cancelled"], "accepted"),
    ("a curator cancelled it", STOPPED, TODAY, ["cancelled"], "cancelled_by_curator"),
    ("cancelled, and over", CANCELLED, NEXT_YEAR, ["cancelled"], "accepted"),
    ("cancelled, and another date waits", changed(CANCELLED), TODAY, ["cancelled", "waiting"], ""),
    ("the organisation withdrew it", withdraw(PUBLIC, at=LATER)[0], TODAY, ["withdrawn"], "accepted"),
    ("a curator withdrew it", TAKEN_AWAY, TODAY, ["withdrawn"], "withdrawn_by_curator"),
    ("sent again after a curator withdrew it", changed(TAKEN_AWAY), TODAY, ["waiting"], "withdrawn_by_curator"),
    ("rejected after it was accepted", REFUSED, TODAY, ["rejected"], "rejected"),
    ("changes requested after it was accepted", ASKED, TODAY, ["changes_requested"], "changes_requested"),
    (
        "rejected, while what is public is cancelled",
        cancel(REFUSED, at=LATER)[0],
        TODAY,
        ["cancelled", "rejected"],
        "rejected",
    ),
    ("over", PUBLIC, NEXT_YEAR, ["over"], "accepted"),
    ("over while it waits", make_submission(), NEXT_YEAR, ["waiting"], None),
    ("on its last day", PUBLIC, date(2027, 8, 16), ["accepted"], "accepted"),
]


@pytest.mark.parametrize(
    ("submission", "today", "tags", "what"), [case[1:] for case in STANDINGS], ids=[case[0] for case in STANDINGS]
)
def test_a_row_leads_with_how_an_event_stands(
    submission: Submission, today: date, tags: list[str], what: str | None
) -> None:
    row = view.make_row(submission, "pl", load_region(Path(REGION)), today=today)

    assert [tag.kind for tag in row.tags] == tags
    assert (row.decision.what if row.decision else None) == what


def test_a_new_date_that_waits_is_not_struck_out() -> None:
    region = load_region(Path(REGION))

    rows = [view.make_row(each, "pl", region, today=TODAY) for each in (CANCELLED, changed(CANCELLED))]

    assert [row.stamp.state for row in rows] == ["cancelled", "exact"]


def test_a_cancelled_provisional_date_is_only_cancelled() -> None:
    dates = {"certainty": "provisional", "start": "2027-08-14", "end": "2027-08-16"}
    submission = cancel(accepted(make_submission(dates=dates)), at=LATER)[0]

    row = view.make_row(submission, "pl", load_region(Path(REGION)), today=TODAY)

    assert row.tags == [Tag("cancelled")]


def leads(page: str) -> list[str]:
    """The titles of what a page says first, without their instants."""
    return [title.partition(",")[0] for title in re.findall(r'<div class="notice[^"]*"><p><b>([^<]*)</b>', page)]


def tags(page: str) -> list[str]:
    return re.findall(r'<span class="tag[^"]*">(?:<svg.*?</svg>)?([^<]*)<', page, re.DOTALL)


LIVE: Final = {"live_version": 1, "live_status": "confirmed"}
GONE: Final = {"live_version": None, "live_status": None}
SAID: Final[list[tuple[str, dict[str, Any], list[str], str]]] = [
    (
        "cancelled by a curator",
        {"live_version": 1, "live_status": "cancelled", "stopped_by_curator": True, "comment": "Sztorm."},
        ["Odwołane przez kuratora"],
        "Jeśli jednak się odbędzie, wyślij zgłoszenie ponownie.",
    ),
    (
        "withdrawn by a curator",
        {"state": "withdrawn", "live_version": 1, "live_status": "withdrawn", "stopped_by_curator": True},
        ["Wycofane przez kuratora"],
        "Nie ma tego w programie.",
    ),
    ("rejected", {"state": "rejected", "reason": "duplicate", **GONE}, ["Odrzucone"], "To samo wydarzenie"),
    (
        "changes requested",
        {"state": "changes_requested", "comment": "Gdzie?", **LIVE},
        ["Prośba o zmiany"],
        "W programie nadal jest wersja 1.",
    ),
    ("accepted", {}, ["Przyjęte"], "Przyjęto wersję 1"),
]


@pytest.mark.parametrize(("said", "titles", "words"), [case[1:] for case in SAID], ids=[case[0] for case in SAID])
async def test_the_page_of_a_submission_leads_with_how_it_stands(
    ingest: Ingest, said: dict[str, Any], titles: list[str], words: str
) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    await review(ingest, made["id"], **said)

    page = (await browser.get(f"/ingest/submissions/{made['id']}")).text

    assert leads(page) == titles
    assert words in page


async def test_the_reason_of_a_rejection_is_in_the_readers_language_also_in_the_history(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    await review(ingest, made["id"], state="rejected", reason="duplicate", **GONE)

    page = (await browser.get(f"/ingest/submissions/{made['id']}?lang=en")).text

    assert "To samo wydarzenie" not in page


async def test_the_page_of_what_the_organisation_cancelled_does_not_say_accepted(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    await review(ingest, made["id"])
    await ingest.lot.post(f"{API}/{made['id']}/cancel", headers={"If-Match": '"1"'})

    page, listed = [(await browser.get(path)).text for path in (f"/ingest/submissions/{made['id']}", "/ingest/")]

    assert leads(page) == ["Odwołane"]
    assert "W programie jest wersja 1, oznaczona jako odwołana;" in page
    assert (tags(page), tags(listed)) == (["Odwołane"], ["Odwołane"])


async def test_the_page_of_an_event_that_is_over_says_so(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    past = {"certainty": "exact", "start": "2020-08-14", "end": "2020-08-16"}
    made = (await ingest.lot.post(API, json=make_event(dates=past))).json()
    await review(ingest, made["id"])

    page, listed = [(await browser.get(path)).text for path in (f"/ingest/submissions/{made['id']}", "/ingest/")]

    assert leads(page) == ["To wydarzenie już się odbyło"]
    assert "Zakończone" in page
    assert "Zakończone" in listed
    assert "Przyjęte" not in page
