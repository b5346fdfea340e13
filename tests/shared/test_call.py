"""The rules of a call: its phases, the days left, what is locked, and late codes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.call import (
    Call,
    CallPhase,
    digest_late_code,
    find_end_of_day,
    find_last_day,
    find_start_of_day,
    parse_call,
    parse_instant,
)
from shared.clock import write_instant
from shared.messages import CallAnnounced

WARSAW = ZoneInfo("Europe/Warsaw")
ZONES = st.sampled_from(
    [WARSAW, *map(ZoneInfo, ("America/Sao_Paulo", "America/New_York", "Asia/Beirut", "Pacific/Auckland", "UTC"))]
)
"""Two of them change their clocks at midnight, so that a day begins at one o'clock."""
DAYS = st.dates(date(2000, 1, 2), date(2060, 12, 30))
INSTANTS = st.integers(946_771_200, 2_871_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
CODE = "7K2M-9QXT-4HPD-WZ6R"


def make_call(
    opens: date = date(2026, 10, 1),
    deadline: date = date(2026, 12, 15),
    freeze: date = date(2027, 1, 15),
    *,
    zone: ZoneInfo = WARSAW,
    locked: tuple[str, ...] = ("dates", "category"),
    codes: tuple[str, ...] = (),
) -> Call:
    return parse_call(
        CallAnnounced(
            year=2027,
            number=1,
            opens_at=write_instant(find_start_of_day(opens, zone)),
            deadline_at=write_instant(find_end_of_day(deadline, zone)),
            freeze_at=write_instant(find_end_of_day(freeze, zone)),
            answer_days=14,
            criteria={"pl": "Dla gości z daleka."},
            locked_fields=list(locked),
            late_codes=[digest_late_code(each) for each in codes],
            announced_at="2026-09-20T10:00:00.000Z",
        )
    )


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        ("2026-09-30T23:59:59.999+02:00", "ahead"),
        ("2026-10-01T00:00:00+02:00", "open"),
        ("2026-12-15T23:59:59.999+01:00", "open"),
        ("2026-12-16T00:00:00+01:00", "late"),
        ("2027-01-15T23:59:59.999+01:00", "late"),
        ("2027-01-16T00:00:00+01:00", "frozen"),
    ],
)
def test_deadline_and_freeze_are_the_end_of_their_local_day(now: str, phase: CallPhase) -> None:
    assert make_call().get_phase(parse_instant(now)) == phase


def test_deadline_on_the_day_when_clocks_go_back_has_25_hours() -> None:
    call = make_call(opens=date(2026, 10, 25), deadline=date(2026, 10, 25))

    assert call.deadline_at - call.opens_at == timedelta(hours=25)


@given(day=DAYS, zone=ZONES)
def test_day_is_found_again_by_its_end(day: date, zone: ZoneInfo) -> None:
    assert find_last_day(find_end_of_day(day, zone), zone) == day


@given(day=DAYS, zone=ZONES, ahead=st.integers(0, 999_999))
def test_instant_is_before_a_days_end_exactly_if_its_local_day_is_no_later(
    day: date, zone: ZoneInfo, ahead: int
) -> None:
    start, end = find_start_of_day(day, zone), find_end_of_day(day, zone)
    inside = start + (end - start) * ahead // 1_000_000

    assert inside.astimezone(zone).date() == day
    assert end.astimezone(zone).date() > day


@given(deadline=DAYS, now=INSTANTS, zone=ZONES)
def test_days_left_are_less_than_none_exactly_after_the_deadline(deadline: date, now: datetime, zone: ZoneInfo) -> None:
    call = make_call(opens=date(2000, 1, 1), deadline=deadline, freeze=date(2060, 12, 31), zone=zone)

    assert (call.days_left(now, zone) < 0) == call.is_past_deadline(now)


@given(first=INSTANTS, second=INSTANTS)
def test_phase_never_goes_back(first: datetime, second: datetime) -> None:
    order: list[CallPhase] = ["ahead", "open", "late", "frozen"]
    earlier, later = sorted((first, second))
    call = make_call()

    assert order.index(call.get_phase(earlier)) <= order.index(call.get_phase(later))


def test_on_the_last_day_no_day_is_left() -> None:
    assert make_call().days_left(parse_instant("2026-12-15T23:30:00+01:00"), WARSAW) == 0


def test_locked_fields_that_differ_are_named_in_the_order_of_the_call() -> None:
    before = {"title": {"pl": "Żagle"}, "dates": {"start": "2027-08-14"}, "category": "maritime"}
    after = {"title": {"pl": "Żagle!"}, "dates": {"start": "2027-08-15"}, "category": "family"}

    assert make_call().list_locked_changes(before, after) == ("dates", "category")
    assert make_call().list_locked_changes(before, {**before, "title": {"pl": "Żagle!"}}) == ()
    assert make_call(locked=("website",)).list_locked_changes(before, {**before, "website": "https://a.pl"}) == (
        "website",
    )


@pytest.mark.parametrize("typed", [CODE, CODE.lower(), f"  {CODE} ", CODE.replace("-", ""), CODE.replace("-", " – ")])
def test_late_code_is_accepted_as_people_type_it(typed: str) -> None:
    assert make_call(codes=("AAAA-AAAA-AAAA-AAAA", CODE)).accepts_code(typed)


@given(typed=st.text(max_size=40))
def test_other_code_is_not_accepted(typed: str) -> None:
    assert not make_call(codes=(CODE,)).accepts_code(typed)


def test_call_without_codes_accepts_none() -> None:
    assert not make_call().accepts_code("")


def test_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="without an offset"):
        parse_instant("2026-12-16T00:00:00")
