"""What a call admits, and what is late."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from services.ingest.call.model import (
    Admission,
    CallClosed,
    CallNotOpen,
    FieldLocked,
    LateCodeWrong,
    choose_call,
    list_other_calls,
)
from services.ingest.call.view import CallDays, list_bricks
from services.ingest.submission.model import Review, apply_review, edit, edit_current, state_availability, submit
from shared.call import Call, parse_call, parse_instant
from shared.messages import Organiser
from tests.services.ingest.builders import kept_event
from tests.services.ingest.call.builders import AHEAD, CODE, FROZEN, LATE, OPEN, make_announcement

WARSAW = ZoneInfo("Europe/Warsaw")
CALLS = {2027: parse_call(make_announcement())}
SENT, _ = submit(kept_event(), id="s1", organiser=Organiser("lot", "LOT"), at=OPEN)


def make_admission(at: str, *, late_code: str = "", calls: dict[int, Call] | None = None) -> Admission:
    known = CALLS if calls is None else calls
    return Admission(find_call=known.get, at=at, zone=WARSAW, curator="ZROT", late_code=late_code)


@pytest.mark.parametrize(("at", "late_code", "late"), [(OPEN, "", False), (LATE, CODE, True), (FROZEN, CODE, True)])
def test_new_event_is_admitted_while_the_call_is_open_or_with_a_late_code(at: str, late_code: str, late: bool) -> None:  # noqa: FBT001 - a case
    assert make_admission(at, late_code=late_code).admit_new("2027-08-14T18:00") is late


def test_new_event_before_the_opening_is_refused_with_the_day() -> None:
    with pytest.raises(CallNotOpen) as error:
        make_admission(AHEAD).admit_new("2027-08-14")

    assert (error.value.year, error.value.day) == (2027, date(2026, 10, 1))


@pytest.mark.parametrize("at", [LATE, FROZEN])
def test_new_event_after_the_deadline_is_refused_with_its_day_and_whom_to_write_to(at: str) -> None:
    with pytest.raises(CallClosed) as error:
        make_admission(at).admit_new("2027-08-14")

    assert (error.value.year, error.value.day, error.value.curator) == (2027, date(2026, 12, 15), "ZROT")


@pytest.mark.parametrize("at", [AHEAD, OPEN, LATE, FROZEN])
def test_year_without_a_call_takes_everything(at: str) -> None:
    other = edit(SENT, kept_event(category="family"), at=at)[0]

    assert make_admission(at, calls={}).admit_new("2027-08-14") is False
    assert make_admission(at).admit_new("2028-08-14") is False
    assert make_admission(at, calls={}).admit_change(SENT, other) is False


def test_wrong_late_code_is_said_to_be_wrong_only_where_one_is_needed() -> None:
    with pytest.raises(LateCodeWrong):
        make_admission(LATE, late_code="AAAA").admit_new("2027-08-14")
    assert make_admission(OPEN, late_code="AAAA").admit_new("2027-08-14") is False


@pytest.mark.parametrize(("at", "late"), [(AHEAD, False), (OPEN, False), (LATE, True), (FROZEN, True)])
def test_correction_of_other_fields_goes_in_and_is_late_after_the_deadline(at: str, late: bool) -> None:  # noqa: FBT001 - a case
    after = edit(SENT, kept_event(title={"pl": "Żagle 2027"}), at=at)[0]

    assert make_admission(at).admit_change(SENT, after) is late


def test_locked_fields_are_named() -> None:
    dates = {"certainty": "exact", "start": "2027-08-15", "end": "2027-08-16"}
    after = edit(SENT, kept_event(dates=dates, category="family", title={"pl": "Inny"}), at=LATE)[0]

    with pytest.raises(FieldLocked) as error:
        make_admission(LATE).admit_change(SENT, after)

    assert error.value.fields == ("category", "dates")
    assert make_admission(LATE, late_code=CODE).admit_change(SENT, after) is True


def test_locked_dates_become_exact_on_the_same_days_only() -> None:
    days = {"start": "2027-08-14", "end": "2027-08-16"}
    provisional = edit(SENT, kept_event(dates={"certainty": "provisional", **days}), at=OPEN)[0]
    month = edit(SENT, kept_event(dates={"certainty": "month", "start": "2027-08-01", "end": "2027-08-31"}), at=OPEN)[0]

    exact = edit(provisional, kept_event(dates={"certainty": "exact", **days}), at=LATE)[0]

    assert make_admission(LATE).admit_change(provisional, exact) is True
    for before, dates, category in (
        (provisional, {"certainty": "exact", **days, "end": "2027-08-17"}, None),
        (month, {"certainty": "exact", "start": "2027-08-01", "end": "2027-08-31"}, None),
        (exact, {"certainty": "provisional", **days}, None),
        (provisional, {"certainty": "exact", **days}, "family"),
    ):
        changed = kept_event(dates=dates, **({"category": category} if category else {}))
        with pytest.raises(FieldLocked):
            make_admission(LATE).admit_change(before, edit(before, changed, at=LATE)[0])


def test_locked_field_may_change_where_a_curator_asked_for_changes() -> None:
    review = Review(1, 1, "changes_requested", None, "Podaj dzień.", 1, OPEN, None, None)
    asked = apply_review(SENT, review)
    after = edit(asked, kept_event(category="family"), at=LATE)[0]

    assert make_admission(LATE).admit_change(asked, after) is True
    assert make_admission(LATE).list_locked(asked) == ()


def test_what_was_stated_of_locked_tickets_goes_in_with_a_correction_and_nothing_else_of_them() -> None:
    calls = {2027: parse_call(make_announcement(locked_fields=["tickets"]))}
    accepted = apply_review(SENT, Review(1, 1, "accepted", None, None, 1, OPEN, 1, "confirmed"))
    sold_out, _ = state_availability(accepted, availability="sold_out", at=LATE)
    admission = make_admission(LATE, calls=calls)

    for tickets in (sold_out.current_event.tickets, sold_out.event.tickets):
        form = structs.replace(sold_out.event, title={"pl": "Żagle 2027"}, tickets=tickets)
        assert admission.admit_change(sold_out, edit_current(sold_out, form, at=LATE)[0]) is True
    for other in ({"free": False, "availability": "sold_out"}, {"free": True, "availability": "few_left"}):
        with pytest.raises(FieldLocked):
            admission.admit_change(sold_out, edit(sold_out, kept_event(tickets=other), at=LATE)[0])


@pytest.mark.parametrize(("at", "locked"), [(OPEN, ()), (LATE, ("category", "dates")), (FROZEN, ("category", "dates"))])
def test_fields_are_locked_since_the_deadline(at: str, locked: tuple[str, ...]) -> None:
    assert make_admission(at).list_locked(SENT) == locked
    assert make_admission(at, calls={}).list_locked(SENT) == ()


def test_event_that_moves_to_another_year_is_new_there() -> None:
    calls = {2028: parse_call(make_announcement(year=2028))}
    dates = {"certainty": "exact", "start": "2028-08-15", "end": "2028-08-16"}
    after = edit(SENT, kept_event(dates=dates), at=LATE)[0]

    with pytest.raises(CallClosed):
        make_admission(LATE, calls=calls).admit_change(SENT, after)
    assert make_admission(OPEN, calls=calls).admit_change(SENT, after) is False


def make_call(year: int, opens: str, deadline: str) -> Call:
    return parse_call(make_announcement(year=year, opens_at=opens, deadline_at=deadline))


def test_call_that_is_shown_is_the_open_one_that_ends_first_then_the_next_then_the_last() -> None:
    past = make_call(2027, "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z")
    soon = make_call(2028, "2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z")
    later = make_call(2029, "2026-10-01T00:00:00Z", "2026-12-02T00:00:00Z")
    ahead = make_call(2030, "2026-12-20T00:00:00Z", "2027-01-01T00:00:00Z")
    now = parse_instant(OPEN)

    assert choose_call([past, later, soon, ahead], now, WARSAW) is soon
    assert choose_call([past, ahead], now, WARSAW) is ahead
    assert choose_call([past], now, WARSAW) is past
    assert choose_call([past], parse_instant("2028-01-01T12:00:00Z"), WARSAW) is None
    assert choose_call([], now, WARSAW) is None


def test_other_calls_are_the_open_ones_then_the_late_ones() -> None:
    over = parse_call(
        make_announcement(year=2026, deadline_at="2025-11-01T00:00:00Z", freeze_at="2025-12-01T00:00:00Z")
    )
    late = parse_call(make_announcement(year=2027, deadline_at="2026-11-01T00:00:00Z"))
    soon = make_call(2028, "2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z")
    later = make_call(2029, "2026-10-01T00:00:00Z", "2026-12-02T00:00:00Z")
    ahead = make_call(2030, "2026-12-20T00:00:00Z", "2027-01-01T00:00:00Z")
    calls = [ahead, late, later, over, soon]

    assert list_other_calls(calls, soon, parse_instant(OPEN), WARSAW) == [later, late]
    assert list_other_calls(calls, late, parse_instant(OPEN), WARSAW) == [soon, later]
    assert list_other_calls([soon], soon, parse_instant(OPEN), WARSAW) == []


@given(
    opens=st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    days=st.tuples(st.integers(0, 400), st.integers(0, 400)),
    today=st.dates(date(2025, 12, 1), date(2029, 6, 1)),
)
def test_course_has_today_once_and_the_deadline_where_it_is_not_today(
    opens: date, days: tuple[int, int], today: date
) -> None:
    deadline = opens + timedelta(days=days[0])
    freeze = deadline + timedelta(days=days[1])

    bricks = list_bricks(CallDays(opens, today, deadline, freeze), today_label="dziś")

    kinds = [each.kind for each in bricks]
    assert len(bricks) == min(16, (freeze - opens).days + 1)
    assert kinds.count("now") == (opens <= today <= freeze)
    assert kinds.count("end") + kinds.count("now") in {1, 2}
    order = {"": 0, "now": 1, "left": 2, "end": 3, "after": 4}
    without_today = [order[each] for each in kinds if each not in {"now", ""}]
    assert without_today == sorted(without_today)
