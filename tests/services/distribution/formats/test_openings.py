"""Opening hours of a season or an exhibition, in every format; and its place in lists."""

from __future__ import annotations

import json

import pytest

from services.distribution.formats.json_ld import render_json_ld
from services.distribution.presentation.localized_event import localize
from services.distribution.programme.indexed_event import LASTING_DAYS
from services.distribution.programme.months import build_period
from services.distribution.programme.selection import Selection
from tests.services.distribution.builders import make_message, make_programme, make_site
from tests.services.distribution.rendering import render

HOURS = [{"days": ["tue", "wed", "thu", "fri", "sat", "sun"], "opens": "10:00", "closes": "18:00"}]
SEASON = make_message(
    "a", dates={"certainty": "exact", "start": "2027-06-01", "end": "2027-09-30", "opening_hours": HOURS}
)


def test_calendars_have_its_days_and_read_its_hours() -> None:
    feed = render([SEASON]).decode().replace("\r\n ", "")

    assert "DTSTART;VALUE=DATE:20270601\r\nDTEND;VALUE=DATE:20271001\r\n" in feed
    assert r"1 czerwca – 30 września 2027\nGodziny otwarcia: wt–ndz 10:00–18:00" in feed
    assert "TRANSP:TRANSPARENT" in feed


def test_programs_have_its_hours() -> None:
    [item] = json.loads(render([SEASON], "json"))["items"]
    found = json.loads(render_json_ld(localize(SEASON, "pl", make_site())))

    assert item["_event"]["opening_hours"] == HOURS
    [schedule] = found["eventSchedule"]
    assert schedule["byDay"][0] == "https://schema.org/Tuesday"
    assert (schedule["startTime"], schedule["endTime"], schedule["endDate"]) == ("10:00:00", "18:00:00", "2027-09-30")
    assert "Godziny otwarcia: wt–ndz 10:00–18:00" in render([SEASON], "rss").decode()


def test_an_event_without_hours_says_nothing_of_them() -> None:
    plain = render([make_message("a")], "json").decode()

    assert "opening_hours" not in plain
    assert "Godziny otwarcia" not in plain


@pytest.mark.parametrize(("last", "lasts"), [(LASTING_DAYS - 1, False), (LASTING_DAYS, True)])
def test_what_runs_for_long_stands_apart(last: int, *, lasts: bool) -> None:
    dates = {"certainty": "exact", "start": "2027-08-01", "end": f"2027-08-{last:02}"}
    programme = make_programme([make_message("a", dates=dates)])

    period = build_period(Selection().filter(programme), "2027-08-01")

    assert (len(period.lasting), len(period.starting)) == (int(lasts), int(not lasts))
    assert [each.id for each in period] == ["a"]
