from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.submission.content import read_event
from services.ingest.submission.dates import find_gap, is_doubled, resolve_instant
from services.ingest.submission.field_errors import ValidationFailed
from shared.event.model import serialize_part
from shared.field_error import FieldError
from shared.i18n.text import Text
from tests.services.ingest.builders import KNOWN, make_event

WARSAW = ZoneInfo("Europe/Warsaw")


def kept(**dates: Any) -> dict[str, Any]:  # noqa: ANN401 - dates and folds
    return serialize_part(read_event(make_event(dates={"certainty": "exact", **dates}), KNOWN).dates)


def refused(**dates: Any) -> dict[str, str]:  # noqa: ANN401 - dates and folds
    with pytest.raises(ValidationFailed) as caught:
        kept(**dates)
    return {error.field: error.code for error in caught.value.errors}


def params(error: FieldError) -> dict[str, Any]:
    """What the error's text is filled with."""
    assert isinstance(error.message, Text)
    return error.message.params


def test_a_time_in_the_spring_gap_is_refused_with_the_two_beside_it() -> None:
    with pytest.raises(ValidationFailed) as caught:
        kept(start="2027-03-28T02:30", end="2027-03-28T06:00")

    [error] = caught.value.errors
    assert (error.field, error.code) == ("dates.start", "skipped_hour")
    assert (params(error)["before"], params(error)["after"]) == ("01:30", "03:30")


@pytest.mark.parametrize("time", ["01:59", "03:00"])
def test_times_on_both_sides_of_the_gap_are_taken(time: str) -> None:
    assert kept(start=f"2027-03-28T{time}", end="2027-03-28T06:00")["start"] == f"2027-03-28T{time}"


def test_a_time_that_comes_twice_needs_to_say_which() -> None:
    assert refused(start="2027-10-31T02:30", end="2027-10-31T06:00") == {"dates.start": "doubled_hour"}
    assert kept(start="2027-10-31T02:30", end="2027-10-31T06:00", start_fold=1)["start_fold"] == 1
    assert kept(start="2027-10-31T02:30", end="2027-10-31T06:00", fold=0)["start_fold"] == 0


def test_one_fold_speaks_for_both_ends() -> None:
    assert kept(start="2027-10-31T02:00", end="2027-10-31T02:30", fold=1) == {
        "certainty": "exact",
        "start": "2027-10-31T02:00",
        "end": "2027-10-31T02:30",
        "start_fold": 1,
        "end_fold": 1,
    }


def test_a_fold_beside_a_time_that_comes_once_is_not_kept() -> None:
    assert "start_fold" not in kept(start="2027-08-14T18:00", end="2027-08-14T20:00", start_fold=1)


def test_an_end_in_the_first_of_two_hours_is_before_a_start_in_the_second() -> None:
    night = {"start": "2027-10-31T02:30", "end": "2027-10-31T02:45"}

    assert refused(**night, start_fold=1, end_fold=0) == {"dates.end": "before_start"}
    assert kept(**night, start_fold=0, end_fold=1)["end_fold"] == 1


def test_equal_times_mean_that_the_end_is_not_known() -> None:
    dates = kept(start="2027-08-14T18:00", end="2027-08-14T18:00")

    assert dates["start"] == dates["end"]


@pytest.mark.parametrize(
    "moment",
    [
        "2027-02-29",
        "2027-8-14",
        "2027-08-14T18:00:00",
        "2027-08-14T18:00Z",
        "2027-08-14T24:00",
        "2027-08-14T18:60",
        "2027-08-14 18:00",
        "٢٠٢٧-08-14",
        "",
    ],
)
def test_only_dates_and_local_times_are_read(moment: str) -> None:
    assert refused(start=moment, end="2027-08-16")["dates.start"] in {"not_a_date", "required"}


def test_an_hour_in_a_month_or_season_is_refused() -> None:
    span = {"certainty": "month", "start": "2027-08-01T10:00", "end": "2027-08-31"}

    assert refused(**span)["dates.start"] == "time_in_span"


@given(st.datetimes(datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2060-01-01")))
def test_a_local_time_is_skipped_doubled_or_comes_back_from_utc(time: datetime) -> None:
    time = time.replace(second=0, microsecond=0)
    beside, doubled = find_gap(time, WARSAW), is_doubled(time, WARSAW)
    back = resolve_instant(time, 0, WARSAW).astimezone(WARSAW).replace(tzinfo=None)

    assert not (beside and doubled)
    assert (back == time) == (beside is None)
    if beside:
        assert beside == (time - timedelta(hours=1), time + timedelta(hours=1))


@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.integers(-30, 30))
def test_days_are_taken_exactly_if_the_end_is_not_before_the_start(first: date, days: int) -> None:
    last = first + timedelta(days=days)

    if days < 0:
        assert refused(start=str(first), end=str(last)) == {"dates.end": "before_start"}
    else:
        assert kept(start=str(first), end=str(last))["end"] == str(last)


DAYS = st.dates(date(2027, 6, 12), date(2027, 6, 15))
TIMES = st.builds(datetime.combine, DAYS, st.times().map(lambda moment: moment.replace(second=0, microsecond=0)))


@given(start=TIMES, end=TIMES)
def test_an_end_on_the_day_that_is_advised_is_taken(start: datetime, end: datetime) -> None:
    dates = {"start": start.isoformat(timespec="minutes"), "end": end.isoformat(timespec="minutes")}
    try:
        kept(**dates)
    except ValidationFailed as refused_:
        advised: date = params(refused_.errors[0])["earliest"].day
        later = datetime.combine(advised, end.time()).isoformat(timespec="minutes")
        assert kept(**dates | {"end": later})["end"] == later
        sooner = datetime.combine(advised - timedelta(days=1), end.time()).isoformat(timespec="minutes")
        assert refused(**dates | {"end": sooner}) == {"dates.end": "before_start"}


def test_an_end_past_midnight_is_told_the_next_day() -> None:
    with pytest.raises(ValidationFailed) as caught:
        kept(start="2027-06-12T22:00", end="2027-06-12T02:00")

    assert params(caught.value.errors[0])["earliest"].day == date(2027, 6, 13)


def test_the_day_that_is_advised_counts_the_hour_that_comes_twice() -> None:
    with pytest.raises(ValidationFailed) as caught:
        kept(start="2027-10-31T02:30", end="2027-10-31T02:45", start_fold=1, end_fold=0)

    assert params(caught.value.errors[0])["earliest"].day == date(2027, 11, 1)
