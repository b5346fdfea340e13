"""What waits for an organisation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.ingest.rollover.commands import LastYearsEvent, Rollover
from services.ingest.rollover.model import propose
from services.ingest.submission.model import Review, Submission, submit
from services.ingest.to_do.view import is_uncertain, list_to_do
from shared.messages import Organiser
from shared.region import load_region
from tests.services.ingest.builders import kept_event

REGION = load_region(Path("deploy/region"))
TODAY = date(2027, 6, 1)


def make_submission(certainty: str = "exact", start: str = "2027-08-14", **review: Any) -> Submission:  # noqa: ANN401 - of all kinds
    event = kept_event(dates={"certainty": certainty, "start": start, "end": start})
    made, _ = submit(event, id=f"{certainty}-{start}", organiser=Organiser("lot", "LOT"), at="2027-01-01T12:00:00Z")
    known: dict[str, Any] = {
        "number": 2,
        "version": 1,
        "state": "accepted",
        "reason": None,
        "comment": None,
        "decided_version": 1,
        "reviewed_at": "2027-01-02T12:00:00Z",
        "live_version": 1,
        "live_status": "confirmed",
    }
    return replace(made, review=Review(**known | review))


@pytest.mark.parametrize(
    ("certainty", "start", "uncertain"),
    [
        ("provisional", "2027-08-14", True),
        ("month", "2027-08-01", True),
        ("exact", "2027-08-14", False),
        ("provisional", "2027-12-14", False),
        ("provisional", "2027-05-14", False),
    ],
)
def test_a_date_should_be_sure_when_the_event_comes_near(certainty: str, start: str, *, uncertain: bool) -> None:
    assert is_uncertain(make_submission(certainty, start), TODAY) is uncertain


@pytest.mark.parametrize("review", [{"state": "rejected"}, {"live_status": "cancelled"}])
def test_what_does_not_take_place_need_not_be_sure(review: dict[str, str]) -> None:
    assert is_uncertain(make_submission("provisional", **review), TODAY) is False


def test_what_a_curator_waits_for_comes_first_and_last_year_at_the_end() -> None:
    near = make_submission("provisional")
    requested = make_submission(
        state="changes_requested", comment="Podaj godzinę.", live_version=None, live_status=None
    )
    renewal = propose(near.event, 2028, REGION.time_zone)
    rollover = Rollover(2028, [LastYearsEvent(near, renewal)])

    found = list_to_do([near, requested], rollover, "en", REGION, today=TODAY)

    assert [each.act.url for each in found] == [f"/ingest/submissions/{requested.id}/edit", "", "/ingest/rollover/2028"]
    assert found[0].said == "Podaj godzinę."
    assert [each.url for each in found[1].dates] == [f"/ingest/submissions/{near.id}/edit"]


def test_nothing_waits_where_all_is_done() -> None:
    assert list_to_do([make_submission()], Rollover(2028, []), "pl", REGION, today=TODAY) == []
